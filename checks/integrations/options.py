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

    path: FilePath = Field(description="the file of the backup, or the folder of all of them")
    max_age: Duration = Field(93_600.0, description="how old the newest may be")


class Pms(TlsTrust):
    """The hotel's own side: database, logs, processes, web host."""

    dsn: Secret | None = Field(
        None,
        description="the PMS's database: `postgresql://USER@HOST/NAME`, of a role that may only read",
    )
    log_dir: FilePath | None = Field(
        None, description="the folder with `integrations`, `api`, `webhooks`, `errors` and `audit`"
    )
    pm2: Line = Field("pm2", description="the command that lists processes")
    url: BaseUrl | None = Field(None, description="where the PMS is served; its certificate is watched")
    backup: Backup | None = Field(None, description="the backups to watch")


class Vendor(Options):
    """How to reach the vendor, and who we are to them."""

    support: Text | None = Field(None, description="the address of its support, shown in mails")
    phone: Text | None = Field(None, description="its telephone, shown in mails")
    account: Text | None = Field(None, description="who we are to them, shown in mails and letters to them")
    status_url: HttpUrl | None = Field(
        None, description="its status page as JSON (Statuspage, or a `status` of its own)"
    )


class Webhook(TlsTrust):
    """Where the vendor calls the PMS, and how it signs.

    `ack_before_verify` says that the PMS answers an event at once, and verifies it later.
    """

    url: HttpUrl = Field(description="where the vendor sends its events")
    secret: Secret | None = Field(
        None, description="what events are signed with; without it only forged events are tried"
    )
    scheme: Literal["hmac_sha256_hex", "square", "stripe"] = Field(
        "hmac_sha256_hex",
        description="how they are signed: over the raw body, or as Square or Stripe do",
    )
    ack_before_verify: Flag = Field(
        False, description="whether the PMS answers an event at once, and verifies it later"
    )


class Messages(Options):
    """Where outgoing messages lie, and the schema they keep to."""

    directory: FilePath = Field(description="the folder of outgoing messages")
    schema_: SchemaFile | None = Field(None, alias="schema", description="the XSD that they must keep to")


class Quota(Options):
    """How many mails may be sent in 24 hours."""

    messages_per_day: Count = Field(2000, description="how many mails may be sent in 24 hours")
    warn_remaining: Annotated[Whole, Field(ge=0)] = Field(
        100, description="with fewer left than this it is a warning"
    )


class System(TlsTrust):
    """One external system of a hotel, as far as looking at it goes."""

    kind: Kind | None = Field(None, description="what it is; needed unless the integration's name says it")
    url: BaseUrl | None = Field(
        None, description="where its interface is; ends with its path, without `?` and `#`"
    )
    api_key: HeaderSecret | None = Field(None, description="sent as a Bearer token")
    username: Line | None = Field(
        None, description="the user name for HTTP Basic, which an OTA is asked with"
    )
    password: Secret | None = Field(None, description="the password that belongs to it")
    platform: Line | None = Field(None, description="the OTA's name in `rate_plan_mappings`")
    webhook: Webhook | None = Field(None, description="where it sends its events")
    messages: Messages | None = Field(None, description="the messages that are sent to it")
    sync_process: Line | None = Field(None, description="the name under pm2 of the process that synchronises")
    workers: Count = Field(1, description="how many workers of that process must be online")
    smtp: SmtpServer | None = Field(None, description="the server that the hotel's mail leaves through")
    domain: Host | None = Field(None, description="the domain of the hotel's mail addresses")
    dkim_selectors: tuple[Line, ...] = Field(
        (), description="the names of the keys that mails are signed with, such as `google`"
    )
    sending_ips: tuple[IpAddress, ...] = Field((), description="the addresses that mail leaves from")
    blocklists: tuple[Host, ...] = Field(
        (), description="the lists that these are looked up in, such as `zen.spamhaus.org`"
    )
    quota: Quota | None = Field(None, description="how many mails may be sent")
    docs_url: HttpUrl | None = Field(
        None, description="the hotel's own notes about it, linked from mails and pages"
    )
    vendor: Vendor | None = Field(None, description="who runs it, shown in mails")
