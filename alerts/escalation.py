"""Who is told of what: an incident's decision -> recipients.

Level 1 is told at once of every incident; the further levels and their hours come with the next steps.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from alerts.incidents import Step
from alerts.notification import Delivery, Kind, Notification

KIND_OF_STEP: dict[Step, Kind] = {
    Step.OPENED: Kind.PROBLEM,
    Step.REOPENED: Kind.PROBLEM,
    Step.WORSENED: Kind.UPDATE,
    Step.RESOLVED: Kind.RESOLVED,
}
"""The message a step is told with; a step without one is recorded and told to nobody."""

TOLD = frozenset({Delivery.PENDING, Delivery.SENDING, Delivery.SENT})


@dataclass(frozen=True, slots=True)
class Contact:
    """A level of the escalation: whom it reaches by mail."""

    level: str
    role: str
    addresses: tuple[str, ...]
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Addressee:
    """One person to tell. `knows` says whether a mail of this incident reached, or is on its way to, them."""

    level: str
    role: str
    address: str
    knows: bool


def addressees(
    step: Step, first: Contact | None, told: Iterable[Notification], roles: dict[str, str]
) -> tuple[Addressee, ...]:
    """Return who is told of a step.

    An opening goes to level 1 (`first`); whatever follows goes to exactly those who were told of this
    epoch (`told`), each once. `roles` maps a level to its role.
    """
    if step in {Step.OPENED, Step.REOPENED}:
        addresses = dict.fromkeys(first.addresses) if first else ()
        return tuple(Addressee(first.level, first.role, one, knows=False) for one in addresses if first)
    people: dict[str, Addressee] = {}
    for row in told:
        if row.state in TOLD:
            known = people.get(row.recipient)
            knows = row.state is Delivery.SENT or (known is not None and known.knows)
            people[row.recipient] = Addressee(row.level, roles.get(row.level, ""), row.recipient, knows=knows)
    return tuple(people.values())


def superseded(step: Step, told: Iterable[Notification]) -> tuple[str, ...]:
    """Return the ids of the mails that a resolution makes pointless: those still waiting."""
    if step is not Step.RESOLVED:
        return ()
    return tuple(row.id for row in told if row.state is Delivery.PENDING)
