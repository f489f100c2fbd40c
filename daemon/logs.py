"""Logs: one JSON object a line on stderr (or readable lines), with secrets taken out."""

import base64
import json
import logging
import os
import re
import sys
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any, TextIO
from urllib.parse import quote

import structlog

CLIPPED = "…"
HIDDEN = "[hidden]"
STDERR = 2
SHORTEST = 4
"""Characters: a shorter secret would blank out ordinary words."""

JOURNAL_RANKS = {"debug": 7, "info": 6, "warning": 4, "error": 3, "exception": 3, "critical": 2}
"""How the journal counts what structlog calls a line (syslog(3))."""


class Redactor:
    """Takes known secrets out of texts: as they are, and as URLs, JSON and Basic authorization carry them.

    What stands before an ellipsis may be the beginning of a secret, where a text was clipped: it goes too.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._pattern: re.Pattern[str] | None = None
        self._words: tuple[str, ...] = ()
        self.learn(secrets)

    def learn(self, secrets: Iterable[str]) -> None:
        """Take out these secrets from now on, and no others."""
        words = {form for secret in secrets if len(secret) >= SHORTEST for form in _forms(secret)}
        longest_first = sorted(words, key=len, reverse=True)
        self._words = tuple(longest_first)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if words else None

    def __call__(self, text: str) -> str:
        if self._pattern is None:
            return text
        text = self._pattern.sub(HIDDEN, text)
        if CLIPPED not in text:
            return text
        before, *rest = text.split(CLIPPED)
        return CLIPPED.join([*(self._without_beginning(part) for part in (before, *rest[:-1])), rest[-1]])

    def _without_beginning(self, text: str) -> str:
        """Return a text without the beginning of a secret that it ends in."""
        for word in self._words:
            for length in range(min(len(word) - 1, len(text)), SHORTEST - 1, -1):
                if text.endswith(word[:length]):
                    return text[:-length] + HIDDEN
        return text

    def processor(
        self, _logger: object, _name: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        """Redact a log event, as a structlog processor."""
        for key, value in event.items():
            event[key] = self._clean(value)
        return event

    def _clean(self, value: object) -> object:
        if isinstance(value, str):
            return self(value)
        if isinstance(value, dict):
            return {key: self._clean(one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [self._clean(one) for one in value]
        return value if isinstance(value, bool | int | float | None) else self(str(value))


def _forms(secret: str) -> set[str]:
    encoded = base64.b64encode(secret.encode()).decode().rstrip("=")
    # JSON with and without its escapes of what is not ASCII; lower case, because URLs have hosts in it.
    escaped = {json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)}
    return {secret, secret.lower(), quote(secret, safe=""), quote(secret), encoded} | escaped


class Sink:
    """Writes lines, and raises nothing: a log that cannot be written must not stop the watch."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lost = 0

    def msg(self, line: str) -> None:
        """Write a line; after lines that were lost, say first how many."""
        lost = f'{{"event": "log.lines_lost", "lines": {self._lost}}}\n' if self._lost else ""
        try:
            self._stream.write(f"{lost}{line}\n")
            self._stream.flush()
            self._lost = 0
        except (OSError, ValueError):
            self._lost += 1

    log = debug = info = warn = warning = msg
    fatal = failure = err = error = critical = exception = msg


def is_journal(descriptor: int, environment: Mapping[str, str]) -> bool:
    """Say whether what is written to a descriptor goes to systemd's journal, as its JOURNAL_STREAM says."""
    try:
        found = os.fstat(descriptor)
    except OSError:
        return False
    return environment.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}"


def _ranked(render: structlog.typing.Processor) -> structlog.typing.Processor:
    """Put before each line how grave it is, as the journal takes it and takes it off (sd-daemon(3))."""

    def ranked(logger: object, name: str, event: MutableMapping[str, Any]) -> str:
        rank = f"<{JOURNAL_RANKS.get(name, JOURNAL_RANKS['info'])}>"
        # The journal takes every line for itself: none of a traceback may say how grave it is.
        return "\n".join(f"{rank}{line}" for line in str(render(logger, name, event)).split("\n"))

    return ranked


class _Forward(logging.Handler):
    """Carries what libraries log into our own log."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger().log(
            record.levelno,
            "library.logged",
            library=record.name,
            text=record.getMessage(),
            exc_info=record.exc_info,
        )


def configure(level: str, form: str, redactor: Redactor) -> None:
    """Set logging up for the process: `form` is `json` or `console`."""
    number = logging.getLevelNamesMapping()[level.upper()]
    renderer: Any
    if form == "json":
        renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    else:
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    if is_journal(STDERR, os.environ):
        renderer = _ranked(renderer)
    sink = Sink(sys.stderr)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.StackInfoRenderer(),
            structlog.processors.format_exc_info,
            redactor.processor,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *_: sink,
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[_Forward()], level=max(number, logging.WARNING), force=True)
