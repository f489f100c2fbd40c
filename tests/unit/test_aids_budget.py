"""The mail budget: what is left, until when, what comes back when, and what to send first."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.aids.aid import Aid
from alerts.aids.budget import budget
from alerts.aids.sight import Sight
from checks.findings import Budget, Findings
from checks.result import Reason, Sign, State
from tests.support.aiding import sight
from tests.support.facts import failing, fine

EMPTY = Budget("messages", 2000, 2000, 80, (120, 180, 0, 300, *[70] * 20))
EASY = Budget("messages", 820, 2000, 30, (34,) * 24)


def quota(*budgets: Budget, state: State = State.CRITICAL) -> Sight:
    signs = (Sign.QUOTA_USED_UP,) if state is State.CRITICAL else ()
    fact = failing("email/quota", Reason.THRESHOLD, *signs, type_="quota", state=state)
    return sight(replace(fact, findings=Findings(budgets=budgets)))


def made(seen: Sight) -> Aid:
    aid = budget(seen)
    assert aid is not None
    return aid


def test_an_empty_budget_says_what_comes_back_when_and_what_goes_first() -> None:
    aid = made(quota(EMPTY))
    assert aid.lines == (
        "2,000 of 2,000 messages were used in the last 24 h, 80 of them in the last hour: 0 left.",
        (
            "If nothing is sent until then, there is room for 120 messages from 09:00, 300 from 10:00, "
            "600 from 12:00."
        ),
        (
            "As each becomes free, booking confirmations and door codes first: hold newsletters, reminders "
            "and surveys back until 12:00, when there is room for enough."
        ),
    )
    assert aid.desk == (
        (
            "Until about 09:00 hardly a mail leaves the house: give guests confirmations and door codes by "
            "telephone."
        ),
        "Send no newsletters, offers and such as can wait until 12:00, when there is room for enough.",
    )


def test_a_budget_that_runs_out_says_when() -> None:
    aid = made(quota(Budget("messages", 1950, 2000, 100, (0, 0, *[80] * 22)), state=State.WARNING))
    assert aid.lines[0].endswith("50 left. At this pace nothing is left at 08:30.")
    assert aid.desk[0] == "At this pace no mail leaves the house any more from 08:30 on."


def test_a_budget_that_lasts_is_one_line_and_none_for_the_desk() -> None:
    fact = failing("email/delivery", Reason.THRESHOLD, Sign.HARD_BOUNCES, type_="delivery")
    known = replace(fine("email/quota", "quota"), findings=Findings(budgets=(EASY,)))
    aid = made(sight(fact, known))
    assert aid.lines == (
        (
            "820 of 2,000 messages were used in the last 24 h, 30 of them in the last hour: 1,180 left. "
            "At this pace it lasts for the next 24 h."
        ),
    )
    assert aid.desk == ()


def test_the_scarcer_of_two_allowances_stands_first() -> None:
    recipients = Budget("recipients", 10_000, 10_000, 200, (400,) * 24)
    lines = made(quota(EASY, recipients)).lines
    assert lines[0].startswith("10,000 of 10,000 recipients")
    assert lines[1] == (
        "If nothing is sent until then, there is room for 400 recipients from 09:00, 800 from 10:00, "
        "1,200 from 11:00."
    )
    assert lines[2].startswith("820 of 2,000 messages")


@pytest.mark.parametrize("known", [True, False])
def test_other_incidents_and_statements_without_hours_have_no_budget(known: bool) -> None:
    assert budget(quota()) is None
    fact = failing("email/spf", Reason.CONTENT, type_="dns")
    has = replace(fine("email/quota", "quota"), findings=Findings(budgets=(EASY,) if known else ()))
    assert budget(sight(fact, has)) is None


@given(
    st.integers(0, 5000),
    st.integers(1, 5000),
    st.integers(0, 500),
    st.lists(st.integers(0, 500), min_size=24, max_size=24).map(tuple),
)
def test_no_line_promises_more_than_the_limit(
    used: int, limit: int, pace: int, frees: tuple[int, ...]
) -> None:
    one = Budget("messages", used, limit, pace, frees)
    lines = made(quota(one)).lines
    promised = lines[1] if len(lines) > 1 and lines[1].startswith("If nothing") else ""
    said = [int(number.replace(",", "")) for number in re.findall(r"([\d,]+) (?:messages )?from", promised)]
    assert all(number <= limit for number in said)
    assert len(lines) <= 3
