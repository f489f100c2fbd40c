"""What was seen is told in words that do not contradict how grave the incident is."""

from dataclasses import replace

import pytest

from alerts.incident import Severity
from alerts.message_letter import letter
from alerts.message_mail import Mail
from tests.support.aiding import late_queue, mail, sight


def evidence(about: Mail) -> str:
    return next(one.lines[0].text for one in letter(about).sections if one.heading.startswith("Evidence"))


@pytest.mark.parametrize(
    ("severity", "word"),
    [(Severity.WARNING, "queue fails (stale): "), (Severity.CRITICAL, "queue is critical (stale): ")],
)
def test_a_warning_calls_nothing_critical(severity: Severity, word: str) -> None:
    seen = sight(late_queue())
    about = replace(seen, incident=replace(seen.incident, severity=severity))
    assert evidence(mail(about)).startswith(word)


def test_what_is_stuck_in_work_is_not_said_to_stand_still() -> None:
    said = sight(late_queue()).incident.diagnosis
    assert said.title.endswith("some updates are stuck in work")
    assert "Others may get done meanwhile" in said.summary
