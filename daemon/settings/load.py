"""A configuration file -> Settings, or every problem it has."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from alerts.channel_options import CHANNELS
from alerts.credentials import Credential
from alerts.maintenance import Task
from alerts.notification import MAIL
from alerts.options import Thresholds
from checks.integrations import OWN_SIDE
from checks.values import Options
from daemon.clock import SystemClock
from daemon.logs import Redactor
from daemon.settings import credentials, placeholders, recurring, rules
from daemon.settings.document import Document, read
from daemon.settings.filling import UNSET, Secrets
from daemon.settings.integrations import read_all
from daemon.settings.models import HotelFile, House, IntegrationOptions, ManyFile, SingleFile
from daemon.settings.own_checks import ChecksSection
from daemon.settings.plain import parsed, validated
from daemon.settings.plan import unbuildable
from daemon.settings.planned import judge_silences
from daemon.settings.problems import ConfigError, unreadable
from daemon.settings.settings import Hotel, Integration, Settings
from daemon.settings.walk import hidden_in
from daemon.state_address import passwords_in

Given = TypeVar("Given", bound=Options)
Sections = TypeVar("Sections", SingleFile, ManyFile, HotelFile)

NOBODY = {"id": "nobody", "name": "nobody", "timezone": "UTC"}
NOWHERE = "nowhere"
"""What stands for a hotel, or a directory of hotels, that is itself at fault."""


def load(path: Path, environ: Mapping[str, str]) -> Settings:
    """Return the settings in a file and the hotel files it names; raise ConfigError with every problem."""
    secrets = Secrets(environ)
    try:
        return _load(path, secrets)
    except ConfigError as error:
        # What is wrong may quote what is there, and that may have come from a variable.
        raise error.cleaned(Redactor(secrets.variables | secrets.hidden)) from None


def _load(path: Path, secrets: Secrets) -> Settings:
    document = read(path)
    if not set(document.data) & {*SingleFile.model_fields, *ManyFile.model_fields}:
        raise unreadable(path, "is no configuration of Night Porter: it holds none of its keys")
    _fill(document, secrets)
    house, hotels, documents = _parts(document, secrets)
    channels = _channels(document)
    rules.judge_house(house, channels, document)
    recurring.judge(house.maintenance.tasks, house.maintenance.tasks, document)
    if isinstance(house, ManyFile):
        credentials.judge(house.credentials, house.credentials, None, document, SystemClock().now().date())
    if not any(one.broken & {"hotel", "integrations"} for one in documents):
        judge_silences(house.silences, hotels, document)
    problems = [problem for one in documents for problem in one.problems]
    if problems:
        raise ConfigError(problems)
    return Settings(
        file=path,
        hotels=tuple(hotels),
        state=house.state,
        listen=house.listen,
        web=house.web,
        dead_man=house.dead_man,
        log=house.log,
        dns=house.dns,
        mail=house.mail,
        drills=house.drills,
        channels=channels,
        silences=house.silences,
        warnings=tuple(sorted(warning for one in documents for warning in one.warnings)),
        secrets=frozenset(secrets.hidden | hidden_in((house, channels, hotels)) | passwords_in(house.state)),
    )


def _fill(document: Document, secrets: Secrets) -> None:
    secrets.fill(document)
    placeholders.scan(document)


def _parts(document: Document, secrets: Secrets) -> tuple[House, list[Hotel], list[Document]]:
    """Return what holds for the whole house, the hotels, and the documents they come from."""
    data: dict[str, Any] = document.data
    if "hotels_dir" not in data:
        if "hotel" not in data:
            document.complain(
                (), "needs `hotel` (one hotel) or `hotels_dir` (a directory with a file for each)"
            )
            data = {**data, "hotel": NOBODY}
        single = _sections(SingleFile, data, document)
        return single, [_hotel(single, single, document, document)], [document]
    for key in ("hotel", "pms", "integrations"):
        if key in data:
            document.complain((key,), "belongs into the hotels' files when `hotels_dir` is given")
            data = {name: value for name, value in data.items() if name != key}
    many = _sections(ManyFile, data, document)
    return many, *_from_directory(many, document, secrets)


def _sections(model: type[Sections], data: dict[str, Any], document: Document) -> Sections:
    """Return a whole file's model; a section with faults is noted, and left as if it were not there."""
    found = validated(model, data, (), document)
    if found is not None:
        return found
    sound = {key: value for key, value in data.items() if key not in document.broken}
    needed = {"hotel": NOBODY, "hotels_dir": NOWHERE}
    for key in needed.keys() & model.model_fields.keys() - sound.keys():
        sound[key] = needed[key]
    return parsed(model, sound, document)


def _from_directory(
    many: ManyFile, document: Document, secrets: Secrets
) -> tuple[list[Hotel], list[Document]]:
    if "hotels_dir" in document.broken:
        return [], [document]
    try:
        files = sorted(one for one in many.hotels_dir.iterdir() if _is_hotel_file(one))
    except OSError as error:
        document.complain(
            ("hotels_dir",), f"the directory {many.hotels_dir} cannot be read: {error.strerror}"
        )
        return [], [document]
    if not files:
        document.complain(("hotels_dir",), f"the directory {many.hotels_dir} holds no file ending in .yml")
    hotels: list[Hotel] = []
    documents = [document]
    for file in files:
        try:
            one = read(file)
        except ConfigError as error:
            document.problems.extend(error.problems)
            continue
        documents.append(one)
        _fill(one, secrets)
        parsed = _sections(HotelFile, one.data, one)
        twin = next((hotel for hotel in hotels if hotel.id == parsed.hotel.id), None)
        if twin is not None and "hotel" not in one.broken:
            one.complain(("hotel", "id"), f"{parsed.hotel.id} is the id of another file's hotel already")
        hotels.append(_hotel(parsed, many, one, document))
    return hotels, documents


def _is_hotel_file(file: Path) -> bool:
    """Say whether a file holds a hotel: editors leave others beside it while somebody types."""
    return file.suffix.lower() in {".yml", ".yaml"} and not file.name.startswith(".") and not file.is_dir()


def _hotel(file: HotelFile, house: House, document: Document, home: Document) -> Hotel:
    """Return a hotel: what its own document says, over what `home` says for all."""
    thresholds = over(house.thresholds, file.thresholds)
    found = {
        one.name: Integration(
            one.name, one.kind, one.options, over(thresholds, one.options.thresholds), one.checks
        )
        for one in read_all(document)
    }
    own_side = {name: found.pop(name) if name in found else _untouched(name, thresholds) for name in OWN_SIDE}
    hotel = Hotel(
        id=file.hotel.id,
        name=file.hotel.name,
        timezone=file.hotel.timezone,
        thresholds=thresholds,
        escalation=over(house.escalation, file.escalation),
        control=file.control or house.control,
        pms=file.pms,
        integrations=found,
        own_side=own_side,
        tasks=_tasks(file, house, document, home),
        credentials=_credentials(file, house, found, document, home),
        reports=over(house.reports, file.reports),
    )
    rules.judge_hotel(hotel, house, document, home)
    for steps, message in unbuildable(hotel):
        document.complain(steps, message)
    return hotel


def _tasks(file: HotelFile, house: House, document: Document, home: Document) -> tuple[Task, ...]:
    tasks = recurring.over(house.maintenance.tasks, file.maintenance.tasks)
    if document is not home:
        recurring.judge(file.maintenance.tasks, tasks, document)
    return recurring.tasks_of(tasks)


def _credentials(
    file: HotelFile, house: House, there: Mapping[str, object], document: Document, home: Document
) -> tuple[Credential, ...]:
    found = credentials.over(house.credentials, file.credentials)
    credentials.judge(file.credentials, found, there, document, SystemClock().now().date())
    return credentials.credentials_of(found)


def _untouched(name: str, thresholds: Thresholds) -> Integration:
    return Integration(name, name, IntegrationOptions(), thresholds, ChecksSection({}, {}))


def over(base: Given, special: Given) -> Given:
    """Return `base` with everything that `special` was given, down to single keys."""
    given: dict[str, object] = {}
    for name in special.model_fields_set:
        inner, before = getattr(special, name), getattr(base, name)
        both = isinstance(inner, Options) and isinstance(before, Options)
        given[name] = over(before, inner) if both else inner
    return base.model_copy(update=given)


def _channels(document: Document) -> dict[str, Options]:
    found: dict[str, Options] = {}
    section = document.data.get("channels")
    for name, raw in section.items() if isinstance(section, dict) else ():
        here = ("channels", name)
        kind = raw.get("type") if isinstance(raw, dict) else None
        if not isinstance(raw, dict):
            continue
        if isinstance(kind, str) and UNSET in kind:
            continue
        if name == MAIL:
            document.complain(here, f"{MAIL} is what `mail` is called already; give this one another name")
        if not isinstance(kind, str) or kind not in CHANNELS:
            document.complain(
                (*here, "type") if kind else here, f"needs a `type`: one of {', '.join(CHANNELS)}"
            )
            continue
        options = validated(CHANNELS[kind], raw, here, document)
        if options is not None:
            found[name] = options
    return found
