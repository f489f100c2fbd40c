"""Dead letters -> what the porter shows of them: to whom its messages do not get through, and why."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from alerts.message_text import clean
from alerts.notification import MAIL
from checks.result import Reason, Result, failed, ok
from daemon.settings import Hotel, Settings
from daemon.store import DeadLetter

REMEMBERED = timedelta(hours=24)
"""How long a dead letter is told of, unless there is another."""

NAMED = 2
"""Recipients that are named one by one."""

People = Mapping[str, frozenset[str]]
"""The addresses and channels that are configured for each hotel."""


def people(settings: Settings) -> People:
    """Return whom each hotel has configured to be told."""
    return {hotel.id: frozenset((*_addresses(hotel), *settings.channels)) for hotel in settings.hotels}


def _addresses(hotel: Hotel) -> Iterable[str]:
    desk = hotel.escalation.front_desk
    return (*(one for level in hotel.escalation.levels for one in level.email), *(desk.email if desk else ()))


def unreached(letters: Iterable[DeadLetter], known: People) -> dict[str, list[DeadLetter]]:
    """Return, for every hotel, the recipients that are still configured and have taken nothing since.

    The latest comes first. A letter of no hotel, such as a report, is the first hotel's.
    """
    found: dict[str, list[DeadLetter]] = {hotel: [] for hotel in known}
    for letter in sorted(letters, key=lambda one: one.died_at, reverse=True):
        hotel = letter.hotel or next(iter(known), "")
        if not letter.taken_since and letter.recipient in known.get(hotel, ()):
            found[hotel].append(letter)
    return found


def verdict(letters: list[DeadLetter]) -> tuple[Result, Mapping[str, str]]:
    """Return what is shown of a hotel's dead letters, and the names that its words use.

    `recipients` are all who are not reached, a line each.
    """
    if not letters:
        return ok("messages get through to everybody"), {}
    recipients = list(dict.fromkeys(map(_name, letters)))
    left = len(recipients) - NAMED
    named = " and ".join(recipients) if left <= 0 else f"{', '.join(recipients[:NAMED])} and {left} more"
    answer = clean(letters[0].last_error, 160)
    said = f"messages do not get through to {named}: {answer}"
    everybody = "\n".join(letter.recipient for letter in letters)
    values = {"address": named, "answer": answer, "recipients": everybody}
    return failed(Reason.MISMATCH, said), values


def count(letters: list[DeadLetter]) -> int:
    """Return how many recipients these letters were for."""
    return len({(letter.channel, letter.recipient) for letter in letters})


def _name(letter: DeadLetter) -> str:
    name = clean(letter.recipient, 100)
    return name if letter.channel == MAIL else f"the channel {name}"
