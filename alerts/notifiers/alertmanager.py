"""Incidents as alerts of a Prometheus Alertmanager (API v2)."""

import json
from collections.abc import Iterable, Sequence

from alerts.alert_series import Alert, alert, former, labels
from alerts.attempt import Claim, Progress
from alerts.channel_options import ALERTS, AlertmanagerChannel
from alerts.incident import IncidentState
from alerts.message_mail import Mail
from alerts.notification import Notification
from alerts.notifiers.posting import DEADLINE, Post
from alerts.notifiers.reaching import Resolve


def render(mail: Mail, _known: Sequence[Notification]) -> bytes:
    """Return the alert of an incident as it is now, after the ends of those it was known by before."""
    one = mail.incident
    over = one.resolved_at if one.state is IncidentState.RESOLVED else None
    ended = [alert(one, each, mail.hotel_name, mail.public_url, mail.date) for each in former(one)]
    return written([*ended, alert(one, labels(one), mail.hotel_name, mail.public_url, over)])


def written(alerts: Iterable[Alert]) -> bytes:
    """Return alerts as the API takes them."""
    return json.dumps(list(alerts), allow_nan=False).encode("ascii")


class Alertmanager:
    """Delivers alerts by POST; an Alertmanager usually stands inside, and may."""

    def __init__(
        self, options: AlertmanagerChannel, resolve: Resolve, agent: str, deadline: float = DEADLINE
    ) -> None:
        self._post = Post(f"{options.url.rstrip('/')}{ALERTS}", options, resolve, agent, deadline)

    async def __call__(self, claim: Claim, progress: Progress) -> None:
        """Deliver one message, or raise DeliveryError."""
        await self._post(claim.notification.message, progress.handing_over)

    async def refresh(self, alerts: Iterable[Alert]) -> None:
        """Say which alerts fire now, and which do not any more; raise DeliveryError."""
        await self._post(written(alerts), _at_once)


async def _at_once() -> None:
    """Send without writing down first that it is sent: it is said again soon."""
