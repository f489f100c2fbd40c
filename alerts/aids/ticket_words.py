"""The words of a letter to a vendor, by which it is shortened, and turned into the past when it is over."""

from datetime import UTC, datetime

from checks.result import Reason

SUBJECT = 150

_TIME = "%Y-%m-%d %H:%M:%S UTC"

ASKS: dict[Reason, str] = {
    Reason.CREDENTIALS: "Please check whether our account and its credentials are active.",
    Reason.FORBIDDEN: "Please check what our account is allowed to do, and for which property.",
    Reason.RATE_LIMITED: "Please tell us which limit we run into, and whether it was changed.",
    Reason.TLS: "Please look at the certificate and TLS settings of this host, and renew what has run out.",
    Reason.THRESHOLD: "Please look into why answers take so long, and tell us when they will be as usual.",
    Reason.CONTENT: "Please look into what your answer says, and tell us what must change on which side.",
}
OUTAGE = "Please look into it, and tell us when it will work again."
LOST = "Please tell us whether requests of this time were lost, or will be worked off later."
ALWAYS = ("Please confirm that you see it on your side, and tell us what the cause is.", LOST)

TIMES = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"
"""How a moment is written, as a pattern."""
SEEN_FAILING = "our monitoring sees failures of your service."
FAILS = "What fails"
WORKS = "What works, so that it is not our own network"
SOUND = "Our control targets on the internet answer"
OTHERS = "answers? us"
THEIRS = "Of your own service these still answer as they should"
ASKED_FOR = "What we ask for:"


def clock(at: datetime) -> str:
    """Return a moment as a letter says it."""
    return at.astimezone(UTC).strftime(_TIME)
