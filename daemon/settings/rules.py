"""What must hold across sections, and what works but should be looked at."""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from alerts.options import Escalation, MailOptions
from checks import sql, trust
from checks.database_fault import UNUSABLE
from checks.values import Options, SmtpServer, TlsTrust
from daemon.settings.document import Document
from daemon.settings.filling import UNSET
from daemon.settings.models import House
from daemon.settings.own_checks import ChecksSection
from daemon.settings.problems import Steps
from daemon.settings.settings import Hotel, Integration
from daemon.settings.walk import models_in

NO_MAIL = "is required: there are people to tell, but no way to send them mail"
LONG_ENOUGH = 16
"""Characters that a token should have at the least."""

LAST = 3
"""The level after which nobody else is told."""

PORTS = {465: "tls", 587: "starttls"}
"""The usual security of the ports that mail is handed in at."""


def judge_house(house: House, channels: Mapping[str, Options], document: Document) -> None:
    """Note what is wrong with what holds for all hotels."""
    _judge_doors(house, document)
    _judge_links(house, document)
    _judge_files(house, (), document)
    _judge_files(channels, ("channels",), document)
    _judge_files(house.drills, ("drills",), document)
    if house.mail is None and "mail" in document.broken:
        return
    if house.mail is None and house.drills.mailbox is not None:
        said = "needs a `mail` section: without it no drill is mailed there"
        document.complain(("drills", "mailbox"), said)
    if house.mail is None:
        told = "people are told over `channels` only" if channels else "nobody is told of anything"
        document.warn((), f"{told}: there is no `mail` section")
        return
    if len(house.mail.relays) == 1:
        document.warn(
            ("mail", "relays"), "there is one relay only: when it fails, mails wait until it is back"
        )
    for index, relay in enumerate(house.mail.relays):
        _judge_port(relay, ("mail", "relays", index), document)


def judge_hotel(hotel: Hotel, house: House, document: Document, home: Document) -> None:
    """Note what is wrong with one hotel: on its own document, or on `home` where it follows the house."""
    _judge_people(hotel.escalation, house, document if "escalation" in document.data else home, home)
    if hotel.reports.to and house.mail is None and "mail" not in home.broken:
        home.complain(("mail",), NO_MAIL)
    _judge_control(hotel.control, document if "control" in document.data else home)
    _judge_files(hotel.pms, ("pms",), document)
    for name, integration in hotel.integrations.items():
        here = ("integrations", name)
        _judge_files(integration.options, here, document)
        _judge_integration(integration, house.mail, here, document)
        if integration.kind == "generic" and not integration.checks.own:
            document.warn(here, "is not watched: a generic integration has only the `checks` you write")
    _judge_dsn(hotel.pms.dsn, ("pms",), document)
    for name, integration in (*hotel.integrations.items(), *hotel.own_side.items()):
        section = ("integrations", name, "checks")
        _judge_own_checks(integration.checks, section, document)
        _judge_queries(integration.checks, hotel.pms.dsn, section, document)


def _judge_doors(house: House, document: Document) -> None:
    (host, _), web = house.listen, house.web
    if web.token is None:
        if not _is_loopback(host):
            document.warn(
                ("listen",), f"shows everything to whoever reaches {host}: there is no web.token_file"
            )
        return
    if len(web.token.get_secret_value()) < LONG_ENOUGH:
        remedy = "take one of chance, such as `openssl rand -hex 20` writes"
        document.warn(
            ("web", "token"), f"is shorter than {LONG_ENOUGH} characters and can be guessed: {remedy}"
        )
    public = urlsplit(web.public_url or "")
    if public.scheme == "http" and not _is_loopback(public.hostname or ""):
        document.warn(
            ("web", "public_url"),
            "is plain http: others can read the token on its way; put a proxy with HTTPS before it",
        )


def _judge_links(house: House, document: Document) -> None:
    if house.mail is not None and house.web.public_url is None and "web" not in document.broken:
        document.warn(
            ("mail",),
            "has no links to pages and to acknowledge: set `web.public_url` to where people open them",
        )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _judge_people(escalation: Escalation, house: House, document: Document, home: Document) -> None:
    people = any(level.email for level in escalation.levels) or escalation.front_desk is not None
    if people and house.mail is None and "mail" not in home.broken:
        home.complain(("mail",), NO_MAIL)
    first = next((level for level in escalation.levels if level.level == 1), None)
    nobody = first is None or not first.email
    if house.mail is not None and nobody and "escalation" not in document.broken:
        document.complain(("escalation", "levels"), "needs a level 1 with at least one address in `email`")
    for index, level in enumerate(escalation.levels):
        here = ("escalation", "levels", index)
        for channel in level.channels:
            if channel not in house.channels and "channels" not in home.broken:
                document.complain((*here, "channels"), f"{channel} is not one of the `channels`")
        if level.level == LAST and level.email and not level.channels:
            document.warn(here, "is told by e-mail only: name one of the `channels`, for when mail fails")


def _judge_control(control: tuple[str, ...], document: Document) -> None:
    if not control:
        return
    by_address = [_is_address(one) for one in control]
    if all(by_address) or not any(by_address):
        missing = "by name" if all(by_address) else "by address"
        document.complain(
            ("control",), f"needs at least one target {missing}, to tell a DNS fault from a dead network"
        )


def _is_address(target: str) -> bool:
    host = target.partition("://")[2].partition("/")[0]
    host = host.rpartition(":")[0] if ":" in host and not host.endswith("]") else host
    try:
        ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


def _judge_integration(
    integration: Integration, mail: MailOptions | None, here: Steps, document: Document
) -> None:
    options = integration.options
    plain = (options.url or "").startswith("http://")
    if options.api_key is not None and plain:
        document.warn((*here, "api_key"), "goes over the network unencrypted: the URL begins with http://")
    if options.password is not None and plain and not options.allow_plaintext_auth:
        document.complain(
            (*here, "url"),
            "would send the password unencrypted; use https, or set allow_plaintext_auth: true",
        )
    if (options.username is None) != (options.password is None):
        document.complain(here, "`username` and `password` belong together")
    if options.smtp is not None:
        _judge_port(options.smtp, (*here, "smtp"), document)
        if mail is not None and any(_same(relay.host, options.smtp.host) for relay in mail.relays):
            document.warn(
                (*here, "smtp"),
                f"our own letters leave through {options.smtp.host} too: if it fails, they wait",
            )


def _same(one: str, other: str) -> bool:
    return one.rstrip(".").lower() == other.rstrip(".").lower()


def _judge_own_checks(section: ChecksSection, here: Steps, document: Document) -> None:
    for name, check in section.own.items():
        _judge_files(check.options, (*here, name), document)
        url, key = getattr(check.options, "url", None), getattr(check.options, "api_key", None)
        if key is not None and str(url).startswith("http://"):
            document.warn(
                (*here, name, "api_key"), "goes over the network unencrypted: the URL begins with http://"
            )


def _judge_queries(
    section: ChecksSection, default: SecretStr | None, here: Steps, document: Document
) -> None:
    for name, check in section.own.items():
        if isinstance(check.options, sql.Options):
            _judge_dsn(check.options.dsn, (*here, name), document)
            if check.options.dsn is None and default is None:
                document.complain((*here, name), "needs a `dsn`, or pms.dsn for all")


def _judge_dsn(dsn: SecretStr | None, here: Steps, document: Document) -> None:
    """Warn of a DSN that cannot be used; what it is, is a secret."""
    if dsn is not None and not _is_dsn(dsn.get_secret_value()):
        document.warn((*here, "dsn"), UNUSABLE.removeprefix("the DSN "))


def _is_dsn(text: str) -> bool:
    try:
        parts = urlsplit(text)
        usable = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return usable and parts.scheme in {"postgresql", "postgres"} and not parts.fragment


def _judge_port(server: SmtpServer, here: Steps, document: Document) -> None:
    usual = PORTS.get(server.port)
    if usual is not None and server.security != usual:
        document.warn(
            (*here, "security"), f"is {server.security}, but port {server.port} usually speaks {usual}"
        )


def _judge_files(value: Any, here: Steps, document: Document) -> None:
    """Read every file that certificates are checked with, as a run would."""
    for steps, model in models_in(value, here):
        ca_file = model.ca_file if isinstance(model, TlsTrust) else None
        if ca_file and UNSET not in str(ca_file) and (flaw := document.once(ca_file, trust.flaw)):
            document.complain((*steps, "ca_file"), flaw)
        schema = getattr(model, "schema_", None)
        if schema is not None and UNSET not in str(schema) and not schema.is_file():
            document.complain((*steps, "schema"), f"there is no file {schema}")
