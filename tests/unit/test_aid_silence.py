"""The aid of a silence says what was observed and expected, how rare that is, and how to find out."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from alerts.aids.aid import Aid, AidKind
from alerts.aids.sight import Sight
from alerts.aids.silence import silence
from alerts.aids.table import aids
from alerts.correspondence import HotelDesk
from alerts.facts import Fact
from alerts.incident import Cause
from alerts.policy import Policy
from checks.result import EXPECTED, ONE_IN, SILENT, USUAL_GAP, Reason
from tests.support.facts import HOTEL, KINDS, a_hotel, failing
from tests.support.letters import incident

DESK = HotelDesk(HOTEL, "Hotel", ZoneInfo("Europe/Lisbon"), Policy(), KINDS, {}, {})
NUMBERS = {SILENT: 18_000.0, USUAL_GAP: 5400.0, EXPECTED: 7.4, ONE_IN: 1_234_567.0}


def sight(fact: Fact, cause: Cause = Cause.RESERVATION_SILENCE) -> Sight:
    assert fact.breach is not None
    about = incident(fact.breach, kind="booking_engine", hotel=HOTEL)
    about = replace(about, diagnosis=replace(about.diagnosis, cause=cause))
    return Sight(about, a_hotel(fact), DESK)


def silent(**changes: float) -> Fact:
    return replace(failing("booking_engine/reservations", Reason.STALE), measurements=NUMBERS | changes)


def made(**changes: float) -> Aid:
    found = silence(sight(silent(**changes)))
    assert found is not None
    return found


def test_it_says_what_was_expected_and_how_rare_this_is() -> None:
    found = made()
    assert (found.kind, found.heading) == (AidKind.SILENCE, "Is it low demand?")
    assert found.lines[0] == (
        "Observed: no booking for 5 h. Expected by this hotel's own rhythm: 7, and at this hour of this "
        "weekday a gap of at most 1 h 30 min. Chance alone makes 1 in 1,200,000 such stretches this quiet."
    )
    assert "test booking" in found.lines[1]
    assert found.desk[0].startswith("Nobody can say yet")


def test_what_is_unheard_of_gets_no_exact_odds() -> None:
    assert made(silence_one_in=1e9).lines[0].endswith("less than one in a billion such stretches this quiet.")


@pytest.mark.parametrize(
    "other",
    [sight(silent(), Cause.DATABASE_DOWN), sight(failing("booking_engine/reservations", Reason.STALE))],
    ids=["another cause", "a statement of one's own"],
)
def test_it_is_given_only_where_the_rhythm_is_known(other: Sight) -> None:
    assert silence(other) is None


def test_it_is_among_the_aids_of_its_incident() -> None:
    def report(name: str, error: Exception) -> None:
        pytest.fail(f"{name}: {error}")

    assert AidKind.SILENCE in {one.kind for one in aids(sight(silent()), report)}
