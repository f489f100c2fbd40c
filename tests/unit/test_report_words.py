"""What reports say: how they begin, and that they are short where there is little to tell."""

from datetime import UTC, datetime

import pytest

from alerts.reports.facts import Overdue, Stand
from alerts.reports.flows import how_usual
from alerts.reports.plain_text import plain_text
from alerts.reports.report import Kind, Report, Tone
from alerts.reports.writing import write
from checks.result import State
from tests.support.report_facts import DAY, ENDS, HOUR, coming, facts, happening, integration


def heads(found: Report) -> list[str]:
    return [one.heading for one in found.sections]


def text_of(found: Report) -> str:
    return " ".join(plain_text(found).split())


def test_a_night_in_which_nothing_was_is_called_quiet_and_is_short() -> None:
    found = write(facts())
    assert found.headline == "A quiet night: nothing broke, nothing is open and nothing is due."
    assert found.tone is Tone.GOOD
    assert heads(found) == ["Response times", "Tasks and drills", "Nothing to tell"]
    assert len(plain_text(found).splitlines()) < 40


@pytest.mark.parametrize(
    ("peaks", "quiet"), [({"quota_used_ratio": 0.2}, True), ({"quota_used_ratio": 0.95}, False)]
)
def test_a_night_with_something_odd_is_not_called_quiet(peaks: dict[str, float], quiet: bool) -> None:
    found = write(facts(integrations=(integration("email", peaks),)))
    assert found.headline.startswith("A quiet night") is quiet
    assert quiet or found.headline == "Nothing broke."


def test_it_begins_with_what_things_are() -> None:
    over = happening("warning", ENDS - 9 * HOUR, ENDS - 8 * HOUR)
    still = happening("critical", ENDS - 2 * HOUR, None)
    due = (coming("credential.key", 13.2), coming("credential.password", 9.5), coming("certificate.a.b", 3.1))
    task = Overdue("test-backups", "Test backup procedures", ENDS - 7 * DAY)
    found = write(facts(incidents=(over, still), coming=due, overdue=(task,), gaps=2))
    assert found.headline == (
        "1 incident came and went, 1 incident is still open, 1 certificate ends in 3 days, "
        "2 credentials are due, the first in 9 days, 1 task is overdue and 2 of 24 hours were not watched."
    )
    assert found.tone is Tone.BAD


def test_what_is_past_its_day_is_said_to_be() -> None:
    past = (coming("credential.key", -3), coming("certificate.a.b", -1), coming("quota.email.day", 0.1))
    assert write(facts(coming=past)).headline == (
        "1 certificate has ended, 1 credential is overdue, nothing broke and "
        "1 quota will be used up in 2 h 24 min."
    )


def test_where_something_is_open_nothing_else_broke() -> None:
    found = text_of(write(facts(incidents=(happening("warning", ENDS - HOUR, None),))))
    assert "Nothing else broke." in found
    assert "Cause: vendor outage. Whose fault: not known. Nobody acknowledged it." in found


def test_only_integrations_with_lines_of_errors_are_told_of() -> None:
    names = {"expedia": 0.0, "payment": 1234.0, "pms": 0.0}
    rows = tuple(integration(name, {"error_lines": lines}) for name, lines in names.items())
    logs = (Stand("pms", "logs", State.OK, ENDS - DAY, runs=9),)
    told = text_of(write(facts(integrations=rows, standings=logs)))
    assert "payment 1,234" in told.partition("ERRORS")[2]
    assert "expedia" not in told.partition("ERRORS")[2]
    none = text_of(write(facts(integrations=rows[:1], standings=logs)))
    assert "No new kind of error was seen, and no line told of an error." in none


def test_only_the_fullest_quotas_are_told_one_by_one() -> None:
    shares = {"a": 0.0129, "b": 0.0129, "email": 0.178, "expedia": 0.0105}
    rows = tuple(integration(name, {"quota_used_ratio": share}) for name, share in shares.items())
    told = text_of(write(facts(integrations=rows)))
    assert "email 17.8 % 82.2 %" in told
    assert "a, b and expedia used 1.29 % at the most." in told
    full = tuple(integration(name, {"quota_used_ratio": 0.5 + share}) for name, share in shares.items())
    assert "at the most." not in text_of(write(facts(integrations=full))).partition("QUOTAS")[2]


@pytest.mark.parametrize(
    ("since", "said"),
    [
        (None, "0 incidents opened this month; nothing is known of the month before."),
        (
            datetime(2026, 10, 25, 6, tzinfo=UTC),
            (
                "0 incidents opened this month. "
                "The month before is known from 25 Oct 2026 on, and compared as far."
            ),
        ),
        (datetime(2026, 10, 1, 5, tzinfo=UTC), "0 incidents opened this month, 0 the month before."),
    ],
)
def test_a_month_before_of_which_nothing_is_known_is_not_one_in_which_nothing_was(
    since: datetime | None, said: str
) -> None:
    assert said in text_of(write(facts(Kind.MONTHLY, known_before=since)))


def test_names_of_integrations_are_not_broken_in_tables() -> None:
    rows = tuple(integration(name) for name in ("channel_manager", "booking_engine_of_the_spa"))
    for kind in Kind:
        found = plain_text(write(facts(kind, integrations=rows)))
        assert "channel_manager " in found


def test_silences_are_told_by_how_unusual_they_are() -> None:
    peaks = {
        "booking_engine": {"silent_seconds": 18_000.0, "silence_one_in": 1234.0},
        "email": {"silent_seconds": 1_800.0},
        "payment": {"silent_seconds": 7_200.0, "silence_one_in": 3.0},
    }
    found = write(facts(integrations=tuple(integration(name, some) for name, some in peaks.items())))
    told = text_of(found).partition("LONGEST SILENCES")[2]
    assert "▲ booking_engine 5 h 1 in 1,200 payment 2 h usual email 30 min not known yet" in told
    assert found.headline == "Nothing broke."


@pytest.mark.parametrize(
    ("one_in", "said"), [(1e9, "less than 1 in a billion"), (999.0, "1 in 1,000"), (19.9, "usual")]
)
def test_how_usual_a_silence_is_is_said_no_more_exactly_than_it_is_known(one_in: float, said: str) -> None:
    assert how_usual(one_in)[0] == said
