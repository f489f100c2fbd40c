"""Letters that a recipient gets in one digest, since they have had as many as they are sent in an hour."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from zoneinfo import ZoneInfo

from alerts.correspondence import Correspondent, HotelDesk
from alerts.digest import Digest, render
from alerts.incident import Incident
from alerts.notification import MAIL, Kind, Notification

PREFIX = "bundle:"
"""What the keys of these digests begin with."""

_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Bundle:
    """What one recipient is told of at once at `at`, in place of the letters that `per_hour` kept back.

    `key` is that of the digest; `level` the first on which the recipient is told.
    """

    key: str
    recipient: str
    level: str
    per_hour: int
    at: datetime
    incidents: tuple[Incident, ...] = ()


def digest_of(bundle: Bundle, house: Correspondent, desks: Mapping[str, HotelDesk]) -> Notification:
    """Return the letter that names all incidents of a bundle, of however many hotels they are."""
    name = hashlib.blake2b(f"{bundle.key}:{bundle.recipient}".encode(), digest_size=9).hexdigest()
    domain = parseaddr(house.sender)[1].rpartition("@")[2] or "nightporter.invalid"
    ids = list(dict.fromkeys(one.hotel for one in bundle.incidents))
    zones = {desks[one].timezone if one in desks else _UTC for one in ids}
    names = [desks[one].name if one in desks else one for one in ids]
    digest = Digest(
        sender=house.sender,
        recipient=bundle.recipient,
        message_id=f"<bundle.{name}@{domain}>",
        date=bundle.at,
        level=bundle.level,
        hotel_id=",".join(ids),
        hotel_name=names[0] if len(names) == 1 else f"{len(names)} hotels",
        timezone=zones.pop() if len(zones) == 1 else _UTC,
        incidents=bundle.incidents,
        occasion=f"beyond {bundle.per_hour} mail{'' if bundle.per_hour == 1 else 's'} an hour",
        public_url=house.public_url,
        kinds={one: desks[one].kinds for one in ids if one in desks},
    )
    return Notification(
        id=name,
        key=f"{bundle.key}:{bundle.recipient}:{MAIL}",
        incident="",
        epoch=0,
        kind=Kind.DIGEST,
        level=bundle.level,
        channel=MAIL,
        recipient=bundle.recipient,
        message=render(digest, house.renderer),
        message_id=digest.message_id,
        created_at=bundle.at,
        due_at=bundle.at,
        hotel=ids[0] if ids else "",
    )
