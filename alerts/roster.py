"""Who has been told of an incident, and who is there to be told: from its notifications and the policy."""

from collections.abc import Sequence
from dataclasses import dataclass

from alerts.decision import Addressee
from alerts.message_mail import FRONT_DESK
from alerts.notification import MAIL, Delivery, Kind, Notification
from alerts.policy import LevelPolicy, Policy

TOLD = frozenset({Delivery.PENDING, Delivery.SENDING, Delivery.SENT, Delivery.BUNDLED})
"""What became of the messages of those who have been told, or are about to be."""


@dataclass(frozen=True, slots=True)
class Roster:
    """The people of an incident, and its channels. `rows` are the notifications of its epoch.

    `staff` are all addresses and channels that are configured for the hotel now; None when that is not known.
    `unreached` are those who do not get the hotel's messages, where it is that which is told.
    """

    policy: Policy
    rows: Sequence[Notification]
    staff: frozenset[str] | None
    unreached: frozenset[str] = frozenset()

    def told(self) -> tuple[Addressee, ...]:
        """Return those who were told, each once, by the first level they were told on."""
        people: dict[tuple[str, str], Addressee] = {}
        for row in sorted(self.rows, key=lambda one: one.created_at):
            if row.state in TOLD:
                who = (row.channel, row.recipient)
                known = people.get(who)
                level = known.level if known else row.level
                knows = row.state is Delivery.SENT or (known is not None and known.knows)
                people[who] = Addressee(level, self._role(level), row.recipient, knows, row.channel)
        return tuple(people.values())

    def reached(self) -> tuple[Addressee, ...]:
        """Return those of the levels who were told and are still there."""
        return tuple(one for one in self.told() if self.is_of_a_level(one) and self.stays(one.address))

    def escalated_to(self, one: Addressee) -> bool:
        """Tell whether somebody has got the message, or is about to, that it is their level's turn."""
        return any(
            (row.kind, row.level, row.channel, row.recipient)
            == (Kind.ESCALATION, one.level, one.channel, one.address)
            for row in self.rows
            if row.state in TOLD
        )

    def is_of_a_level(self, one: Addressee) -> bool:
        """Tell whether somebody who is told counts as somebody who looks after it."""
        return one.level != FRONT_DESK and one.channel not in self.policy.channels

    def listeners(self, level: str) -> tuple[Addressee, ...]:
        """Return the channels that hear of everything, for what they hear of a level."""
        return tuple(Addressee(level, "", one, channel=one) for one in self.policy.channels)

    def people(self, level: str) -> tuple[Addressee, ...]:
        """Return those of a level or the front desk to whom mail is not refused for good; its channels.

        Who is not reached is left out as long as anybody else is there.
        """
        found = self.policy.level(level)
        addresses = self.policy.front_desk if level == FRONT_DESK else found.addresses if found else ()
        role, aware = self._role(level), {one.address for one in self.told() if one.knows}
        names = found.channels if found else ()
        everybody = (
            *(
                Addressee(level, role, one, one in aware)
                for one in dict.fromkeys(addresses)
                if not self._refused(MAIL, one)
            ),
            *(Addressee(level, role, one, one in aware, one) for one in dict.fromkeys(names)),
        )
        return tuple(one for one in everybody if one.address not in self.unreached) or everybody

    def manned(self, level: LevelPolicy) -> bool:
        """Tell whether anybody of a level has been told, or can be; channels count where it has no people."""
        ways = {MAIL, *(() if level.addresses else level.channels)}
        rows = (row for row in self.rows if row.level == level.level and row.channel in ways)
        people = (one for one in self.people(level.level) if one.channel in ways)
        return any(row.state in TOLD for row in rows) or any(
            self.stays(one.address) and not self._refused(one.channel, one.address) for one in people
        )

    def stays(self, address: str) -> bool:
        """Tell whether somebody is still configured for the hotel, as far as is known."""
        return self.staff is None or address in self.staff

    def _refused(self, channel: str, recipient: str) -> bool:
        of_them = (row for row in self.rows if (row.channel, row.recipient) == (channel, recipient))
        states = {row.state for row in of_them}
        return Delivery.DEAD in states and not states & TOLD

    def _role(self, level: str) -> str:
        if level == FRONT_DESK:
            return "Front desk"
        found = self.policy.level(level)
        return found.role if found else ""
