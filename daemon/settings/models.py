"""The shape of the configuration: one model a section."""

import re
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, TypeAdapter, WithJsonSchema

from alerts.credentials_options import CredentialOptions
from alerts.drill_options import Drills
from alerts.maintenance_options import Maintenance
from alerts.options import Escalation, MailOptions, Silence, Thresholds
from alerts.reports.options import Reports
from checks.integrations.options import Pms, System
from checks.values import (
    Duration,
    FilePath,
    HeaderSecret,
    HttpUrl,
    Id,
    IpAddress,
    Options,
    Port,
    Text,
)
from daemon.state_address import SCHEMES, postgres_address


def _zone(value: object) -> object:
    try:
        return ZoneInfo(str(value))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("is not a time zone; write one such as Europe/Lisbon") from error


_LISTEN = re.compile(r"\[[0-9A-Fa-f:.%]+\]|[0-9A-Fa-f:.]+|[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")


def _listen(value: object) -> object:
    host, colon, port = value.rpartition(":") if isinstance(value, str) else ("", "", "")
    fits = port.isascii() and port.isdigit() and int(port) <= 65535
    if not colon or not _LISTEN.fullmatch(host) or not fits:
        raise ValueError("is not an address to listen on; write one such as 127.0.0.1:9187 or [::1]:9187")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _state(value: str) -> str:
    if value.startswith("sqlite:////") and len(value) > len("sqlite:////") and "?" not in value:
        return value
    if value.startswith(SCHEMES):
        postgres_address(value)
        return value
    raise ValueError(
        "must be sqlite:////absolute/path/state.db (four slashes) or postgresql://user@host/database"
    )


_HTTP_URL: TypeAdapter[str] = TypeAdapter(HttpUrl)


def _control(value: str) -> str:
    scheme, mark, rest = value.partition("://")
    if scheme in {"http", "https"} and rest:
        return _HTTP_URL.validate_python(value)
    host, _, port = rest.rpartition(":")
    fits = port.isascii() and port.isdigit() and 1 <= int(port) <= 65535
    if scheme != "tcp" or not mark or not host or not fits:
        raise ValueError("must be tcp://host:port or an http(s):// URL, such as tcp://1.1.1.1:443")
    return value


Zone = Annotated[ZoneInfo, BeforeValidator(_zone), WithJsonSchema({"type": "string"})]
Listen = Annotated[tuple[str, int], BeforeValidator(_listen), WithJsonSchema({"type": "string"})]


def _at_least_a_second(value: float) -> float:
    if value < 1:
        raise ValueError("must be at least 1s")
    return value


class HotelId(Options):
    """Which hotel it is."""

    id: Id
    name: Text
    timezone: Zone


class Web(Options):
    """Who may look, and where people find the porter."""

    token: HeaderSecret | None = None
    public_url: HttpUrl | None = None


class DeadMan(Options):
    """A watchdog elsewhere that is pinged while all is well inside."""

    url: HttpUrl
    interval: Annotated[Duration, AfterValidator(_at_least_a_second)] = 60.0


class Log(Options):
    """How much is logged, and in which form."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["json", "console"] = "json"


class Dns(Options):
    """Which name servers DNS checks ask."""

    servers: tuple[IpAddress, ...] = ()
    port: Port = 53


class IntegrationOptions(System):
    """One external system of a hotel, but for its `checks`."""

    thresholds: Thresholds = Thresholds()


class HotelFile(Options):
    """What one hotel's file holds; its `integrations` are read one by one."""

    hotel: HotelId
    pms: Pms = Pms()
    control: tuple[Annotated[str, AfterValidator(_control)], ...] = ()
    integrations: dict[Id, dict[str, Any]] = {}  # noqa: RUF012 - pydantic copies it
    thresholds: Thresholds = Thresholds()
    escalation: Escalation = Escalation()
    maintenance: Maintenance = Maintenance()
    credentials: dict[Id, CredentialOptions] = {}  # noqa: RUF012 - pydantic copies it
    reports: Reports = Reports()


class House(Options):
    """What holds for the whole process, and for all hotels unless their file says otherwise."""

    state: Annotated[str, AfterValidator(_state)] = "sqlite:////var/lib/nightporter/state.db"
    listen: Listen = ("127.0.0.1", 9187)
    web: Web = Web()
    dead_man: DeadMan | None = None
    log: Log = Log()
    dns: Dns = Dns()
    mail: MailOptions | None = None
    drills: Drills = Drills()
    channels: dict[Id, dict[str, Any]] = {}  # noqa: RUF012 - pydantic copies it
    silences: tuple[Silence, ...] = ()
    thresholds: Thresholds = Thresholds()
    escalation: Escalation = Escalation()
    maintenance: Maintenance = Maintenance()
    credentials: dict[Id, CredentialOptions] = {}  # noqa: RUF012 - pydantic copies it
    reports: Reports = Reports()
    control: tuple[Annotated[str, AfterValidator(_control)], ...] = ()


class SingleFile(House, HotelFile):
    """A configuration of one hotel: everything in one file."""


class ManyFile(House):
    """A configuration of several hotels: one file each in `hotels_dir`."""

    hotels_dir: FilePath
