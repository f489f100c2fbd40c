"""Until when an incident is to notify nobody, when several silences hold for it."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from alerts.incident import Severity
from alerts.silence import Silence, Source, Span
from daemon.quiet import Quiet
from tests.support.story import an_incident
from tests.support.zones import HOUR, at

NOON = at("2026-06-03 12:00")
INCIDENT = an_incident(NOON, Severity.CRITICAL)


def quiet(*spans: tuple[float, float], integration: str = "payment") -> Quiet:
    """Return what knows of silences from so many hours after noon to so many."""
    made = Quiet()
    silences = [
        Silence(str(number), {"integration": integration}, _span(*span), "work", "Ana", Source.PERSON)
        for number, span in enumerate(spans)
    ]
    made.configure(silences, {"h": ZoneInfo("UTC")})
    return made


def _span(begins: float, ends: float) -> Span:
    return Span(NOON + timedelta(hours=begins), NOON + timedelta(hours=ends))


def test_silences_that_overlap_or_follow_each_other_are_one() -> None:
    assert quiet((0, 2), (1, 3), (3, 4)).until(INCIDENT, NOON) == NOON + 4 * HOUR


def test_a_gap_between_silences_is_the_end_of_the_first() -> None:
    assert quiet((0, 2), (2.5, 3)).until(INCIDENT, NOON) == NOON + 2 * HOUR


def test_outside_of_its_window_and_for_something_else_a_silence_holds_nothing() -> None:
    assert quiet((1, 2)).until(INCIDENT, NOON) is None
    assert quiet((0, 2)).until(INCIDENT, NOON + 2 * HOUR) is None
    assert quiet((0, 2), integration="expedia").until(INCIDENT, NOON) is None
