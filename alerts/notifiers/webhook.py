"""Incidents posted to a program of the hotel's own, signed, so that it knows who speaks."""

import hashlib
import hmac
import json
from collections.abc import Sequence

from alerts.attempt import Claim, Progress
from alerts.channel_options import WebhookChannel
from alerts.incident_document import explained
from alerts.message_mail import Mail
from alerts.notification import Notification
from alerts.notifiers.address_guard import guarded
from alerts.notifiers.posting import DEADLINE, Post
from alerts.notifiers.reaching import Resolve

SIGNATURE, DELIVERY = "X-Nightporter-Signature", "X-Nightporter-Delivery"


def render(mail: Mail, known: Sequence[Notification]) -> bytes:
    """Return the incident as the API shows it, with why it is posted and for which level."""
    document = explained(mail.incident, known) | {"kind": mail.kind, "level": mail.level}
    return json.dumps(document, allow_nan=False).encode("ascii")


def signature(secret: str, body: bytes) -> str:
    """Return the value of the header that proves a body to be ours."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


class Webhook:
    """Delivers by POST; a repeat has the same body and the same id."""

    def __init__(
        self, options: WebhookChannel, resolve: Resolve, agent: str, deadline: float = DEADLINE
    ) -> None:
        self._secret = options.secret.get_secret_value()
        self._post = Post(options.url, options, guarded(resolve, options.allow), agent, deadline)

    async def __call__(self, claim: Claim, progress: Progress) -> None:
        """Deliver one message, or raise DeliveryError."""
        one = claim.notification
        headers = {SIGNATURE: signature(self._secret, one.message), DELIVERY: one.id}
        await self._post(one.message, progress.handing_over, headers)
