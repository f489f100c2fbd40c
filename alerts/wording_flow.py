"""What is said of things that no longer flow: mails that may not be sent, updates that do not come."""

from alerts.incident import Breach, Cause
from alerts.wording_causes import Row
from checks.result import Reason, State

_SPARE = (
    "See in the PMS's or the provider's list of mails what sent so many (a newsletter, a loop), and stop it.",
    "Give guests who arrive today what they need by phone.",
    "If it was no accident, ask the provider for a larger quota, or send newsletters over another account.",
)
USED_UP = Row(
    "the mails of 24 hours are used up",
    "has used up the mails of 24 hours: no more go out",
    "As many mails as the provider allows have gone out within 24 hours.",
    _SPARE,
    Cause.MAIL_QUOTA_EXHAUSTED,
    "certain",
    "us",
)
NEARLY = Row(
    "few mails are left for today",
    "has few mails left of those it may send within 24 hours",
    "More mails than usual have gone out within 24 hours; when none is left, guests get none.",
    _SPARE,
    Cause.MAIL_QUOTA_EXHAUSTED,
    "certain",
    "us",
)
NO_UPDATES = Row(
    "gets no updates from the PMS",
    "gets no updates from the PMS: its log shows no success for too long",
    "The PMS's log shows no success for longer than it should; the evidence says since when.",
    (
        "Look at the end of the log that the evidence names: errors, or nothing at all?",
        "Run `pm2 list` on the PMS's host: does the process that synchronises run? Restart it if it hangs.",
        "Until it works, close room types that are nearly full by hand, in the extranets.",
    ),
)

_LOGS = frozenset({"sync_log", "rate_log"})


def of(breach: Breach) -> Row | None:
    """Return the row of a breach that is about flow, else None."""
    if breach.reason is Reason.THRESHOLD and breach.check.check == "quota":
        return USED_UP if breach.state is State.CRITICAL else NEARLY
    return NO_UPDATES if breach.reason is Reason.STALE and breach.check.check in _LOGS else None
