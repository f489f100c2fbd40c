"""`nightporter status`: how everything is, as the running porter sees it."""

import argparse
import http.client
import json
from collections.abc import Iterator
from typing import Any

from checks.result import State
from daemon.cli.command import CommandError
from daemon.cli.loading import settings
from daemon.cli.paint import painted, table
from daemon.settings import Settings

NO_DAEMON = 3
EXIT = {"healthy": 0, "degraded": 1, "unhealthy": 2, "unknown": 3}
STATE = {
    "healthy": State.OK,
    "degraded": State.WARNING,
    "unhealthy": State.CRITICAL,
    "unknown": State.UNKNOWN,
}
ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to ask a porter that listens everywhere


def main(arguments: argparse.Namespace) -> int:
    """Print the running porter's answer."""
    answer = _ask(settings(arguments))
    print(json.dumps(answer, indent=2, ensure_ascii=False) if arguments.json else _table(answer))
    return EXIT.get(answer["status"], NO_DAEMON)


def _ask(configuration: Settings) -> dict[str, Any]:
    host, port = configuration.listen
    host = ANY.get(host, host)
    token = configuration.web.token
    headers = {"Authorization": f"Bearer {token.get_secret_value()}"} if token else {}
    connection = http.client.HTTPConnection(host, port, timeout=10)
    try:
        connection.request("GET", "/api/v1/status", headers=headers)
        response = connection.getresponse()
        body = response.read()
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise CommandError(
            f"no porter answers on {host}:{port} ({error}); is `nightporter run` up?", NO_DAEMON
        ) from None
    finally:
        connection.close()
    if response.status == http.client.UNAUTHORIZED:
        raise CommandError(
            f"the porter on {host}:{port} does not take our token; is it running with this configuration?",
            NO_DAEMON,
        )
    answer = _ours(body) if response.status == http.client.OK else None
    if answer is None:
        raise CommandError(f"what answers on {host}:{port} is not Night Porter", NO_DAEMON)
    return answer


def _ours(body: bytes) -> dict[str, Any] | None:
    """Return a porter's answer, or None when it is none."""
    try:
        answer: dict[str, Any] = json.loads(body)
        _table(answer)
        return answer if answer["status"] in EXIT else None
    except (ValueError, LookupError, TypeError, AttributeError):
        return None


def _table(answer: dict[str, Any]) -> str:
    rows = list(_rows(answer))
    lines = [table(("STATUS", "INTEGRATION", "RESPONSE", "INCIDENT", "NOT OK"), rows)]
    post = answer.get("notifications") or {}
    if post.get("last_error"):
        lines.append(f"{post['pending']} notifications have not gone out: {post['last_error']}")
    return "\n\n".join(lines)


def _rows(answer: dict[str, Any]) -> Iterator[tuple[str, str, str, str, str]]:
    for hotel, of_hotel in answer["hotels"].items():
        for name, one in of_hotel["integrations"].items():
            mean = one.get("avg_response_time_ms")
            bad = [
                f"{check}: {seen['message']}"
                for check, seen in one["checks"].items()
                if seen["state"] in {"warning", "critical", "unknown"}
            ]
            yield (
                painted(one["status"], STATE.get(one["status"], State.UNKNOWN)),
                f"{hotel}/{name}",
                "-" if mean is None else f"{mean:.0f} ms",
                one.get("incident") or "-",
                "; ".join(bad) or "-",
            )
