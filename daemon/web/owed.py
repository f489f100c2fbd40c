"""What is believed of incidents, laid over what is stored: the state may be read and yet not be written."""

from collections.abc import Iterable, Mapping

from alerts.incident import IncidentState
from daemon.backlog import Account
from daemon.web.deps import Record


def first_page(
    stored: Iterable[Record],
    owed: Mapping[str, Account],
    *,
    state: IncidentState | None,
    hotel: str | None,
) -> list[Record]:
    """Return the newest incidents as they are believed to be, the newest opened first.

    All that are owed stand here, wherever they are stored.
    """
    known = {record.incident.id: record for record in stored}
    believed = [
        laid_over(known.get(name), account)
        for name, account in owed.items()
        if state in {None, account.incident.state} and hotel in {None, account.incident.hotel}
    ]
    found = [*believed, *unowed(known.values(), owed)]
    return sorted(found, key=lambda one: (one.incident.opened_at, one.incident.id), reverse=True)


def unowed(stored: Iterable[Record], owed: Mapping[str, Account]) -> list[Record]:
    """Return the incidents that are stored as they are."""
    return [record for record in stored if record.incident.id not in owed]


def laid_over(stored: Record | None, account: Account) -> Record:
    """Return an incident as it is believed to be, with the letters and the timeline that are stored, too."""
    if stored is None:
        return account
    letters = {one.id: one for one in (*stored.notifications, *account.notifications)}
    events = dict.fromkeys((*stored.events, *account.events))
    return Account(account.incident, tuple(letters.values()), tuple(events))
