"""Mail budget: what may still be sent within the rolling 24 hours, until when, and what comes back when."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from alerts.aids.aid import Aid, AidKind
from alerts.aids.sight import Sight
from alerts.facts import Fact
from alerts.incident import Cause
from alerts.message_text import hotel_time
from checks.findings import Budget

CAUSES = frozenset(
    {
        Cause.MAIL_QUOTA_EXHAUSTED,
        Cause.SMTP_ACCOUNT_THROTTLED,
        Cause.BOUNCES_NOT_SUPPRESSED,
        Cause.MAIL_AUTHENTICATION_BROKEN,
        Cause.SENDING_IP_LISTED,
    }
)
CHECKS = frozenset({"quota", "delivery"})
"""Checks whose breach has to do with how much is sent, whatever its cause."""

LITTLE = 0.2
"""Share of an allowance with which it is time to choose what is sent."""
STEPS = 3
"""Moments at which more comes back that are told."""


def budget(sight: Sight) -> Aid | None:
    """Return what is left of the mail allowances and what becomes of it; None where it is not about mail."""
    found = _of(sight)
    if found is None:
        return None
    lines, desk = list[str](), list[str]()
    for one in sorted(found.findings.budgets, key=lambda one: one.left / max(1, one.limit)):
        lines += list(_lines(one, found.at, sight))
        desk = desk or list(_desk(one, found.at, sight))
    return Aid(AidKind.BUDGET, "Mails that may still be sent", tuple(lines), tuple(desk))


def _of(sight: Sight) -> Fact | None:
    incident = sight.incident
    for name in incident.integrations:
        fact = sight.facts.get(name, "quota")
        if sight.facts.kinds.get(name) != "email" or fact is None or not fact.findings.budgets:
            continue
        if incident.diagnosis.cause in CAUSES or any(
            one.check.integration == name and one.check.check in CHECKS for one in incident.breaches
        ):
            return fact
    return None


def _lines(one: Budget, at: datetime, sight: Sight) -> Iterator[str]:
    ends = one.ends_in()
    yield (
        f"{one.used:,} of {one.limit:,} {one.name} were used in the last 24 h, {one.pace:,} of them in the "
        f"last hour: {one.left:,} left.{_end(one, ends, at, sight)}"
    )
    if not _is_scarce(one, ends):
        return
    back = _comes_back(one, at, sight)
    if back:
        yield f"If nothing is sent until then, there is {back}."
    if one.name == "messages":
        whose = "Booking" if one.left else "As each becomes free, booking"
        yield (
            f"{whose} confirmations and door codes first: hold newsletters, reminders and "
            f"surveys back{_until(one, at, sight)}."
        )


def _end(one: Budget, ends: float | None, at: datetime, sight: Sight) -> str:
    if not one.left:
        return ""
    if ends is None:
        return " At this pace it lasts for the next 24 h."
    return f" At this pace nothing is left at {_clock(ends, at, sight)}."


def _is_scarce(one: Budget, ends: float | None) -> bool:
    return ends is not None or one.left < LITTLE * one.limit


def _comes_back(one: Budget, at: datetime, sight: Sight) -> str:
    """Return when there is room for how much, as far as that grows."""
    steps = [(f"{room:,}", f"from {_clock(hour, at, sight)}") for hour, room in one.returns()[:STEPS]]
    if not steps:
        return ""
    (room, start), *more = steps
    return f"room for {', '.join([f'{room} {one.name} {start}', *map(' '.join, more)])}"


def _until(one: Budget, at: datetime, sight: Sight) -> str:
    """Return until when to hold back what can wait: until there is room for more than a little."""
    enough = LITTLE * one.limit
    hour = next((hour for hour, room in enumerate(one.room(), 1) if room >= enough), None)
    return "" if hour is None else f" until {_clock(hour, at, sight)}, when there is room for enough"


def _clock(hours: float, at: datetime, sight: Sight) -> str:
    return hotel_time(at + timedelta(hours=hours), sight.now, sight.desk.timezone)


def _desk(one: Budget, at: datetime, sight: Sight) -> Iterator[str]:
    ends = one.ends_in()
    if not _is_scarce(one, ends):
        return
    if not one.left:
        free = next((hour for hour, room in enumerate(one.room(), 1) if room), None)
        hardly = "No mail" if free is None else f"Until about {_clock(free, at, sight)} hardly a mail"
        yield f"{hardly} leaves the house: give guests confirmations and door codes by telephone."
    elif ends is not None:
        yield f"At this pace no mail leaves the house any more from {_clock(ends, at, sight)} on."
    yield f"Send no newsletters, offers and such as can wait{_until(one, at, sight)}."
