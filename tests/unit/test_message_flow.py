"""What is said when mails may not be sent any more, and when updates do not come."""

import pytest

from alerts.incident import Cause, Criterion, Diagnosis
from alerts.incidents import Situation, criteria
from alerts.wording import diagnose, headline, title
from checks.result import CheckId, Reason, State
from tests.support.letters import breach, incident

LEFT = "10,111 of 10,000 messages used within 24 h, 0 left"


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (State.CRITICAL, "email: the mails of 24 hours are used up"),
        (State.WARNING, "email: few mails are left for today"),
    ],
)
def test_a_quota_is_told_in_mails(state: State, said: str) -> None:
    found = (breach(Reason.THRESHOLD, LEFT, state=state, check=CheckId("h", "email", "quota")),)
    assert title("email", found) == said
    assert diagnose(found, "email").cause is Cause.MAIL_QUOTA_EXHAUSTED


@pytest.mark.parametrize(("state", "down"), [(State.CRITICAL, True), (State.WARNING, False)])
def test_e_mail_is_down_only_when_no_mail_is_left(state: State, down: bool) -> None:
    found = (breach(Reason.THRESHOLD, LEFT, state=state, check=CheckId("h", "email", "quota")),)
    situation = Situation("h/email", "h", "email", "email", found, ("provider", "smtp", "quota"))
    diagnosis = Diagnosis(Cause.MAIL_QUOTA_EXHAUSTED, "certain", "us", "")
    assert (Criterion.CRITICAL_SYSTEM_DOWN in criteria(situation, diagnosis)) is down


def test_updates_that_do_not_come_are_looked_for_in_the_pms() -> None:
    found = (
        breach(Reason.STALE, "no success for 45 minutes", check=CheckId("h", "booking_engine", "sync_log")),
    )
    assert "from the PMS" in headline(incident(*found), "booking_engine")
    assert any("pm2 list" in step for step in diagnose(found, "booking_engine").steps)
