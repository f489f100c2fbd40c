"""What can go wrong with the hotel's own mail, and what DNS says of it."""

from collections.abc import Awaitable, Callable, Iterator

from checks.result import Reason, Sign
from daemon.demo.fault import Fault, Turn, critical, unknown, warning
from daemon.demo.hotel import Hotel
from daemon.demo.mail_host import PASSWORD, TOO_OFTEN, Way
from daemon.demo.name_server import (
    DKIM_NAME,
    DMARC,
    DMARC_NAME,
    DOMAIN,
    SENDER,
    SPF,
    NameServer,
    listing,
)

MISTYPED = "abcdefghijklmnoq"
MISTYPED_AGAIN = "abcdefghijklmnor"
SERVER = ("email/smtp", "email/smtp_login")


def faults() -> Iterator[Fault]:
    """Yield every fault."""
    yield from _logins()
    yield from _servers()
    yield from _records()
    yield from _lists()


def _logins() -> Iterator[Fault]:
    async def mistype(hotel: Hotel) -> None:
        hotel.mail_password = MISTYPED

    async def throttle(hotel: Hotel) -> None:
        # A changed password is tried at once; one that was tried before perhaps not within an hour.
        hotel.mail_password = MISTYPED_AGAIN
        hotel.mail.refusal = TOO_OFTEN

    async def correct(hotel: Hotel) -> None:
        hotel.mail_password = PASSWORD
        hotel.mail.refusal = ""

    yield Fault(
        "smtp-credentials-invalid",
        "A new app password was mistyped, and the mail server refuses it",
        (critical("email/smtp_login", Reason.CREDENTIALS),),
        mistype,
        correct,
    )
    yield Fault(
        "smtp-account-throttled",
        "The mail server has had too many login attempts",
        (warning("email/smtp_login", Reason.RATE_LIMITED, Sign.LOGIN_THROTTLED),),
        throttle,
        correct,
    )


def _servers() -> Iterator[Fault]:
    async def change(hotel: Hotel, way: Way) -> None:
        await hotel.mail.stop()
        await hotel.mail.start(way)

    def both(reason: Reason, *signs: Sign) -> tuple[Turn, ...]:
        return tuple(critical(check, reason, *signs) for check in SERVER)

    yield Fault(
        "smtp-port-blocked",
        "Connections to the mail server go nowhere",
        both(Reason.TIMEOUT),
        lambda hotel: hotel.mail.vanish(),
        lambda hotel: change(hotel, "starttls"),
    )
    yield Fault(
        "smtp-port-blocked:refused",
        "The mail server refuses connections",
        both(Reason.CONNECT, Sign.CONNECTION_REFUSED),
        lambda hotel: hotel.mail.stop(),
        lambda hotel: change(hotel, "starttls"),
    )
    yield Fault(
        "smtp-tls-mismatch",
        "The mail server no longer offers STARTTLS",
        both(Reason.PROTOCOL, Sign.TLS_MODE),
        lambda hotel: change(hotel, "plain"),
        lambda hotel: change(hotel, "starttls"),
    )
    yield Fault(
        "smtp-tls-mismatch:implicit",
        "The mail server wants TLS from the start",
        both(Reason.TLS, Sign.TLS_MODE),
        lambda hotel: change(hotel, "tls"),
        lambda hotel: change(hotel, "starttls"),
    )


def _text(name: str, *texts: str) -> Callable[[Hotel], Awaitable[None]]:
    async def publish(hotel: Hotel) -> None:
        hotel.names.text(name, *texts)

    return publish


def _records() -> Iterator[Fault]:
    yield Fault(
        "mail-authentication-broken",
        "The domain's SPF record is gone",
        (critical("email/spf", Reason.CONTENT, Sign.RECORD_MISSING),),
        _text(DOMAIN),
        _text(DOMAIN, SPF),
    )

    async def renew(hotel: Hotel) -> None:
        hotel.names.text(DKIM_NAME, hotel.names.dkim)

    yield Fault(
        "mail-authentication-broken:dkim",
        "The key that mails are signed with is revoked",
        (critical("email/dkim", Reason.CONTENT, Sign.RECORD_BROKEN),),
        _text(DKIM_NAME, "v=DKIM1; k=rsa; p="),
        renew,
    )
    yield Fault(
        "mail-authentication-broken:dmarc",
        "The domain's DMARC record is gone",
        (warning("email/dmarc", Reason.MISMATCH, Sign.RECORD_MISSING),),
        _text(DMARC_NAME),
        _text(DMARC_NAME, DMARC),
    )
    yield Fault(
        "dns-record-changed",
        "Somebody has put another sender into the domain's SPF record",
        (warning("email/spf", Reason.MISMATCH, Sign.RECORD_CHANGED),),
        _text(DOMAIN, SPF.replace("-all", "ip4:127.0.0.99 -all")),
        _text(DOMAIN, SPF),
        lasting=True,
    )


def _lists() -> Iterator[Fault]:
    def answers(records: NameServer, *codes: str) -> None:
        records.records[(listing(SENDER), "A")] = list(codes)

    async def put(hotel: Hotel) -> None:
        answers(hotel.names, "127.0.0.3")

    async def refuse(hotel: Hotel) -> None:
        answers(hotel.names, "127.255.255.254")

    async def take_off(hotel: Hotel) -> None:
        answers(hotel.names)

    yield Fault(
        "sending-ip-listed",
        "The address that sends the hotel's mail is on a blocklist",
        (critical("email/blocklist", Reason.CONTENT, Sign.ADDRESS_LISTED),),
        put,
        take_off,
    )
    yield Fault(
        "blocklist-unreliable",
        "The blocklist no longer answers us, but says that we ask through the wrong resolver",
        (unknown("email/blocklist", Reason.QUERY, Sign.LIST_UNRELIABLE),),
        refuse,
        take_off,
    )
