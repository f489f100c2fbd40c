"""A configuration file -> Settings, or every problem it has."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from alerts.options import CHANNELS, Escalation, Thresholds
from checks.integrations import OWN_SIDE
from checks.values import Options
from daemon.settings import placeholders, rules
from daemon.settings.document import Document, read
from daemon.settings.filling import Secrets
from daemon.settings.integrations import Read, read_all
from daemon.settings.models import HotelFile, House, IntegrationOptions, ManyFile, SingleFile
from daemon.settings.own_checks import ChecksSection
from daemon.settings.plain import validated
from daemon.settings.problems import ConfigError, dotted, unreadable
from daemon.settings.settings import Hotel, Integration, Settings
from daemon.settings.walk import hidden_in

Given = TypeVar("Given", Thresholds, Escalation)


def load(path: Path, environ: Mapping[str, str]) -> Settings:
    """Return the settings in a file and the hotel files it names; raise ConfigError with every problem."""
    secrets = Secrets(environ)
    document = read(path)
    if not set(document.data) & {*SingleFile.model_fields, *ManyFile.model_fields}:
        raise unreadable(path, "is no configuration of Night Porter: it holds none of its keys")
    _fill(document, secrets)
    house, hotels, documents = _parts(document, secrets)
    channels = _channels(document)
    if house is not None:
        rules.judge_house(house, channels, document)
    problems = [problem for one in documents for problem in one.problems]
    if house is None or problems:
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
        channels=channels,
        silences=house.silences,
        warnings=tuple(sorted(warning for one in documents for warning in one.warnings)),
        secrets=frozenset(secrets.hidden | hidden_in((house, channels, hotels))),
        given=frozenset(dotted(steps) for one in documents for steps in one.lines),
    )


def _fill(document: Document, secrets: Secrets) -> None:
    secrets.fill(document)
    placeholders.scan(document)


def _parts(document: Document, secrets: Secrets) -> tuple[House | None, list[Hotel], list[Document]]:
    """Return what holds for the whole house, the hotels, and the documents they come from."""
    data: dict[str, Any] = document.data
    if "hotels_dir" not in data:
        if "hotel" not in data:
            document.complain(
                (), "needs `hotel` (one hotel) or `hotels_dir` (a directory with a file for each)"
            )
            data = {**data, "hotel": {"id": "x", "name": "x", "timezone": "UTC"}}
        single = validated(SingleFile, data, (), document)
        integrations = read_all(document)
        hotels = [_hotel(single, single, integrations, document)] if single else []
        return single, hotels, [document]
    for key in ("hotel", "pms", "integrations"):
        if key in data:
            document.complain((key,), "belongs into the hotels' files when `hotels_dir` is given")
            data = {name: value for name, value in data.items() if name != key}
    many = validated(ManyFile, data, (), document)
    if many is None:
        return None, [], [document]
    return many, *_from_directory(many, document, secrets)


def _from_directory(
    many: ManyFile, document: Document, secrets: Secrets
) -> tuple[list[Hotel], list[Document]]:
    try:
        files = sorted(one for one in many.hotels_dir.iterdir() if one.suffix in {".yml", ".yaml"})
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
        parsed, integrations = validated(HotelFile, one.data, (), one), read_all(one)
        if parsed is None:
            continue
        twin = next((hotel for hotel in hotels if hotel.id == parsed.hotel.id), None)
        if twin is not None:
            one.complain(("hotel", "id"), f"{parsed.hotel.id} is the id of another file's hotel already")
        hotels.append(_hotel(parsed, many, integrations, one))
    return hotels, documents


def _hotel(file: HotelFile, house: House, read_integrations: Sequence[Read], document: Document) -> Hotel:
    thresholds = over(house.thresholds, file.thresholds)
    found = {
        one.name: Integration(
            one.name, one.kind, one.options, over(thresholds, one.options.thresholds), one.checks
        )
        for one in read_integrations
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
    )
    rules.judge_hotel(hotel, house, document)
    return hotel


def _untouched(name: str, thresholds: Thresholds) -> Integration:
    return Integration(name, name, IntegrationOptions(), thresholds, ChecksSection({}, {}))


def over(base: Given, special: Given) -> Given:
    """Return `base` with everything that `special` was given."""
    return base.model_copy(update={name: getattr(special, name) for name in special.model_fields_set})


def _channels(document: Document) -> dict[str, Options]:
    found: dict[str, Options] = {}
    section = document.data.get("channels")
    for name, raw in section.items() if isinstance(section, dict) else ():
        here = ("channels", name)
        kind = raw.get("type") if isinstance(raw, dict) else None
        if not isinstance(raw, dict):
            continue
        if kind not in CHANNELS:
            document.complain(
                (*here, "type") if kind else here, f"needs a `type`: one of {', '.join(CHANNELS)}"
            )
            continue
        options = validated(CHANNELS[kind], raw, here, document)
        if options is not None:
            found[name] = options
    return found
