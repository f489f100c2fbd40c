"""The shape of the configuration: one model a section."""

import re
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, WithJsonSchema

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


Control = Annotated[
    tuple[Annotated[str, AfterValidator(_control)], ...],
    Field(
        description="what tells a vendor's fault from our network's: `tcp://HOST:PORT` or URLs, "
        "at least one by address and one by name"
    ),
]


def _at_least_a_second(value: float) -> float:
    if value < 1:
        raise ValueError("must be at least 1s")
    return value


class HotelId(Options):
    """Which hotel it is."""

    id: Id = Field(description="a label of its metrics, and part of addresses: do not change it later")
    name: Text = Field(description="how people call it")
    timezone: Zone = Field(description="the time zone of hours, reports and mails, such as `Europe/Lisbon`")


class Web(Options):
    """Who may look, and where people find the porter."""

    token: HeaderSecret | None = Field(
        None,
        description="what one shows to come in; without it only this machine may change anything",
    )
    public_url: HttpUrl | None = Field(
        None, description="where people reach the porter: links in mails begin so"
    )


class DeadMan(Options):
    """A watchdog elsewhere that is pinged while all is well inside."""

    url: HttpUrl = Field(description="what is asked for (GET) while all is well inside")
    interval: Annotated[Duration, AfterValidator(_at_least_a_second)] = Field(60.0, description="how often")


class Log(Options):
    """How much is logged, and in which form."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="the least that is logged"
    )
    format: Literal["json", "console"] = Field("json", description="for machines, or for people")


class Dns(Options):
    """Which name servers DNS checks ask."""

    servers: tuple[IpAddress, ...] = Field(
        (), description="whom `dns` checks and checks of mail records ask; default: the system's servers"
    )
    port: Port = Field(53, description="their port")


class IntegrationOptions(System):
    """One external system of a hotel, but for its `checks`."""

    thresholds: Thresholds = Field(Thresholds(), description="its own limits, over those of the hotel")


class HotelFile(Options):
    """What one hotel's file holds; its `integrations` are read one by one."""

    hotel: HotelId = Field(description="which hotel it is")
    pms: Pms = Field(Pms(), description="the hotel's own side")
    control: Control = ()
    integrations: dict[Id, dict[str, Any]] = Field({}, description="the external systems, by name")
    thresholds: Thresholds = Field(Thresholds(), description="limits, over those of the whole house")
    escalation: Escalation = Field(Escalation(), description="who is told, over those of the whole house")
    maintenance: Maintenance = Field(
        Maintenance(), description="recurring tasks, besides those of the whole house"
    )
    credentials: dict[Id, CredentialOptions] = Field(
        {}, description="what is to be renewed, besides those of the whole house"
    )
    reports: Reports = Field(Reports(), description="which reports are made, over those of the whole house")


class House(Options):
    """What holds for the whole process, and for all hotels unless their file says otherwise."""

    state: Annotated[str, AfterValidator(_state)] = Field(
        "sqlite:////var/lib/nightporter/state.db",
        description="`sqlite:////absolute/path`, or `postgresql://user@host/database` for several porters",
    )
    listen: Listen = Field(
        ("127.0.0.1", 9187),
        description="where pages, metrics and the API are served; `[::]:9187` is everywhere",
    )
    web: Web = Field(Web(), description="who may look, and where people find the porter")
    dead_man: DeadMan | None = Field(
        None, description="somebody elsewhere who notices when the porter is silent"
    )
    log: Log = Field(Log(), description="how much is logged")
    dns: Dns = Field(Dns(), description="whom DNS checks ask")
    mail: MailOptions | None = Field(None, description="how mails leave")
    drills: Drills = Field(Drills(), description="how drills are held")
    channels: dict[Id, dict[str, Any]] = Field({}, description="who is told besides by mail, by name")
    silences: tuple[Silence, ...] = Field((), description="planned windows in which nobody is told")
    thresholds: Thresholds = Field(Thresholds(), description="limits")
    escalation: Escalation = Field(Escalation(), description="who is told, and when")
    maintenance: Maintenance = Field(Maintenance(), description="recurring tasks, besides the owner's twelve")
    credentials: dict[Id, CredentialOptions] = Field({}, description="what is to be renewed, by name")
    reports: Reports = Field(Reports(), description="which reports are made")
    control: Control = ()


class SingleFile(House, HotelFile):
    """A configuration of one hotel: everything in one file."""


class ManyFile(House):
    """A configuration of several hotels: one file each in `hotels_dir`."""

    hotels_dir: FilePath = Field(
        description="a folder with a file for each hotel, in place of `hotel`, `pms` and `integrations`"
    )
