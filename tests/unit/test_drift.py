"""What was seen over a time tells what changed, and which kinds of error are new."""

from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from alerts.reports.drift import NEW_ERROR, Change, Drift, Novelty, drift, in_words
from checks.result import CheckId
from tests.support.clock import START

DAY = timedelta(days=1)
SPF = CheckId("h", "email", "spf")
TLS, HEALTH = CheckId("h", "payment", "certificate"), CheckId("h", "payment", "health")
LOGS = CheckId("h", "pms", "logs")


class Seen(NamedTuple):
    """A sighting."""

    check: CheckId
    name: str
    at: datetime
    value: str


def row(*values: str, check: CheckId = SPF, name: str = "record") -> list[Seen]:
    """Return sightings of a day each, the first of the day before the time begins."""
    return [Seen(check, name, START + number * DAY, value) for number, value in enumerate(values, -1)]


def over(*seen: Seen, days: int = 30) -> Drift:
    return drift(seen, START, START + days * DAY)


def test_a_setting_that_is_another_is_told_with_what_was_and_since_when() -> None:
    found = over(*row("v=spf1 -all", "v=spf1 ~all"))
    steps = ((START, "v=spf1 ~all"),)
    assert found == Drift(
        (Change("email", ("spf",), "record", "v=spf1 -all", "v=spf1 ~all", START, 1, steps),)
    )
    assert found.changes[0].said == "DNS record"


def test_what_is_seen_first_is_no_change_nor_what_was_before_or_comes_after() -> None:
    assert over(*row("a")) == over(*row("a", "a", "a")) == over() == Drift()
    assert drift(row("a", "b"), START + DAY, START + 2 * DAY) == Drift()
    assert drift(row("a", "a", "a", "b"), START, START + 2 * DAY) == Drift()
    late = [Seen(SPF, "record", START + DAY, "a"), Seen(SPF, "record", START + 2 * DAY, "b")]
    assert [(one.before, one.after) for one in over(*late).changes] == [("a", "b")]


def test_a_setting_that_changed_and_changed_back_is_told_once() -> None:
    (one,) = over(*row("a", "b", "a", "b", "a")).changes
    assert (one.before, one.after, one.times, one.at) == ("a", "a", 4, START + 3 * DAY)


def test_one_certificate_that_several_checks_see_is_one_change() -> None:
    seen = [one for check in (TLS, HEALTH) for one in row("2026-12-01", "2027-03-01", check=check, name="x")]
    (one,) = over(*seen).changes
    assert (one.integration, one.checks) == ("payment", ("certificate", "health"))


def test_a_kind_of_error_is_new_once() -> None:
    name = f"{NEW_ERROR}1a2b3c4d"
    seen = [
        Seen(LOGS, name, START + DAY, "ERROR # failed"),
        Seen(LOGS, name, START + 2 * DAY, "ERROR # failed"),
        Seen(LOGS, f"{NEW_ERROR}old", START - DAY, "known"),
        Seen(LOGS, f"{NEW_ERROR}old", START + DAY, "known"),
    ]
    assert over(*seen) == Drift((), (Novelty("pms", "logs", "1a2b3c4d", "ERROR # failed", START + DAY),))


def test_settings_have_names_for_people() -> None:
    assert in_words("certificate.ends") == "last day of the certificate"
    assert in_words("record.google") == "DNS record of google"
    assert in_words("mx") == "MX records"


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=12), st.integers(0, 12), st.randoms())
def test_however_it_is_told_the_change_is_between_the_values_at_both_ends(
    values: list[str], first: int, chance: Random
) -> None:
    seen = row(*values)
    begins, ends = START + (first - 1) * DAY, START + 20 * DAY
    found = drift(sorted(seen, key=lambda _: chance.random()), begins, ends)
    # What stood when the time began: the last before it, or else the first of all.
    before = values[max(0, min(first, len(values)) - 1)]
    flips = sum(one.value != other.value and other.at >= begins for one, other in pairwise(seen))
    told = [(one.before, one.after, one.times) for one in found.changes]
    assert told == ([(before, values[-1], flips)] if flips else [])
