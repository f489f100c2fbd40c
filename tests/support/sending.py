"""What it takes to hand a letter to a relay: options, claims, and a progress that remembers."""

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from alerts.attempt import Claim
from alerts.notification import DeliveryError, Notification
from alerts.notifiers.email import Limits, MailRoute, Tempo
from alerts.options import Relay
from checks.lookup import Lookups
from tests.support.smtp import HOST
from tests.support.stored import notification

SENDER = "Night Porter <nightporter@hotel.example>"
RECIPIENT = "team@hotel.example"
LETTER = b"Subject: x\r\n\r\nThe gateway rejects our key.\r\n"
HURRIED = Limits(answer=0.3, envelope=0.6, conversation=1.0, farewell=0.2)
STEADY = Tempo(monotonic=lambda: 1000.0, jitter=lambda: 0.5)
PATIENT = Limits(answer=5.0, envelope=10.0, conversation=10.0, farewell=2.0)


@dataclass
class Noted:
    """A progress that remembers what it was told."""

    told: list[str] = field(default_factory=list)
    by: str | None = None
    refuse: Exception | None = None
    taken_now: asyncio.Event = field(default_factory=asyncio.Event)

    async def handing_over(self) -> None:
        self.told.append("handing over")
        if self.refuse is not None:
            raise self.refuse

    async def taken(self, by: str) -> None:
        self.told.append("taken")
        self.by = by
        self.taken_now.set()


def relay(port: int, security: str = "none", **options: Any) -> Relay:
    """Return the options of a relay on loopback."""
    return Relay.model_validate({"host": HOST, "port": port, "security": security, **options})


def letter(message: bytes = LETTER, recipient: str = RECIPIENT) -> Notification:
    """Return a notification that carries a message."""
    return replace(notification(), message=message, recipient=recipient)


async def hand(
    *relays: Relay,
    one: Notification | None = None,
    progress: Noted | None = None,
    limits: Limits = PATIENT,
    sender: str = SENDER,
) -> Noted:
    """Deliver a letter over these relays, and return how far it came."""
    noted = progress or Noted()
    await MailRoute(relays, sender, Lookups(), STEADY, limits)(Claim(one or letter(), "token"), noted)
    return noted


async def refused(*relays: Relay, **how: Any) -> DeliveryError:
    """Return why a letter is not delivered over these relays."""
    with pytest.raises(DeliveryError) as caught:
        await hand(*relays, **how)
    return caught.value
