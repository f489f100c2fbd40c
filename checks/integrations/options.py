"""What the configuration says of an external system, and of the hotel's own side."""

from typing import Annotated, Literal

from pydantic import Field

from checks.values import (
    BaseUrl,
    Count,
    Duration,
    FilePath,
    Flag,
    HeaderSecret,
    Host,
    HttpUrl,
    IpAddress,
    Line,
    Options,
    Secret,
    SmtpServer,
    Text,
    TlsTrust,
    Whole,
)
from checks.xml_document import SchemaFile

Kind = Literal["booking_engine", "ota", "payment", "email", "channel_manager", "generic"]


class Backup(Options):
    """Where backups lie, and how old the newest may be."""

    path: FilePath
    max_age: Duration = 93_600.0


class Pms(TlsTrust):
    """The hotel's own side: database, logs, processes, web host."""

    dsn: Secret | None = None
    log_dir: FilePath | None = None
    pm2: Line = "pm2"
    url: BaseUrl | None = None
    backup: Backup | None = None


class Vendor(Options):
    """How to reach the vendor, and who we are to them."""

    support: Text | None = None
    phone: Text | None = None
    account: Text | None = None
    status_url: HttpUrl | None = None


class Webhook(TlsTrust):
    """Where the vendor calls the PMS, and how it signs.

    `ack_before_verify` says that the PMS answers an event at once, and verifies it later.
    """

    url: HttpUrl
    secret: Secret | None = None
    scheme: Literal["hmac_sha256_hex", "square", "stripe"] = "hmac_sha256_hex"
    ack_before_verify: Flag = False


class Messages(Options):
    """Where outgoing messages lie, and the schema they keep to."""

    directory: FilePath
    schema_: SchemaFile | None = Field(None, alias="schema")


class Quota(Options):
    """How many mails may be sent in 24 hours."""

    messages_per_day: Count = 2000
    warn_remaining: Annotated[Whole, Field(ge=0)] = 100


class System(TlsTrust):
    """One external system of a hotel, as far as looking at it goes."""

    kind: Kind | None = None
    url: BaseUrl | None = None
    api_key: HeaderSecret | None = None
    username: Line | None = None
    password: Secret | None = None
    platform: Line | None = None
    webhook: Webhook | None = None
    messages: Messages | None = None
    sync_process: Line | None = None
    workers: Count = 1
    smtp: SmtpServer | None = None
    domain: Host | None = None
    dkim_selectors: tuple[Line, ...] = ()
    sending_ips: tuple[IpAddress, ...] = ()
    blocklists: tuple[Host, ...] = ()
    quota: Quota | None = None
    docs_url: HttpUrl | None = None
    vendor: Vendor | None = None
