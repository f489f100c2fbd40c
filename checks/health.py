"""Probe of a vendor's health endpoint: an answer that does not itself say that something is wrong."""

import json

from checks import http
from checks.check import CheckType
from checks.context import Context
from checks.expectation import excerpt, json_of, text_of
from checks.http_exchange import Response
from checks.result import RESPONSE_TIME, Reason, Result, failed, ok

HEALTHY = frozenset({"ok", "healthy", "up", "operational", "pass", "online"})


async def probe(options: http.Options, context: Context) -> Result:
    """Ask, and believe what the answer says of itself."""
    return await http.ask(options, context, judge)


def judge(response: Response) -> Result:
    """Return whether the answer's own `status`, if it has one, is a healthy one.

    A body that is not JSON is fine where the content type does not promise JSON; a web page is not.
    """
    kind = (response.header("content-type") or "").lower()
    text = text_of(response)
    if response.status == 204:
        return ok("answers")
    if "html" in kind or text.lstrip()[:14].lower().startswith(("<!doctype html", "<html")):
        return failed(Reason.CONTENT, "answered with a web page instead of its status")
    try:
        document = json_of(response)
    except ValueError:
        if "json" in kind:
            return failed(Reason.CONTENT, f"promised JSON and answered {excerpt(text) or 'nothing'}")
        return ok("answers")
    status = document.get("status", "ok") if isinstance(document, dict) else "ok"
    if isinstance(status, str) and status.strip().lower() in HEALTHY:
        return ok("says that it is healthy")
    return failed(Reason.CONTENT, f"says of itself: status {excerpt(json.dumps(status, ensure_ascii=False))}")


CHECK = CheckType("health", http.Options, RESPONSE_TIME, probe, http.target)
