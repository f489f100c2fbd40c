"""Rules about certificates: of the vendors, and of the hotel's own host that events are sent to."""

from alerts.diagnosis.conditions import signs_of, some, why
from alerts.diagnosis.explains import aftermath
from alerts.diagnosis.rule import THEIRS, US, Condition, Rule, Scope, View, Words
from alerts.facts import Fact
from alerts.incident import Cause
from checks.result import Reason, Sign

KEEP_VERIFYING = "Do not switch verification off: somebody else may be answering in its place."
SHOW = (
    "See what it serves: echo | openssl s_client -connect {host}:{port} -servername {host} 2>/dev/null "
    "| openssl x509 -noout -subject -issuer -dates"
)
RELOAD = "Reload the web server (sudo systemctl reload nginx): a renewed file alone does not help."
SEND_AGAIN = "Then have the gateway and the booking engine send again what failed, in their portals."
TEST = (
    "Open https://{host}:{port}/ from a phone's network: no warning there means that something here answers."
)

CAUSES = {
    Sign.CERTIFICATE_EXPIRED: Cause.CERTIFICATE_EXPIRED,
    Sign.CERTIFICATE_REVOKED: Cause.CERTIFICATE_INVALID,
    Sign.CERTIFICATE_NOT_YET_VALID: Cause.CERTIFICATE_INVALID,
    Sign.CERTIFICATE_WRONG_NAME: Cause.CERTIFICATE_INVALID,
    Sign.CERTIFICATE_UNTRUSTED: Cause.CERTIFICATE_INVALID,
}


def _ours(fact: Fact) -> bool:
    """Say whether a check looks at the hotel's own host: the PMS's address, and the webhooks on it."""
    return fact.check.integration == "pms" or fact.type == "webhook" or fact.check.check == "webhook"


def _shows(fact: Fact, mark: Sign) -> bool:
    return mark in signs_of(fact) and fact.breach is not None and not fact.clearing


def _own(mark: Sign, words: Words, text: str) -> Rule:
    """Return the rule for a fault of the certificate of the hotel's own host."""

    def explains(fact: Fact, _view: View) -> bool:
        missed = fact.check.check == "webhook_log" and why(fact) is Reason.STALE
        return missed or (_ours(fact) and mark in signs_of(fact))

    return Rule(
        CAUSES[mark],
        words,
        (Condition(text, lambda view: any(_ours(one) and _shows(one, mark) for one in view.facts)),),
        explains,
        fault=US,
        scope=Scope.HOTEL,
        test=TEST,
    )


def _theirs(mark: Sign, words: Words, text: str) -> Rule:
    """Return the rule for a fault of a certificate of the integration's own system."""

    def explains(fact: Fact, view: View) -> bool:
        return (not _ours(fact) and mark in signs_of(fact)) or aftermath(fact, view)

    return Rule(
        CAUSES[mark],
        words,
        (some(text, lambda fact: not _ours(fact) and mark in signs_of(fact)),),
        explains,
        fault=THEIRS,
        test=TEST,
    )


OWN = (
    _own(
        Sign.CERTIFICATE_EXPIRED,
        Words(
            "certificate expired",
            "cannot be reached safely: its security certificate has expired",
            "The certificate of the hotel's own host has expired: vendors refuse to send their events there, "
            "so bookings and payments do not arrive.",
            (
                "On the PMS's host: sudo certbot renew, or install a renewed certificate by hand.",
                f"{RELOAD} {SEND_AGAIN}",
                "See why it was not renewed by itself: systemctl list-timers | grep -i certbot",
            ),
            whole="the PMS's own certificate has expired",
        ),
        "the certificate of the hotel's own host has expired",
    ),
    _own(
        Sign.CERTIFICATE_WRONG_NAME,
        Words(
            "certificate for another name",
            "cannot be reached safely: its security certificate belongs to another name",
            "The hotel's own host shows a certificate issued for another name: vendors refuse to send there.",
            (
                SHOW,
                "Serve the one that carries {host}, or have it issued: sudo certbot certonly -d {host}",
                f"{RELOAD} {SEND_AGAIN}",
            ),
            whole="the PMS's own certificate is for another name",
        ),
        "the certificate of the hotel's own host belongs to another name",
    ),
    _own(
        Sign.CERTIFICATE_UNTRUSTED,
        Words(
            "certificate not trusted",
            "cannot be reached safely: nobody vouches for its security certificate",
            "The hotel's own host shows a certificate that is self-signed, or comes without its "
            "intermediate. Browsers fetch a missing one, vendors' programs do not, so they refuse to send "
            "there.",
            (
                "Serve the full chain: with nginx, ssl_certificate must name fullchain.pem and not cert.pem.",
                f"{RELOAD} {SEND_AGAIN}",
                "If the hotel has an authority of its own, vendors do not know it: use a public one here.",
            ),
            whole="the PMS's own certificate is not trusted",
        ),
        "nobody vouches for the certificate of the hotel's own host",
    ),
    _own(
        Sign.CERTIFICATE_NOT_YET_VALID,
        Words(
            "certificate not valid yet",
            "cannot be reached safely: its security certificate is not valid yet",
            "The certificate of the hotel's own host begins in the future, or the clock there was wrong when "
            "it was made: vendors refuse to send there.",
            (
                "Compare the clocks of the PMS's host and of Night Porter's with a phone's: timedatectl",
                (
                    "If they are right, serve the certificate before this one, or: sudo certbot renew "
                    "--force-renewal"
                ),
                f"{RELOAD} {SEND_AGAIN}",
            ),
            whole="the PMS's own certificate is not valid yet",
        ),
        "the certificate of the hotel's own host is not valid yet",
    ),
    _own(
        Sign.CERTIFICATE_REVOKED,
        Words(
            "certificate revoked",
            "cannot be reached safely: its security certificate was withdrawn",
            "The authority has withdrawn the certificate of the hotel's own host: vendors refuse to send "
            "there.",
            (
                "Have a new one issued with a new key: sudo certbot renew --force-renewal --new-key",
                f"{RELOAD} {SEND_AGAIN}",
                "Find out why it was withdrawn; if the key was stolen, treat it as a security incident.",
            ),
            whole="the PMS's own certificate was withdrawn",
        ),
        "the certificate of the hotel's own host was withdrawn",
    ),
)

THEIR_OWN = (
    _theirs(
        Sign.CERTIFICATE_EXPIRED,
        Words(
            "certificate expired",
            "cannot be used safely: its security certificate has expired",
            "The server's certificate has expired, so no program will connect to it any more.",
            (
                "Call whoever runs {host} and have the certificate renewed, and the server reloaded.",
                SHOW,
                KEEP_VERIFYING,
            ),
        ),
        "its certificate has expired",
    ),
    _theirs(
        Sign.CERTIFICATE_REVOKED,
        Words(
            "certificate revoked",
            "cannot be used safely: its security certificate was withdrawn",
            "The authority that issued the server's certificate has withdrawn it.",
            (
                "Tell whoever runs {host}: it needs a new certificate at once.",
                "Ask whether the old one's key was stolen; treat what was sent meanwhile accordingly.",
                KEEP_VERIFYING,
            ),
        ),
        "its certificate was withdrawn",
    ),
    _theirs(
        Sign.CERTIFICATE_NOT_YET_VALID,
        Words(
            "certificate not valid yet",
            "cannot be used safely: its security certificate is not valid yet",
            "The server's certificate begins in the future; those of other vendors are valid, so it is not "
            "our clock.",
            (
                "Compare this host's clock with a phone's all the same: timedatectl",
                "If the clock is right, tell whoever runs {host}.",
                KEEP_VERIFYING,
            ),
        ),
        "its certificate is not valid yet",
    ),
    _theirs(
        Sign.CERTIFICATE_WRONG_NAME,
        Words(
            "certificate for another name",
            "cannot be used safely: its security certificate belongs to another name",
            "The server shows a certificate that was issued for another host name.",
            (
                (
                    "Check {host} in the configuration of {who}. Its names: openssl s_client -connect "
                    "{host}:{port} </dev/null 2>/dev/null | openssl x509 -noout -ext subjectAltName"
                ),
                "If it is right, tell whoever runs the server that its certificate does not carry this name.",
                KEEP_VERIFYING,
            ),
        ),
        "its certificate belongs to another name",
    ),
    _theirs(
        Sign.CERTIFICATE_UNTRUSTED,
        Words(
            "certificate not trusted",
            "cannot be used safely: nobody we trust vouches for its security certificate",
            "The server's certificate is self-signed, or its chain of issuers is incomplete or unknown here.",
            (
                "Ask whoever runs {host} to install the full chain, intermediate certificates included.",
                "If the hotel has an authority of its own, name it as ca_file in the configuration of {who}.",
                KEEP_VERIFYING,
            ),
        ),
        "nobody we trust vouches for its certificate",
    ),
)


def _ends_soon(fact: Fact, _view: View | None = None) -> bool:
    by_number = fact.type == "tls" and why(fact) is Reason.THRESHOLD and _unit(fact) != "ms"
    return Sign.CERTIFICATE_EXPIRING in signs_of(fact) or by_number


def _unit(fact: Fact) -> str:
    return fact.breach.unit if fact.breach is not None else ""


def _expiring(kinds: frozenset[str], fault: str, steps: tuple[str, ...]) -> Rule:
    return Rule(
        Cause.CERTIFICATE_EXPIRING,
        Words(
            "certificate expires soon",
            "still works, but its security certificate expires soon",
            "The server's certificate is valid, but nearer its end than it should be: it was not renewed.",
            steps,
        ),
        (some("its certificate ends soon, and is not renewed", _ends_soon),),
        _ends_soon,
        fault=fault,
        kinds=kinds,
        test="The command in the steps: a later end means that it was renewed just now.",
    )


EXPIRING = (
    _expiring(
        frozenset({"pms"}),
        US,
        (
            "On the PMS's host: sudo certbot renew, then sudo systemctl reload nginx.",
            SHOW,
            "See why it was not renewed by itself: systemctl list-timers | grep -i certbot",
        ),
    ),
    _expiring(
        frozenset(),
        THEIRS,
        (
            "Ask whoever runs {host} to renew the certificate before it ends, and to reload the server.",
            SHOW,
            "If renewal is automatic there, ask why it did not happen.",
        ),
    ),
)

RULES = (*OWN, *THEIR_OWN, *EXPIRING)
