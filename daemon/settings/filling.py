"""`${VARIABLES}` and `<key>_file` -> values, and which of them must never be shown."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from daemon.settings.document import Document
from daemon.settings.problems import Steps

SECRET_KEYS = frozenset({"api_key", "password", "secret", "token", "dsn", "url", "state"})
"""Keys whose value may be given as `<key>_file: PATH`."""

HANDED_IN, HANDED_TO_US = "CREDENTIALS_DIRECTORY", "/run/credentials/nightporter.service"
"""The variable by which systemd says where a service finds its secrets, and where those of ours are."""

MAX_SECRET = 65536
FREE_TEXT = frozenset({"headers", "body"})
"""Keys under which whatever comes from a variable is taken for a secret, as in a URL."""

_VARIABLE = re.compile(r"\$(\$\{|\{([A-Za-z_][A-Za-z0-9_]*)\}|\{[^}]*\}?)")


def handed_to(file: Path, environ: Mapping[str, str]) -> Path:
    """Return where systemd puts the copy of a secret that it hands to the service.

    `LoadCredential=credentials:/etc/nightporter/credentials` makes `credentials_NAME` of each file NAME.
    """
    return Path(environ.get(HANDED_IN) or HANDED_TO_US) / f"{file.parent.name}_{file.name}"


class Secrets:
    """Fills a document in, and collects what must be hidden: `hidden` always, `variables` in complaints."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.hidden: set[str] = set()
        self.variables: set[str] = set()

    def fill(self, document: Document) -> None:
        """Replace variables and secret files in the document's data; problems are noted on it."""
        document.data = self._filled(document.data, (), document)

    def _filled(self, value: Any, steps: Steps, document: Document) -> Any:
        if isinstance(value, dict):
            filled = {key: self._filled(one, (*steps, key), document) for key, one in value.items()}
            return self._with_files(filled, steps, document)
        if isinstance(value, list):
            return [self._filled(one, (*steps, index), document) for index, one in enumerate(value)]
        if isinstance(value, str) and "${" in value:
            return self._expanded(value, steps, document)
        return value

    def _expanded(self, text: str, steps: Steps, document: Document) -> str:
        values: list[str] = []

        def replace(match: re.Match[str]) -> str:
            if match[1] == "${":
                return "${"
            name = match[2]
            if name is None:
                document.complain(
                    steps, "holds a ${ that begins no variable; write ${NAME}, or $${ for a literal ${"
                )
                return UNSET
            value = self._environ.get(name)
            if not value:
                document.complain(
                    steps, f"the environment variable {name} is {'empty' if value == '' else 'not set'}"
                )
                return UNSET
            values.append(value)
            return value

        filled = _VARIABLE.sub(replace, text)
        self.variables.update(values)
        if "://" in filled or FREE_TEXT & set(steps):
            self.hidden.update(values)
        return filled

    def _with_files(self, mapping: dict[str, Any], steps: Steps, document: Document) -> dict[str, Any]:
        for key in [
            key for key in mapping if key.removesuffix("_file") in SECRET_KEYS and key.endswith("_file")
        ]:
            plain, here = key.removesuffix("_file"), (*steps, key)
            path = mapping.pop(key)
            if plain in mapping:
                document.complain(here, f"is given beside `{plain}`; keep one of them")
                continue
            document.lines[*steps, plain] = document.line(here)
            mapping[plain] = self._from_file(path, here, document)
        return mapping

    def _readable(self, file: Path) -> Path:
        """Return a file, or where it may not be read the copy that systemd has handed to the service."""
        handed = handed_to(file, self._environ)
        return handed if not os.access(file, os.R_OK) and os.access(handed, os.R_OK) else file

    def _from_file(self, path: Any, steps: Steps, document: Document) -> str:
        if not isinstance(path, str) or not path:
            document.complain(steps, "must be the path of a file")
            return UNSET
        file = self._readable(document.file.parent / Path(path))
        try:
            if file.exists() and not file.is_file():
                document.complain(steps, f"{file} is not a plain file")
                return UNSET
            with file.open("rb") as stream:
                text = stream.read(MAX_SECRET + 1).decode("utf-8-sig")
        except OSError as error:
            document.complain(steps, f"the file {file} cannot be read: {error.strerror}")
            return UNSET
        except UnicodeDecodeError:
            document.complain(steps, f"the file {file} is not UTF-8 text")
            return UNSET
        secret = text.rstrip("\r\n")
        if not secret or len(text) > MAX_SECRET:
            document.complain(steps, f"the file {file} is {'empty' if not secret else 'larger than 64 KiB'}")
            return UNSET
        self.hidden.add(secret)
        return secret


UNSET = "\ufffdunset\ufffd"
"""Stands for a value that could not be had; what it causes further on is not reported again."""
