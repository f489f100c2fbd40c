"""The verdict on a silence of which a statement of one's own tells the longest usual gap."""

from datetime import datetime

from checks.log import span
from checks.result import USUAL_GAP, Reason, Result, State, ok
from checks.rhythm import DAY
from checks.tables.question import Row, said, verdict
from checks.tables.silences import LEAST_DAYS, LEAST_SEEN

TIMES = 5.0
"""How often the longest usual gap is a silence."""
LEAST_SILENCE = 6 * 3600.0


def judge(row: Row, here: datetime, numbers: dict[str, float]) -> Result:
    """Say whether it has been silent for much longer than the longest gap; `here` is now, in hotel time."""
    made, silent, usual = row.count("made"), row.age("silent"), row.age("usual")
    covered = row.age("known") or 0.0
    if silent is None:
        return ok("there is no reservation yet: too little is known to judge silence", numbers)
    since = f"the newest reservation was made {span(silent)} ago"
    if usual is None or made < LEAST_SEEN or covered < LEAST_DAYS * DAY:
        seen = f"{said(made, 'reservation')} in {covered / DAY:.0f} days"
        return ok(f"{since}; too little is known to judge silence ({seen})", numbers)
    numbers = {**numbers, USUAL_GAP: usual}
    if row.count("closed"):
        return ok(f"{since}; no room can be sold within 30 days, so nobody is expected to book", numbers)
    limit = max(TIMES * usual, LEAST_SILENCE)
    rhythm = f"around {here:%H}:00 on a {here:%A} the longest usual gap is {span(usual)}"
    if silent > limit:
        told = f"no new reservation for {span(silent)}; {rhythm}, expected one within {span(limit)}"
        return verdict(State.WARNING, Reason.STALE, told, numbers, past=(silent, limit, "s"))
    return ok(f"{since}; {rhythm}", numbers)
