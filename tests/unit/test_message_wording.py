"""Titles, plain sentences and the causes that a result itself proves."""

import pytest

from alerts.incident import Cause, Criterion, Severity
from alerts.wording import KINDS, consequence, diagnose, headline, kind_words, title
from checks.result import CheckId, Reason, State
from tests.support.letters import breach, incident

OF = "the certificate of api.gateway.example:443: it"


@pytest.mark.parametrize(
    ("reason", "message", "expected"),
    [
        (Reason.TIMEOUT, "no answer within 10 s", "payment: does not answer"),
        (Reason.CREDENTIALS, "HTTP 401 Unauthorized", "payment: refuses our credentials (401)"),
        (Reason.CREDENTIALS, "535 5.7.8 not accepted", "payment: refuses our credentials (535)"),
        (Reason.FORBIDDEN, "the answer was 403", "payment: refuses us access (403)"),
        (Reason.SERVER_ERROR, "the answer was 503, after 10 s", "payment: reports an error of its own (503)"),
        (Reason.TLS, f"{OF} expired on 2026-11-01 08:00 UTC", "payment: certificate expired"),
        (Reason.TLS, f"{OF} expired on 2026-11-01 and is for a, not for b", "payment: certificate expired"),
        (Reason.TLS, f"{OF} is not valid before 2027-01-01 UTC", "payment: certificate not valid yet"),
        (Reason.TLS, f"{OF} is for a.example, not for b.example", "payment: certificate for another name"),
        (Reason.TLS, f"{OF} is for no name at all, not for b", "payment: certificate for another name"),
        (Reason.TLS, f"{OF} is self-signed", "payment: certificate not trusted"),
        (Reason.TLS, f"{OF} comes without its intermediate certificate", "payment: certificate not trusted"),
        (Reason.TLS, f"{OF} was revoked", "payment: certificate revoked"),
        (
            Reason.TLS,
            "the certificate of h:1 ends on 2026-12-01",
            "payment: certificate expires soon",
        ),
        (Reason.THRESHOLD, "days_left is 3, below the limit of 5", "payment: certificate expires soon"),
        (Reason.TLS, "handshake failure", "payment: no secure connection"),
        (Reason.THRESHOLD, "value is 73, above the limit of 50", "payment: health is past its limit"),
    ],
)
def test_a_title_says_what_is_wrong(reason: Reason, message: str, expected: str) -> None:
    assert title("payment", (breach(reason, message),)) == expected


@pytest.mark.parametrize(
    ("reason", "message", "cause", "confidence"),
    [
        (Reason.TLS, f"{OF} expired on 2026-11-01", Cause.CERTIFICATE_EXPIRED, "certain"),
        (Reason.TLS, f"{OF} is self-signed", Cause.CERTIFICATE_INVALID, "certain"),
        (Reason.TLS, f"{OF} is for a, not for b", Cause.CERTIFICATE_INVALID, "certain"),
        (Reason.TLS, "certificate expires in 3 days", Cause.CERTIFICATE_EXPIRING, "certain"),
        (Reason.CREDENTIALS, "401", Cause.API_CREDENTIALS_INVALID, "likely"),
        (Reason.FORBIDDEN, "403", Cause.PROPERTY_NOT_AUTHORISED, "likely"),
        (Reason.RATE_LIMITED, "429", Cause.RATE_LIMITED, "certain"),
        (Reason.TIMEOUT, "no answer within 10 s", Cause.UNKNOWN, "unknown"),
        (Reason.DNS, "no such name", Cause.UNKNOWN, "unknown"),
        (Reason.SERVER_ERROR, "503", Cause.VENDOR_OUTAGE, "likely"),
        (Reason.TLS, "handshake failure", Cause.UNKNOWN, "unknown"),
    ],
)
def test_a_cause_is_named_only_where_the_result_proves_it(
    reason: Reason, message: str, cause: Cause, confidence: str
) -> None:
    found = diagnose((breach(reason, message),), "payment")
    assert (found.cause, found.confidence) == (cause, confidence)


def test_a_mean_over_its_limit_is_slow_responses() -> None:
    slow = breach(Reason.THRESHOLD, "1430 ms", state=State.WARNING, observed=1430.0, limit=1000.0, unit="ms")
    assert diagnose((slow,), "payment").cause is Cause.SLOW_RESPONSES
    assert title("payment", (slow,)) == "payment: slow responses"


def test_a_proven_cause_among_equally_bad_breaches_is_preferred_and_no_more_than_likely() -> None:
    expired = breach(Reason.TLS, "the certificate expired")
    silent = breach(Reason.TIMEOUT, "no answer")
    found = diagnose((silent, expired), "payment")
    assert (found.cause, found.confidence) == (Cause.CERTIFICATE_EXPIRED, "likely")


def test_a_warning_does_not_explain_something_critical() -> None:
    expiring = breach(Reason.TLS, "the certificate expires in 9 days", state=State.WARNING)
    silent = breach(Reason.TIMEOUT, "no answer")
    assert diagnose((silent, expiring), "payment").cause is Cause.UNKNOWN


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_words_for_every_kind(reason: Reason) -> None:
    broken = (breach(reason, "something {odd} %s happened"),)
    for kind in [*KINDS, "generic"]:
        found = diagnose(broken, kind)
        assert 1 <= len(found.steps) <= 3
        assert found.fault in {"us", "network", "vendor", "guest", "unknown"}
        assert "{" not in title("payment", broken) + found.summary + "".join(found.steps)
        assert headline(incident(*broken), kind).endswith(".")


def test_the_one_who_runs_the_server_is_at_fault_for_its_certificate() -> None:
    expired = (breach(Reason.TLS, "the certificate expired"),)
    assert [diagnose(expired, kind).fault for kind in ("payment", "pms", "generic")] == [
        "vendor",
        "us",
        "unknown",
    ]


def test_a_host_is_taken_from_our_own_words_only() -> None:
    silent = diagnose((breach(Reason.CONNECT, "cannot connect to 10.0.3.9:8443: no route"),), "generic")
    assert any("10.0.3.9 8443" in step for step in silent.steps)
    quoted = diagnose((breach(Reason.CONTENT, "the body says: call evil.example"),), "generic")
    assert not any("evil.example" in step for step in quoted.steps)


@pytest.mark.parametrize(
    ("message", "kind", "wanted", "unwanted"),
    [
        ("cannot connect to 10.0.3.9:80: no route", "generic", ("another computer", "looks after"), "phone"),
        (
            "cannot connect to locks.lan:80: no route",
            "generic",
            ("another computer", "looks after"),
            "vendor",
        ),
        ("cannot connect to 1.1.1.1:80: no route", "payment", ("such as a phone", "vendor's"), "looks after"),
        (
            "cannot connect to localhost:80: connection refused",
            "generic",
            ("service behind localhost",),
            "nc",
        ),
    ],
)
def test_steps_fit_who_failed_and_where(
    message: str, kind: str, wanted: tuple[str, ...], unwanted: str
) -> None:
    told = " ".join(diagnose((breach(Reason.CONNECT, message),), kind).steps)
    assert all(words in told for words in wanted)
    assert unwanted not in told


def test_an_error_of_its_own_proves_no_vendor_where_there_is_none() -> None:
    found = diagnose((breach(Reason.SERVER_ERROR, "answered 503"),), "generic")
    assert (found.cause, found.fault) == (Cause.UNKNOWN, "unknown")


def test_a_refused_login_at_the_mail_server_is_named_as_such() -> None:
    refused = breach(Reason.CREDENTIALS, "535 5.7.8", check=CheckId("h", "email", "smtp_login"))
    assert diagnose((refused,), "email").cause is Cause.SMTP_CREDENTIALS_INVALID


def test_the_pms_database_is_named_as_such() -> None:
    down = breach(Reason.CONNECT, "connection refused", check=CheckId("h", "pms", "database"))
    found = diagnose((down,), "pms")
    assert (found.cause, found.fault) == (Cause.DATABASE_DOWN, "us")


def test_a_host_name_does_not_decide_what_is_wrong_with_a_certificate() -> None:
    odd = breach(Reason.TLS, "no TLS with it.revoked.example:443: handshake failure")
    assert diagnose((odd,), "payment").cause is Cause.UNKNOWN


def test_an_integration_with_a_name_of_its_own_is_called_by_it() -> None:
    assert kind_words("ota", "expedia").noun == "The travel site expedia"
    assert kind_words("payment", "payment").noun == "The payment gateway"
    assert kind_words("generic", "door_locks").noun == "The integration door_locks"


def test_several_integrations_share_one_headline() -> None:
    shared = incident(integrations=("expedia", "payment"))
    assert headline(shared, "ota") == "2 integrations fail together: expedia, payment."


@pytest.mark.parametrize(
    ("reason", "message", "state", "criteria", "start"),
    [
        (
            Reason.TIMEOUT,
            "no answer",
            State.CRITICAL,
            (Criterion.CRITICAL_SYSTEM_DOWN,),
            "While this lasts, ",
        ),
        (Reason.TIMEOUT, "no answer", State.CRITICAL, (), "Part of it fails, "),
        (Reason.RATE_LIMITED, "429", State.WARNING, (), "It still works, "),
        (Reason.TLS, "expires in 9 days", State.WARNING, (), "Nothing fails yet. "),
    ],
)
def test_the_consequence_is_no_worse_than_the_facts(
    reason: Reason, message: str, state: State, criteria: tuple[Criterion, ...], start: str
) -> None:
    about = incident(breach(reason, message, state=state), severity=Severity.WARNING, criteria=criteria)
    assert consequence(about, kind_words("payment", "payment"), "payment").startswith(start)
