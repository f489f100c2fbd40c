"""Values that were never filled in: placeholders and addresses that exist only in documentation."""

import re
from typing import Any

from daemon.settings.document import Document
from daemon.settings.problems import Steps

_PLACEHOLDER = re.compile(
    r"\bYOUR[_-]([A-Z]+[_-])*KEY\b|\byour[_-](hotel[_-]id|api[_-]key|app-specific-password|password|secret|token)\b"
    r"|\byourdomain\.\w+|\bchange[_-]?me\b|\+1-555-01[0-9]{2}\b",
    re.IGNORECASE,
)
_DOCUMENTATION = re.compile(
    r"(?<![0-9.])(192\.0\.2|198\.51\.100|203\.0\.113)\.[0-9]{1,3}(?![0-9])|(?<![0-9a-f:])2001:0?db8:[0-9a-f:]*",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(
    r"(?<![\w.-])([a-z0-9-]+\.)*your-(hotel|gateway|provider)\.com(?![\w.-])", re.IGNORECASE
)
"""Names of the handbook's examples: they belong to others, who would get our mails and passwords."""


def scan(document: Document) -> None:
    """Note every left-over placeholder of a document on it."""
    _scan(document.data, (), document)


def _scan(value: Any, steps: Steps, document: Document) -> None:
    if isinstance(value, dict):
        for key, one in value.items():
            _scan(one, (*steps, key), document)
    elif isinstance(value, list):
        for index, one in enumerate(value):
            _scan(one, (*steps, index), document)
    elif isinstance(value, str):
        if found := _PLACEHOLDER.search(value):
            document.complain(steps, f"still holds the placeholder {found[0]}; put the real value there")
        if found := _DOCUMENTATION.search(value):
            document.complain(steps, f"{found[0]} is an address for documentation; put the real one there")
        if found := _EXAMPLE.search(value):
            document.warn(steps, f"{found[0]} is the name of an example; put your own there")
