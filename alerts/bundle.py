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
from alerts.policy import Policy

PREFIX = "bundle:"
"""What the keys of these digests begin with."""

_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Bundle:
    """What one recipient is told of at once at `at`, in place of the letters that `per_hour` kept back.

    `key` is that of the digest; `level` the first on which the recipient is told; `new` are the ids of the
    incidents of which the recipient had no mail before.
    """

    key: str
    recipient: str
    level: str
    per_hour: int
    at: datetime
    incidents: tuple[Incident, ...] = ()
    new: frozenset[str] = frozenset()


def digest_of(bundle: Bundle, house: Correspondent, desks: Mapping[str, HotelDesk]) -> Notification:
    """Return the letter that names all incidents of a bundle, of however many hotels they are."""
    name = hashlib.blake2b(f"{bundle.key}:{bundle.recipient}".encode(), digest_size=9).hexdigest()
    domain = parseaddr(house.sender)[1].rpartition("@")[2] or "nightporter.invalid"
    ids = list(dict.fromkeys(one.hotel for one in bundle.incidents))
    known = {one: desks.get(one) or HotelDesk(one, one, _UTC, Policy(), {}, {}, {}) for one in ids}
    zones = {one.timezone for one in known.values()}
    digest = Digest(
        sender=house.sender,
        recipient=bundle.recipient,
        message_id=f"<bundle.{name}@{domain}>",
        date=bundle.at,
        level=bundle.level,
        hotel_id=",".join(ids),
        hotel_name=known[ids[0]].name if len(ids) == 1 else f"{len(ids)} hotels",
        timezone=zones.pop() if len(zones) == 1 else _UTC,
        incidents=bundle.incidents,
        mail=lambda one: house.about(one, known[one.hotel], bundle.level, bundle.recipient, bundle.at),
        command=house.command,
        reason=f"Why in one mail: you get {bundle.per_hour} an hour at the most, the rest comes together.",
        new=bundle.new,
        public_url=house.public_url,
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
