"""Incidents in a few words, over whatever Apprise speaks to: SMS, voice, Slack, Teams and many others."""

import asyncio
import json
from collections.abc import Sequence

from alerts.apprise_url import opened
from alerts.attempt import Claim, Progress
from alerts.channel_options import AppriseChannel
from alerts.incident import Severity
from alerts.message import MISHAPS, subject
from alerts.message_headline import headline
from alerts.message_mail import Mail
from alerts.message_text import clean
from alerts.notification import DeliveryError, DeliveryReason, Kind, Notification

DEADLINE = 60.0
LONGEST = 400
"""Characters of the text, without the link to acknowledge: a few short messages."""


def render(mail: Mail, _known: Sequence[Notification]) -> bytes:
    """Return title, text and type: what is wrong comes first, since a telephone may show no more."""
    try:
        title, said = subject(mail), _said(mail)
    except MISHAPS:
        title = said = f"{mail.incident.severity}: {mail.incident.title}"
    link = f"\n{mail.ack_link}" if mail.ack_link else ""
    found = {"title": clean(title), "body": f"{clean(said, LONGEST)}{link}", "type": _type(mail)}
    return json.dumps(found).encode("ascii")


def _said(mail: Mail) -> str:
    first = headline(mail)
    if mail.kind is Kind.RESOLVED or not mail.incident.diagnosis.steps:
        return first
    return f"{first} First: {mail.incident.diagnosis.steps[0]}"


def _type(mail: Mail) -> str:
    if mail.kind is Kind.RESOLVED:
        return "success"
    return "warning" if mail.incident.severity is Severity.WARNING else "failure"


class AppriseRoute:
    """Delivers over one service."""

    def __init__(self, options: AppriseChannel, deadline: float = DEADLINE) -> None:
        self._service = opened(options.url.get_secret_value(), options)
        self._deadline = deadline

    async def __call__(self, claim: Claim, progress: Progress) -> None:
        """Deliver one message, or raise DeliveryError: Apprise says no more than that it failed."""
        said = json.loads(claim.notification.message)
        await progress.handing_over()
        try:
            async with asyncio.timeout(self._deadline):
                taken = await self._service.async_notify(
                    body=said["body"], title=said["title"], notify_type=said["type"], body_format="text"
                )
        except TimeoutError as error:
            detail = f"not taken within {self._deadline:g} s"
            raise DeliveryError(DeliveryReason.TIMEOUT, detail) from error
        if not taken:
            detail = "the service cannot be reached, or did not take it; try its URL with: apprise -vv"
            raise DeliveryError(DeliveryReason.DEFERRED, detail)
