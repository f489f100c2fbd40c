"""`nightporter status`: how everything is, as the running porter sees it."""

import argparse
from collections.abc import Iterator
from typing import Any

from alerts.message_text import clean
from alerts.standing import NOT_YET
from checks.result import State
from daemon.cli.asking import Porter
from daemon.cli.loading import settings
from daemon.words.paint import as_json, noted_table, painted, paragraph

NO_DAEMON = 3
EXIT = {"healthy": 0, "degraded": 1, "unhealthy": 2, "unknown": 3}
STATE = {
    "healthy": State.OK,
    "degraded": State.WARNING,
    "unhealthy": State.CRITICAL,
    "unknown": State.UNKNOWN,
}


def main(arguments: argparse.Namespace) -> int:
    """Print the running porter's answer."""
    answer = _ask(Porter(settings(arguments), NO_DAEMON))
    print(as_json(answer) if arguments.json else _table(answer))
    return EXIT.get(answer["status"], NO_DAEMON)


def _ask(porter: Porter) -> dict[str, Any]:
    answer = porter.get("status")
    try:
        _table(answer)
        if answer["status"] in EXIT:
            return dict(answer)
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError):
        pass
    raise porter.stranger()


def _table(answer: dict[str, Any]) -> str:
    rows = list(_rows(answer))
    lines = [noted_table(("STATUS", "INTEGRATION", "RESPONSE", "INCIDENT", "NOT OK"), rows)]
    post = answer.get("notifications") or {}
    if post.get("last_error"):
        said = f"{post['pending']} notifications have not gone out: {post['last_error']}"
        lines.append(paragraph(clean(said)))
    if post.get("held"):
        one = post["held"] == 1
        said = "1 notification is" if one else f"{post['held']} notifications are"
        lines.append(
            paragraph(clean(f"{said} held, and will go out together in one mail to each recipient."))
        )
    lines += [paragraph(clean(said)) for said in post.get("relays") or ()]
    return "\n\n".join(lines)


def _rows(answer: dict[str, Any]) -> Iterator[tuple[str, str, str, str, str]]:
    for hotel, of_hotel in answer["hotels"].items():
        for name, one in of_hotel["integrations"].items():
            mean = one.get("avg_response_time_ms")
            bad = [
                f"{check}: {_said(seen)}"
                for check, seen in one["checks"].items()
                if seen["state"] in {"warning", "critical", "unknown"}
            ]
            yield (
                painted(clean(one["status"], 20), STATE.get(one["status"], State.UNKNOWN)),
                clean(f"{hotel}/{name}", 129),
                "-" if mean is None else f"{mean:.0f} ms",
                clean(one.get("incident") or "-", 64),
                "; ".join(clean(said) for said in bad) or "-",
            )


def _said(seen: dict[str, Any]) -> str:
    """Return what is known of a check; one that is not decided yet says nothing itself."""
    if seen["message"]:
        return str(seen["message"])
    if not seen.get("last_run"):
        return NOT_YET
    return str(seen.get("reason") or "nothing is known yet")
