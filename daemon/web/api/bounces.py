"""`POST /api/v1/bounces`: where `nightporter bounce` hands in what a mail server reports."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from alerts.delivery_status import Report
from alerts.message_text import clean
from daemon.web import body
from daemon.web.answer import RefusedError, document
from daemon.web.deps import DEPS
from daemon.web.patience import patiently

FIELDS = {"token": 64, "action": 10, "status": 20, "recipient": 254, "diagnostic": 200}
"""What is said, and how many characters of it are kept."""

ACTIONS = ("failed", "delayed")


async def take(request: web.Request) -> web.Response:
    """Take a report in, and answer what came of it."""
    said = await body.fields(request, FIELDS)
    words = {name: _word(said, name, most) for name, most in FIELDS.items()}
    if words["action"] not in ACTIONS:
        raise RefusedError(400, f"action must be {' or '.join(ACTIONS)}.")
    if not said.get("token"):
        raise RefusedError(400, "token must be what the address of the letter holds behind its +.")
    failed = words["action"] == "failed"
    report = Report(failed, words["status"], words["recipient"], words["diagnostic"])
    receipt = await patiently(request.app[DEPS].bounced(words["token"], report))
    return document({"outcome": receipt.outcome, "message": receipt.sentence})


def _word(said: Mapping[str, Any], name: str, most: int) -> str:
    value = said.get(name, "")
    if not isinstance(value, str):
        raise RefusedError(400, f"{name} must be text.")
    return clean(value, most)
