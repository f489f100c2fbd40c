"""Ask the porter of this container whether it serves, as cheaply as Python can: exit code 0 or 1.

Every half minute, so nothing of Night Porter is loaded, nor YAML: `listen` is looked for as it is usually
written, a line of its own at the top level.
"""

import os
import re
import socket
import sys

DEFAULT_CONFIGURATION = "/etc/nightporter/nightporter.yml"
DEFAULT_LISTEN = "127.0.0.1:9187"
WITHIN = 4.0
"""Seconds until an answer has to be there."""

_LISTEN = re.compile(r"""^["']?listen["']?\s*:\s*(?:"([^"]*)"|'([^']*)'|([^\s#]+))""", re.MULTILINE)
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to ask one that listens there


def configuration(words: list[str]) -> str:
    """Return the path of the configuration that the porter with this command line reads."""
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word == "--config":
            return following
        if word.startswith("--config="):
            return word.removeprefix("--config=")
    return os.environ.get("NIGHTPORTER_CONFIG") or DEFAULT_CONFIGURATION


def address(text: str) -> tuple[str, int]:
    """Return where to ask, for a configuration's text."""
    found = _LISTEN.search(text)
    written = next(filter(None, found.groups()), DEFAULT_LISTEN) if found else DEFAULT_LISTEN
    listen = _VARIABLE.sub(lambda match: os.environ.get(match[1], ""), written)
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    return _ANYWHERE.get(host, host), int(port)


def answer(where: tuple[str, int]) -> bytes:
    """Return the first line of what is answered to `GET /-/healthy`."""
    with socket.create_connection(where, timeout=WITHIN) as connection:
        connection.sendall(b"GET /-/healthy HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        with connection.makefile("rb") as stream:
            return stream.readline(1024).rstrip()


def main(porter: str = "/proc/1/cmdline") -> int:
    """Say what is answered; return 0 if it is 200."""
    try:
        with open(porter, "rb") as stream:  # noqa: PTH123 - pathlib costs as much again as all the rest
            words = stream.read().decode(errors="replace").split("\0")
        with open(configuration(words), encoding="utf-8") as stream:  # noqa: PTH123 - as above
            where = address(stream.read())
        said = answer(where)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(said.decode(errors="replace") + "\n")
    return 0 if said.split(b" ")[1:2] == [b"200"] else 1


if __name__ == "__main__":
    sys.exit(main())
