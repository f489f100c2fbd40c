"""What can go wrong at the vendors, and on the way to them."""

from collections.abc import Callable, Iterator

from aiohttp import web

from checks.result import Reason, Sign
from daemon.demo.authority import Kind
from daemon.demo.fault import Fault, Turn, critical, warning
from daemon.demo.hotel import Hotel
from daemon.demo.vendors import KEYS, PASSWORD
from daemon.demo.web_host import EVERYWHERE, Answer, WebHost

SLOW = 1.3
"""Seconds: longer than the owner wants to wait, shorter than a look at the hotel may take."""

NOWHERE = "https://{}.invalid"
NAMES = {
    "booking_engine": "booking engine",
    "ota": "OTA",
    "payment": "payment gateway",
    "email": "e-mail provider",
    "channel_manager": "channel manager",
}
ASKED = {
    "booking_engine": ("booking_engine/health", "booking_engine/cache"),
    "ota": ("expedia/health", "expedia/auth"),
    "payment": ("payment/health",),
    "email": ("email/provider",),
    "channel_manager": ("channel_manager/health",),
}
"""The checks that ask each vendor something."""

CERTIFICATES = {
    kind: f"{'expedia' if kind == 'ota' else kind}/certificate" for kind in NAMES if kind != "email"
}

UNTRUE = """\
<?xml version="1.0"?>
<OTA_PingRS xmlns="http://www.opentravel.org/OTA/2003/05" Version="1.0">{}</OTA_PingRS>
"""
NOT_PROCESSED = (
    '<Success/><Warnings><Warning Type="3" Code="450" Status="NotProcessed">'
    "Rates not stored</Warning></Warnings>"
)
NOT_CONNECTED = '<Errors><Error Type="6" Code="497">You do not have access to hotel H-1234</Error></Errors>'


def faults() -> Iterator[Fault]:
    """Yield every fault."""
    yield from _outages()
    yield from _refusals()
    yield from _certificates()
    yield from _ways()
    yield from _answers()


def host(hotel: Hotel, kind: str) -> WebHost:
    """Return a vendor's host."""
    return hotel.vendors.hosts[kind]


def _outages() -> Iterator[Fault]:
    for kind in ("payment", *(one for one in NAMES if one != "payment")):
        variant = "" if kind == "payment" else f":{kind.replace('_', '-')}"
        turns = tuple(critical(check, Reason.SERVER_ERROR) for check in ASKED[kind])
        sentence = f"The {NAMES[kind]} answers 503 to everything"
        yield _answering(f"vendor-outage{variant}", sentence, kind, EVERYWHERE, _broken, *turns)
    yield _unreachable("vendor-unreachable", "channel_manager")
    yield _unreachable("vendor-unreachable:payment", "payment")


def _unreachable(name: str, kind: str) -> Fault:
    async def leave(hotel: Hotel) -> None:
        await host(hotel, kind).stop()

    async def come_back(hotel: Hotel) -> None:
        await host(hotel, kind).start()

    checks = (*ASKED[kind], CERTIFICATES[kind])
    turns = tuple(critical(check, Reason.CONNECT, Sign.CONNECTION_REFUSED) for check in checks)
    return Fault(name, f"The {NAMES[kind]} refuses connections", turns, leave, come_back)


def _refusals() -> Iterator[Fault]:
    for kind in ("payment", *(one for one in NAMES if one != "payment")):
        variant = "" if kind == "payment" else f":{kind.replace('_', '-')}"
        yield _revoked(f"api-credentials-invalid{variant}", kind)
    forbidden = (critical("expedia/auth", Reason.FORBIDDEN),)
    told = "The OTA knows us, but does not let us near this hotel"
    yield _answering("property-not-authorised", f"{told} (403)", "ota", "/test", _forbidden, *forbidden)
    inside = _message(NOT_CONNECTED)
    told = f"{told}, and says so in an answer of 200"
    forbidden = (critical("expedia/auth", Reason.FORBIDDEN, Sign.NOT_PROCESSED),)
    yield _answering("property-not-authorised:in-xml", told, "ota", "/test", inside, *forbidden)


def _revoked(name: str, kind: str) -> Fault:
    async def become(hotel: Hotel, secret: str) -> None:
        if kind == "ota":
            hotel.vendors.password = secret
        else:
            hotel.vendors.keys[kind] = secret

    ours, what = (PASSWORD, "password") if kind == "ota" else (KEYS[kind], "API key")
    checks = ("expedia/auth",) if kind == "ota" else ASKED[kind]
    return Fault(
        name,
        f"The {NAMES[kind]} has revoked our {what}",
        tuple(critical(check, Reason.CREDENTIALS) for check in checks),
        lambda hotel: become(hotel, "another"),
        lambda hotel: become(hotel, ours),
    )


def _certificates() -> Iterator[Fault]:
    def shown(name: str, sentence: str, kind: Kind, who: tuple[str, ...], turns: tuple[Turn, ...]) -> Fault:
        async def show(hotel: Hotel, kind: Kind) -> None:
            for one in who:
                (hotel.pms.host if one == "pms" else host(hotel, one)).certificate(kind)

        return Fault(
            name, sentence, turns, lambda hotel: show(hotel, kind), lambda hotel: show(hotel, "good")
        )

    def refused(sign: Sign, *kinds: str) -> tuple[Turn, ...]:
        checks = [check for kind in kinds for check in ASKED[kind]]
        checks += [CERTIFICATES[kind] for kind in kinds if kind in CERTIFICATES]
        return tuple(critical(check, Reason.TLS, sign) for check in checks)

    def ours(sign: Sign) -> tuple[Turn, ...]:
        own = ("pms/certificate", "booking_engine/webhook", "payment/webhook")
        return tuple(critical(check, Reason.TLS, sign) for check in own)

    everybody, expired = tuple(NAMES), Sign.CERTIFICATE_EXPIRED
    said = "The channel manager's certificate expired yesterday"
    one = ("channel_manager",)
    yield shown("certificate-expired", said, "expired", one, refused(expired, *one))
    said = "The PMS's own certificate expired yesterday"
    yield shown("certificate-expired:own", said, "expired", ("pms",), ours(expired))
    said = "The payment gateway's certificate is for another name"
    turns = refused(Sign.CERTIFICATE_WRONG_NAME, "payment")
    yield shown("certificate-invalid", said, "wrong-name", ("payment",), turns)
    said = "The booking engine's certificate lasts 10 days more, of 90"
    turns = (warning("booking_engine/certificate", Reason.TLS, Sign.CERTIFICATE_EXPIRING),)
    yield shown("certificate-expiring", said, "expiring", ("booking_engine",), turns)
    said = "Every certificate seems to begin tomorrow only: the clock of this host is behind"
    early = Sign.CERTIFICATE_NOT_YET_VALID
    turns = refused(early, *everybody) + ours(early)
    yield shown("host-clock-wrong", said, "future", (*everybody, "pms"), turns)
    said = "Somebody on the way breaks TLS open, and shows certificates of their own"
    turns = refused(Sign.CERTIFICATE_UNTRUSTED, *everybody)
    yield shown("tls-intercepted", said, "foreign", everybody, turns)


def _ways() -> Iterator[Fault]:
    async def cut(hotel: Hotel) -> None:
        for one in (*hotel.vendors.hosts.values(), hotel.vendors.outside):
            await one.stop()

    async def mend(hotel: Hotel) -> None:
        for one in (*hotel.vendors.hosts.values(), hotel.vendors.outside):
            await one.start()

    reached = [check for checks in ASKED.values() for check in checks] + list(CERTIFICATES.values())
    yield Fault(
        "local-network-down",
        "Nothing outside of the house can be reached",
        (
            *(critical(check, Reason.CONNECT, Sign.CONNECTION_REFUSED) for check in reached),
            critical("network/control", Reason.CONNECT, Sign.CONTROL_LOST),
        ),
        cut,
        mend,
    )
    lost = critical("network/control", Reason.DNS, Sign.NAMES_LOST)
    yield _renamed("local-dns-broken", "No name can be looked up any more", tuple(NAMES), lost)
    sentence = "The booking engine has moved, and its old name is gone"
    yield _renamed("wrong-host-name", sentence, ("booking_engine",))


def _renamed(name: str, sentence: str, kinds: tuple[str, ...], *also: Turn) -> Fault:
    """Return a fault of names: the configuration has ones that do not exist."""

    async def rename(hotel: Hotel) -> None:
        hotel.urls.update({kind: NOWHERE.format(kind.replace("_", "-")) for kind in kinds})
        if also:
            hotel.urls["control"] = NOWHERE.format("control")

    async def back(hotel: Hotel) -> None:
        hotel.urls.clear()

    checks = [check for kind in kinds for check in ASKED[kind]]
    checks += [CERTIFICATES[kind] for kind in kinds if kind in CERTIFICATES]
    turns = tuple(critical(check, Reason.DNS, Sign.NAME_UNKNOWN) for check in checks)
    return Fault(name, sentence, (*turns, *also), rename, back)


def _answers() -> Iterator[Fault]:
    said = "The OTA answers 200 with Success, and that nothing was processed"
    silent = (critical("expedia/auth", Reason.CONTENT, Sign.NOT_PROCESSED),)
    yield _answering("silent-rejection", said, "ota", "/test", _message(NOT_PROCESSED), *silent)
    throttled = (warning("channel_manager/health", Reason.RATE_LIMITED),)
    said = "The channel manager asks us to slow down (429)"
    yield _answering("rate-limited", said, "channel_manager", EVERYWHERE, _too_many, *throttled)

    async def age(hotel: Hotel, seconds: float) -> None:
        hotel.vendors.cache_age = seconds

    yield Fault(
        "cache-not-refreshing",
        "The booking engine has not refreshed its availability cache for an hour",
        (critical("booking_engine/cache", Reason.STALE),),
        lambda hotel: age(hotel, 3600.0),
        lambda hotel: age(hotel, 20.0),
    )

    async def channel(hotel: Hotel, status: str) -> None:
        hotel.vendors.channels["agoda"] = status

    yield Fault(
        "vendor-outage:one-channel",
        "The channel manager is well, but for one of its channels",
        (critical("channel_manager/health", Reason.CONTENT),),
        lambda hotel: channel(hotel, "error"),
        lambda hotel: channel(hotel, "ok"),
    )
    for kind, variant in (("payment", ""), ("channel_manager", ":channel-manager")):
        yield _slow(f"slow-responses{variant}", f"The {NAMES[kind]} takes its time for every answer", kind)


def _slow(name: str, sentence: str, kind: str) -> Fault:
    """Return a vendor that is slow: seen once the mean of a window is past the limit."""

    async def delay(hotel: Hotel, seconds: float) -> None:
        host(hotel, kind).delay = seconds

    turns = tuple(warning(check, Reason.THRESHOLD) for check in ASKED[kind])
    return Fault(
        name, sentence, turns, lambda hotel: delay(hotel, SLOW), lambda hotel: delay(hotel, 0.0), in_time=True
    )


def _answering(name: str, sentence: str, kind: str, path: str, answer: Answer, *turns: Turn) -> Fault:
    """Return a fault of a vendor that answers something else at a path."""

    async def begin(hotel: Hotel) -> None:
        host(hotel, kind).answers[path] = answer

    async def end(hotel: Hotel) -> None:
        host(hotel, kind).answers.pop(path, None)

    return Fault(name, sentence, turns, begin, end)


def _broken() -> web.Response:
    return web.json_response({"status": "down", "error": "the database is away"}, status=503)


def _forbidden() -> web.Response:
    return web.Response(status=403, text="not connected to this property")


def _too_many() -> web.Response:
    headers = {"Retry-After": "3", "X-RateLimit-Remaining": "0"}
    return web.json_response({"error": "too many requests"}, status=429, headers=headers)


def _message(inside: str) -> Callable[[], web.Response]:
    return lambda: web.Response(text=UNTRUE.format(inside), content_type="application/xml")
