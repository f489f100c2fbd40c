"""Floods of incidents, and what becomes of the letters that are more than a recipient is sent in an hour."""

from dataclasses import replace

from alerts.bundle import Bundle
from alerts.change import Change
from alerts.notification import MAIL, Kind, Notification
from daemon.store import Store
from daemon.store.bundling import Bundled
from tests.support.stored import incident, notification

TEAM, DESK = "team@hotel.example", "desk@hotel.example"


def flood(count: int, *, first: int = 0, to: str = TEAM, at: float = 0, urgent: bool = False) -> Change:
    """Return the change that opens so many incidents, and tells somebody of each."""
    numbers = range(first, first + count)
    return Change(
        incidents=tuple(incident(f"i{number}", key=f"key {number}") for number in numbers),
        notifications=tuple(
            replace(
                notification(f"{to[:4]}-{number}", of=f"i{number}", recipient=to, seconds=at + number / 1000),
                urgent=urgent,
            )
            for number in numbers
        ),
    )


def digest(bundle: Bundle) -> Notification:
    """Return a digest that names its incidents, each with its state."""
    named = " ".join(f"{one.id}:{one.state}" for one in bundle.incidents)
    return Notification(
        id=f"digest of {bundle.key}",
        key=bundle.key,
        incident="",
        epoch=0,
        kind=Kind.DIGEST,
        level=bundle.level,
        channel=MAIL,
        recipient=bundle.recipient,
        message=named.encode(),
        message_id="<digest@hotel.example>",
        created_at=bundle.at,
        due_at=bundle.at,
        hotel="grand-harbour",
    )


async def send(store: Store, per_hour: int = 3) -> list[str]:
    """Send all that is due; return what went out, in order."""
    sent: list[str] = []
    while claims := await store.claim(4, only=MAIL, per_hour=per_hour):
        for claim in claims:
            assert await store.sent(claim)
            sent.append(claim.notification.id)
    return sent


async def bundle(store: Store, per_hour: int = 3) -> list[Bundled]:
    """Do what is due with what is held."""
    made = [await store.bundle(one, per_hour, digest) for one in await store.held()]
    return [one for one in made if one is not None]
