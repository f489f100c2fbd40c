"""What mails say of what harms no guest today: a clock that is wrong, a backup that is missing."""

import pytest

from alerts.diagnosis.host import RULES
from alerts.incident import Cause, Diagnosis
from alerts.message import subject
from alerts.message_headline import headline
from alerts.message_mail import Mail
from alerts.message_people import tel
from checks.result import CheckId, Reason, State
from tests.support.letters import at_the_desk, breach, incident, problem, resolved, said

CLOCK_WORDS = RULES[0].words
CLOCK = Diagnosis(
    Cause.HOST_CLOCK_WRONG,
    "likely",
    "us",
    CLOCK_WORDS.summary,
    CLOCK_WORDS.steps,
    title=CLOCK_WORDS.whole,
    sentence=CLOCK_WORDS.whole,
    whole=True,
)
NAMES = ("payment", "expedia")
EXPIRED = [
    breach(Reason.TLS, "the certificate expired", check=CheckId("h", name, "health")) for name in NAMES
]
UNCLEAR = incident(*EXPIRED, integrations=NAMES, diagnosis=CLOCK, title=CLOCK.title)


def lost(reason: Reason) -> Mail:
    found = breach(
        reason, "there is no backup in /b", check=CheckId("h", "pms", "backup"), state=State.WARNING
    )
    return problem(incident(found, kind="pms", criteria=()))


def test_a_wrong_clock_of_the_porter_breaks_nothing_for_guests() -> None:
    mail = problem(UNCLEAR)
    assert headline(mail) == "The clock of Night Porter's host is wrong."
    assert "probably not affected: it is Night Porter that cannot judge" in said(mail, "What this means")
    assert "deposits" not in said(mail, "What this means")
    desk = at_the_desk(mail)
    assert "There is nothing to do at the desk." in said(desk, "What to do at the desk")


def test_the_end_of_a_wrong_clock_claims_of_nothing_that_it_works_again() -> None:
    over = resolved(UNCLEAR)
    assert headline(over) == 'This is over: "the clock of Night Porter\'s host is wrong".'
    assert "deposits" not in said(over, "What else")


@pytest.mark.parametrize(
    ("reason", "title", "sentence"),
    [
        (Reason.MISSING, "there is no backup", "has no backup"),
        (Reason.STALE, "the newest backup is too old", "has no recent backup"),
        (
            Reason.MISMATCH,
            "the newest backup is empty or far too small",
            "has a newest backup that is empty or far too small",
        ),
    ],
)
def test_a_backup_is_told_of_as_what_it_is(reason: Reason, title: str, sentence: str) -> None:
    mail = lost(reason)
    assert mail.incident.diagnosis.cause is Cause.UNKNOWN
    assert subject(mail).endswith(f"pms: {title}")
    assert headline(mail) == f"The hotel system (PMS) {sentence}."
    assert "Nothing fails for guests today." in said(mail, "What this means")
    assert "check-in" not in said(mail, "What this means")
    assert "backup job" in said(mail, "What to do")


def test_the_end_of_a_missing_backup_speaks_of_backups() -> None:
    over = resolved(lost(Reason.MISSING).incident)
    assert headline(over) == "The hotel system (PMS) has a sound backup again."
    assert "can be restored" in said(over, "What to check now")


@pytest.mark.parametrize(
    ("phone", "dials"),
    [
        ("+351 21 555 0100", "tel:+351215550100"),
        ("+49 (0)30 5550-100", "tel:+49305550100"),
        ("555 0100 ext. 4", None),
        ('1"><script>2', None),
        (None, None),
    ],
)
def test_only_what_is_plainly_a_number_can_be_dialled(phone: str | None, dials: str | None) -> None:
    assert tel(phone) == dials
