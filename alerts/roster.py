"""Who has been told of an incident, and who is there to be told: from its notifications and the policy."""

from collections.abc import Sequence
from dataclasses import dataclass

from alerts.decision import Addressee
from alerts.message_mail import FRONT_DESK
from alerts.notification import MAIL, Delivery, Notification
from alerts.policy import LevelPolicy, Policy

TOLD = frozenset({Delivery.PENDING, Delivery.SENDING, Delivery.SENT, Delivery.BUNDLED})
"""What became of the messages of those who have been told, or are about to be."""


@dataclass(frozen=True, slots=True)
class Roster:
    """The people of an incident. `rows` are the notifications of its epoch.

    `staff` are all addresses that are configured for the hotel now; None when that is not known.
    """

    policy: Policy
    rows: Sequence[Notification]
    staff: frozenset[str] | None

    def told(self) -> tuple[Addressee, ...]:
        """Return those who were told, each once, by the first level they were told on."""
        people: dict[str, Addressee] = {}
        for row in sorted(self._mails(), key=lambda one: one.created_at):
            if row.state in TOLD:
                known = people.get(row.recipient)
                level = known.level if known else row.level
                knows = row.state is Delivery.SENT or (known is not None and known.knows)
                people[row.recipient] = Addressee(level, self._role(level), row.recipient, knows)
        return tuple(people.values())

    def reached(self) -> tuple[Addressee, ...]:
        """Return those of the levels who were told and are still there."""
        return tuple(one for one in self.told() if one.level != FRONT_DESK and self.stays(one.address))

    def people(self, level: str) -> tuple[Addressee, ...]:
        """Return those of a level, or of the front desk, to whom mail is not refused for good."""
        found = self.policy.level(level)
        addresses = self.policy.front_desk if level == FRONT_DESK else found.addresses if found else ()
        aware = {one.address for one in self.told() if one.knows}
        return tuple(
            Addressee(level, self._role(level), one, one in aware)
            for one in dict.fromkeys(addresses)
            if not self._refused(one)
        )

    def manned(self, level: LevelPolicy) -> bool:
        """Tell whether anybody of a level has been told, or can be."""
        told = any(row.level == level.level and row.state in TOLD for row in self._mails())
        return told or any(self.stays(one.address) for one in self.people(level.level))

    def stays(self, address: str) -> bool:
        """Tell whether somebody is still configured for the hotel, as far as is known."""
        return self.staff is None or address in self.staff

    def _refused(self, address: str) -> bool:
        states = {row.state for row in self._mails() if row.recipient == address}
        return Delivery.DEAD in states and not states & TOLD

    def _mails(self) -> list[Notification]:
        return [row for row in self.rows if row.channel == MAIL]

    def _role(self, level: str) -> str:
        if level == FRONT_DESK:
            return "Front desk"
        found = self.policy.level(level)
        return found.role if found else ""
