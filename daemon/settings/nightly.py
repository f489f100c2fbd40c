"""What a configuration says of the nights: reports, credentials, own tasks, and the mailbox of drills."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from alerts.credentials import register
from alerts.reports.report import Kind
from daemon.settings.settings import Hotel, Settings


def nightly(settings: Settings, now: datetime) -> Iterator[str]:
    """Yield a few lines that say what was understood, by hotel where there are several."""
    several = len(settings.hotels) > 1
    yield "Every night:"
    for hotel in settings.hotels:
        before = f"{hotel.id}: " if several else ""
        yield f"  {before}{_reports(hotel, mailed=settings.mail is not None)}"
        yield f"  {before}{_credentials(hotel, now)}; {_tasks(hotel)}"
    mailbox = settings.drills.mailbox
    where = (
        f"read back from {mailbox.address} on {mailbox.host}:{mailbox.port}" if mailbox else "not read back"
    )
    yield f"  drills: their mail is {where}"


def _reports(hotel: Hotel, *, mailed: bool) -> str:
    options = hotel.reports
    if not options.kinds:
        return "reports: none is made"
    made = f"reports at {options.at:%H:%M} ({hotel.timezone.key})"
    if not mailed:
        return f"{made}: {_listed(options.kinds)}, mailed to nobody"
    if options.to is not None:
        return f"{made}: {_listed(options.kinds)} to {', '.join(options.to) or 'nobody'}"
    said = [f"daily to {_levels(hotel, '1')}"] if Kind.DAILY in options.kinds else []
    longer = [one for one in options.kinds if one is not Kind.DAILY]
    if longer:
        said.append(f"{_listed(longer)} to {_levels(hotel, '1', '2')}")
    return f"{made}: {'; '.join(said)}"


def _listed(kinds: Iterable[Kind]) -> str:
    return ", ".join(kinds)


def _levels(hotel: Hotel, *names: str) -> str:
    """Return who stands on some levels."""
    levels = [one for one in hotel.escalation.levels if str(one.level) in names]
    people = dict.fromkeys(address for one in levels for address in one.email)
    return ", ".join(people) or "nobody"


def _credentials(hotel: Hotel, now: datetime) -> str:
    known = register(hotel.credentials, hotel.timezone, now)
    if not known:
        return "credentials: none in the register"
    first = known[0]
    return f"credentials: {len(known)}, next {first.credential.title} by {first.due} ({first.need})"


def _tasks(hotel: Hotel) -> str:
    own = [one.id for one in hotel.tasks if one.own]
    return f"own tasks: {', '.join(own)}" if own else "own tasks: none"
