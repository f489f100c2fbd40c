"""The aid of a silence: how rare it is by the hotel's own rhythm, and how low demand is told from loss."""

from datetime import timedelta

from alerts.aids.aid import Aid, AidKind
from alerts.aids.sight import Sight
from alerts.facts import Fact
from alerts.incident import Cause
from alerts.message_text import lasting
from checks.result import EXPECTED, ONE_IN, SILENT, USUAL_GAP

UNHEARD_OF = 1e9

_TELL_APART = (
    "To tell low demand from loss: make a test booking of a far-off night; count today's bookings in each "
    "extranet; see whether dates or rates were closed. One that the PMS does not have is loss."
)
_DESK = (
    "Nobody can say yet whether bookings are lost: if a guest asks after one that you do not see, look it up "
    "in the extranet and keep a room."
)


def silence(sight: Sight) -> Aid | None:
    """Return what is known of a silence of reservations, or None where the incident is about another."""
    if sight.incident.diagnosis.cause is not Cause.RESERVATION_SILENCE:
        return None
    facts = (
        fact for fact in sight.breached() if {SILENT, USUAL_GAP, EXPECTED, ONE_IN} <= fact.measurements.keys()
    )
    known = next(facts, None)
    if known is None:
        return None
    return Aid(AidKind.SILENCE, "Is it low demand?", (_rhythm(known), _TELL_APART), (_DESK,))


def _rhythm(fact: Fact) -> str:
    numbers = fact.measurements
    silent, usual = (lasting(timedelta(minutes=round(numbers[name] / 60))) for name in (SILENT, USUAL_GAP))
    told = (
        f"Observed: no booking for {silent}. Expected by this hotel's own rhythm: {numbers[EXPECTED]:,.0f}, "
        f"and at this hour of this weekday a gap of at most {usual}"
    )
    return f"{told}. {_odds(numbers[ONE_IN])}"


def _odds(one_in: float) -> str:
    if one_in >= UNHEARD_OF:
        return "Chance alone makes less than one in a billion such stretches this quiet."
    return f"Chance alone makes 1 in {float(f'{one_in:.2g}'):,.0f} such stretches this quiet."
