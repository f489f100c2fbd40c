"""What is said where no rule knows a cause, and what trouble means for guests and sales."""

from typing import Any

import pytest

from alerts.incident import Cause, Criterion, Diagnosis, Severity
from alerts.wording import KINDS, consequence, kind_words, unexplained
from checks.result import CheckId, Reason, Sign, State
from tests.support.letters import breach, incident

NEAR_ITS_END = Diagnosis(Cause.CERTIFICATE_EXPIRING, "likely", "vendor", "")


@pytest.mark.parametrize(
    ("reason", "message", "expected"),
    [
        (Reason.TIMEOUT, "no answer within 10 s", "payment: does not answer"),
        (Reason.CREDENTIALS, "HTTP 401 Unauthorized", "payment: refuses our credentials (401)"),
        (Reason.CREDENTIALS, "535 5.7.8 not accepted", "payment: refuses our credentials (535)"),
        (Reason.FORBIDDEN, "the answer was 403", "payment: refuses us access (403)"),
        (Reason.SERVER_ERROR, "the answer was 503, after 10 s", "payment: reports an error of its own (503)"),
        (Reason.TLS, "handshake failure", "payment: no secure connection"),
        (Reason.THRESHOLD, "value is 73, above the limit of 50", "payment: a value is past its limit"),
    ],
)
def test_a_title_says_what_fails(reason: Reason, message: str, expected: str) -> None:
    assert unexplained((breach(reason, message),), "payment").title == expected


@pytest.mark.parametrize("reason", list(Reason))
def test_what_no_rule_explains_has_words_for_every_kind_and_never_a_cause(reason: Reason) -> None:
    broken = (breach(reason, "something {odd} %s happened"),)
    for kind in [*KINDS, "generic"]:
        found = unexplained(broken, kind)
        assert (found.cause, found.confidence, found.fault) == (Cause.UNKNOWN, "unknown", "unknown")
        assert 1 <= len(found.steps) <= 3
        assert "{" not in found.title + found.sentence + found.summary + "".join(found.steps)


def test_the_check_is_named_where_more_than_it_may_still_work() -> None:
    silent = breach(Reason.TIMEOUT, "no answer", check=CheckId("h", "payment", "webhook"))
    found = unexplained((silent,), "payment")
    assert found.title == "payment: does not answer (check webhook)"
    assert found.sentence.startswith("(check webhook) ")


def test_a_mean_over_its_limit_is_slow_and_a_share_fails_too_often() -> None:
    slow, erring = (
        breach(Reason.THRESHOLD, "over", state=State.WARNING, observed=50.0, limit=5.0, unit=unit)
        for unit in ("ms", "%")
    )
    assert unexplained((slow,), "payment").title == "payment: slow responses"
    assert unexplained((erring,), "payment").title == "payment: fails too often"


def test_updates_that_do_not_come_are_looked_for_in_the_pms() -> None:
    stale = breach(Reason.STALE, "no success for 45 min", check=CheckId("h", "booking_engine", "sync_log"))
    found = unexplained((stale,), "booking_engine")
    assert "from the PMS" in found.sentence
    assert any("pm2 list" in step for step in found.steps)


def test_a_host_is_taken_from_our_own_words_only() -> None:
    silent = unexplained((breach(Reason.CONNECT, "cannot connect to 10.0.3.9:8443: no route"),), "generic")
    assert any("10.0.3.9 8443" in step for step in silent.steps)
    quoted = unexplained((breach(Reason.CONTENT, "the body says: call evil.example"),), "generic")
    assert not any("evil.example" in step for step in quoted.steps)


@pytest.mark.parametrize(
    ("message", "kind", "wanted", "unwanted"),
    [
        ("cannot connect to 10.0.3.9:80: no route", "generic", ("another computer", "looks after"), "phone"),
        ("cannot connect to locks.lan:80: no route", "pms", ("another computer", "looks after"), "vendor"),
        ("cannot connect to 1.1.1.1:80: no route", "payment", ("such as a phone", "vendor's"), "looks after"),
    ],
)
def test_steps_fit_who_failed_and_where(
    message: str, kind: str, wanted: tuple[str, ...], unwanted: str
) -> None:
    told = " ".join(unexplained((breach(Reason.CONNECT, message),), kind).steps)
    assert all(words in told for words in wanted)
    assert unwanted not in told


@pytest.mark.parametrize("kind", ["network", "pms", "generic"])
@pytest.mark.parametrize("reason", list(Reason))
def test_where_there_is_no_vendor_none_is_to_be_asked(reason: Reason, kind: str) -> None:
    for unit in ("ms", "%", ""):
        odd = breach(reason, "it is odd", check=CheckId("h", kind, "own"), unit=unit)
        assert "vendor" not in " ".join(unexplained((odd,), kind).steps)


CONTROL = CheckId("h", "network", "control")


@pytest.mark.parametrize("reason", [Reason.DNS, Reason.CONNECT, Reason.TLS, Reason.PROTOCOL])
def test_control_targets_that_fail_alone_may_be_at_fault_themselves(reason: Reason) -> None:
    lost = breach(reason, "names cannot be looked up: www.example.org cannot be looked up", check=CONTROL)
    told = unexplained((lost,), "network")
    assert "target" in told.title
    assert "target" in told.summary
    assert any("put another one under `control`" in step for step in told.steps)
    assert "vendor" not in told.summary + " ".join(told.steps)
    harm = consequence(
        incident(lost, diagnosis=told, criteria=()), kind_words("network", "network"), "network"
    )
    assert harm.startswith("Nothing fails for guests")


def test_the_control_target_that_is_not_found_is_named_in_what_to_try() -> None:
    message = "names cannot be looked up: www.example.org cannot be looked up; 1 of 1 by address are reached"
    told = unexplained((breach(Reason.DNS, message, check=CONTROL),), "network")
    assert "getent hosts www.example.org, " in told.steps[0]
    assert told.title == "network: control targets cannot be looked up (check control)"


def test_a_refused_connection_is_looked_for_at_the_service() -> None:
    refused = breach(
        Reason.CONNECT, "cannot connect to localhost:80", signs=frozenset({Sign.CONNECTION_REFUSED})
    )
    told = " ".join(unexplained((refused,), "generic").steps)
    assert "service behind localhost" in told
    assert "nc " not in told


def test_an_integration_with_a_name_of_its_own_is_called_by_it() -> None:
    assert kind_words("ota", "expedia").noun == "The travel site expedia"
    assert kind_words("payment", "payment").noun == "The payment gateway"
    assert kind_words("generic", "door_locks").noun == "The integration door_locks"


@pytest.mark.parametrize(
    ("reason", "state", "changes", "start"),
    [
        (
            Reason.TIMEOUT,
            State.CRITICAL,
            {"criteria": (Criterion.CRITICAL_SYSTEM_DOWN,)},
            "While this lasts, ",
        ),
        (Reason.TIMEOUT, State.CRITICAL, {}, "Part of it fails, "),
        (Reason.RATE_LIMITED, State.WARNING, {}, "It still works, "),
        (Reason.TLS, State.WARNING, {"diagnosis": NEAR_ITS_END}, "Nothing fails yet. "),
        (Reason.SECURITY, State.CRITICAL, {"criteria": (Criterion.SECURITY_INCIDENT,)}, "Nothing fails for"),
    ],
)
def test_the_consequence_is_no_worse_than_the_facts(
    reason: Reason, state: State, changes: dict[str, Any], start: str
) -> None:
    found = incident(
        breach(reason, "it fails", state=state), **({"severity": Severity.WARNING, "criteria": ()} | changes)
    )
    assert consequence(found, kind_words("payment", "payment"), "payment").startswith(start)


def test_what_breaks_down_besides_a_security_incident_is_told_all_the_same() -> None:
    both = incident(
        breach(Reason.SECURITY, "forged"),
        breach(Reason.CONNECT, "refused"),
        criteria=(Criterion.SECURITY_INCIDENT,),
    )
    assert "more fails" in consequence(both, kind_words("payment", "payment"), "payment")
