"""Signs: those that there are, and nobody else's."""

from pathlib import Path

import checks
from checks.result import Sign

SOURCES = [path for path in Path(checks.__path__[0]).rglob("*.py") if path.name != "result.py"]


def test_every_sign_is_set_by_some_check() -> None:
    said = "\n".join(path.read_text() for path in SOURCES)
    assert [sign for sign in Sign if f"Sign.{sign.name}" not in said] == []
