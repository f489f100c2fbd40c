"""Configurations that are shipped with secrets beside them, as they are once somebody has filled these in."""

import re
from collections.abc import Iterable
from pathlib import Path

_FILE = re.compile(r"_file: (/run/secrets/[A-Za-z0-9_/-]+)")
CONTENT = {"state": "postgresql://nightporter:a-word@postgres/nightporter", "token": "4f0c7d1b9a6e2f35c8d1aa"}


def filled(configuration: Path, directory: Path, names: Iterable[str]) -> Path:
    """Copy a configuration to a directory with secrets of these names, as files where it looks for them.

    Fails where it names a secret that is not among them, or not one that is.
    """
    text = configuration.read_text()
    named = {Path(found).name: found for found in _FILE.findall(text)}
    assert set(named) == set(names)
    for name, path in named.items():
        kind = name.removeprefix("nightporter_")
        (directory / name).write_text(CONTENT.get(kind, "a-secret-of-theirs") + "\n")
        text = text.replace(path, str(directory / name))
    copy = directory / configuration.name
    copy.write_text(text)
    return copy
