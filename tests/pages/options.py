"""Option models -> what each key is: its type in words, its limits, its default, and what it means."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Le, Lt, MinLen
from pydantic import AwareDatetime, BaseModel
from pydantic.fields import FieldInfo

from alerts.channel_options import Network
from alerts.credentials_options import Day
from alerts.options import DAYS, Clock, Country, Days, Email
from checks.expectation import Status
from checks.values import (
    UNITS,
    Count,
    Duration,
    FilePath,
    Flag,
    HeaderSecret,
    Host,
    HttpUrl,
    Id,
    IpAddress,
    Line,
    Number,
    Options,
    Port,
    Regex,
    Secret,
    Text,
    TlsTrust,
    Whole,
)
from checks.xml_document import SchemaFile
from daemon.settings.filling import SECRET_KEYS
from daemon.settings.models import Listen, Zone
from tests.pages.markdown import code, sentence

WORDS: tuple[tuple[Any, str, str], ...] = (
    (Duration, "duration", "durations"),
    (Id, "id", "ids"),
    (Email, "e-mail address", "e-mail addresses"),
    (Text, "text", "texts"),
    (Line, "text", "texts"),
    (HeaderSecret, "secret", "secrets"),
    (Secret, "secret", "secrets"),
    (Flag, "true or false", "true or false"),
    (Port, "port", "ports"),
    (Count, "whole number, at least 1", "whole numbers"),
    (Whole, "whole number", "whole numbers"),
    (Number, "number", "numbers"),
    (Host, "host", "hosts"),
    (IpAddress, "IP address", "IP addresses"),
    (HttpUrl, "URL", "URLs"),
    (Regex, "regular expression", "regular expressions"),
    (FilePath, "path", "paths"),
    (SchemaFile, "path", "paths"),
    (Zone, "time zone", "time zones"),
    (Listen, "`HOST:PORT`", "addresses"),
    (Clock, 'time of day, such as `"06:00"`', "times of day"),
    (Country, "country", "countries"),
    (Days, "days", "days"),
    (Day, "day", "days"),
    (AwareDatetime, "moment", "moments"),
    (Status, "HTTP status", "HTTP statuses"),
    (Network, "range of addresses", "ranges of addresses"),
)
"""Types of values, and how a reader is told of one and of many."""


@dataclass(frozen=True)
class Key:
    """A key of the configuration: `path` as it is written, `[]` for each of a list, `ID` for any name."""

    path: str
    type: str
    default: str
    meaning: str
    secret: bool

    def row(self, within: str = "") -> tuple[str, str, str, str]:
        """Return the key as a line of a table, its path without that of the section it stands in."""
        return code(self.path.removeprefix(within)), self.type, self.default, sentence(self.meaning)


COLUMNS = ("key", "type", "default", "what it says")


def keys_of(model: type[BaseModel], path: str = "", *, apart: frozenset[str] = frozenset()) -> Iterator[Key]:
    """Yield a model's keys and those of the sections in it, but for those that are told of elsewhere."""
    hints = get_type_hints(model, include_extras=True)
    for name in sorted(model.model_fields, key=TlsTrust.model_fields.__contains__):
        field = model.model_fields[name]
        key = field.alias or name.removesuffix("_")
        if key in apart:
            continue
        here = f"{path}{key}"
        inner, way = _section(hints[name])
        if inner is None or field.description:
            yield _key(here, key, hints[name], field)
        if inner is not None:
            yield from keys_of(inner, f"{here}{way}.")


def section_of(model: type[BaseModel], name: str) -> type[BaseModel] | None:
    """Return the model of the section that a key of a model holds."""
    return _section(get_type_hints(model, include_extras=True)[name])[0]


def _key(path: str, key: str, hint: Any, field: FieldInfo) -> Key:
    kind = words(hint)
    secret = kind == "secret"
    if key in SECRET_KEYS:
        kind += f"; or `{key}_file`"
    default = "**required**" if field.is_required() else _default(field.default, hint)
    if field.is_required() and key in SECRET_KEYS:
        default = "**required**, one of the two"
    return Key(path, kind, default, field.description or "", secret)


def words(hint: Any, *, many: bool = False) -> str:
    """Return a type in words, with its limits."""
    plain = _without_none(hint)
    for one, single, plural in sorted(WORDS, key=lambda word: -len(_extras(word[0]))):
        if _begins(plain, one):
            return plural if many else single + _limits(_extras(plain)[len(_extras(one)) :])
    return _composed(plain, many=many)


def _composed(plain: Any, *, many: bool) -> str:
    """Return a type that is made of others in words."""
    origin, arguments = get_origin(plain), get_args(plain)
    if origin is Annotated:
        limits = _limits(_extras(plain))
        return words(arguments[0], many=many) + (
            limits.replace("at least one", "not empty") if arguments[0] is str else limits
        )
    if origin is Literal:
        return ", ".join(map(code, arguments))
    if origin is tuple:
        return f"list of {words(arguments[0], many=True)}"
    if origin is dict or (isinstance(plain, type) and issubclass(plain, BaseModel)):
        return "sections" if many else "section"
    return ("texts" if many else "text") if plain is str else str(plain)


def span(seconds: float) -> str:
    """Return seconds as a duration is written."""
    fitting = (unit for unit in ("d", "h", "m", "s") if seconds % UNITS[unit] == 0)
    unit = next(fitting, "ms")
    unit = "h" if unit == "d" and seconds < 7 * UNITS["d"] else unit
    return f"{seconds / UNITS[unit]:.0f}{unit}"


def _default(value: Any, hint: Any) -> str:
    if value is None or isinstance(value, BaseModel) or value in ((), {}, ""):
        return code("always") if getattr(value, "when", None) == "always" else ""
    return code(_written(value, hint))


def _written(value: Any, hint: Any) -> str:
    """Return a value as the configuration writes it."""
    if _begins(_without_none(hint), Duration):
        return span(value)
    if isinstance(value, time):
        return f'"{value:%H:%M}"'
    if isinstance(value, tuple):
        listen = ":".join(map(str, value))
        shown = f"[{', '.join(map(str, value))}]"
        return "mon-fri" if value == DAYS[:5] else listen if _begins(hint, Listen) else shown
    return (
        str(value).lower()
        if isinstance(value, bool)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )


def _section(hint: Any) -> tuple[type[BaseModel] | None, str]:
    """Return the model of a section that a key holds, and how its keys are reached from there."""
    plain = _without_none(hint)
    if get_origin(plain) is Annotated:
        return _section(get_args(plain)[0])
    if get_origin(plain) is tuple:
        return _section(get_args(plain)[0])[0], "[]"
    if get_origin(plain) is dict:
        return _section(get_args(plain)[1])[0], ".ID"
    found = isinstance(plain, type) and issubclass(plain, Options)
    return (plain, "") if found else (None, "")


def _limits(extras: tuple[Any, ...]) -> str:
    found = []
    for one in _flat(extras):
        if isinstance(one, Ge):
            found.append(f"at least {one.ge}")
        elif isinstance(one, Gt):
            found.append(f"more than {one.gt}")
        elif isinstance(one, Le):
            found.append(f"at most {one.le}")
        elif isinstance(one, Lt):
            found.append(f"less than {one.lt}")
        elif isinstance(one, MinLen):
            found.append("at least one" if one.min_length == 1 else f"at least {one.min_length}")
    return "".join(f", {one}" for one in found)


def _flat(extras: tuple[Any, ...]) -> Iterator[Any]:
    for one in extras:
        yield from one.metadata if isinstance(one, FieldInfo) else (one,)


def _without_none(hint: Any) -> Any:
    if get_origin(hint) in (Union, UnionType):
        rest = [one for one in get_args(hint) if one is not NoneType]
        return rest[0] if len(rest) == 1 else hint
    return hint


def _extras(hint: Any) -> tuple[Any, ...]:
    return getattr(hint, "__metadata__", ())


def _begins(hint: Any, known: Any) -> bool:
    extras = _extras(known)
    return hint == known or (
        get_origin(hint) is Annotated
        and get_origin(known) is Annotated
        and hint.__origin__ == known.__origin__
        and _extras(hint)[: len(extras)] == extras
    )
