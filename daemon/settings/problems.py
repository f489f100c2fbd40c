"""What is wrong with a configuration, and where."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

LONGEST_KEY = 80

Steps = tuple[str | int, ...]
"""Where something stands in a document: the keys and indices that lead to it."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong: `FILE:LINE: path.to.key: what is wrong and what would be right`."""

    file: str
    line: int
    path: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: " if self.line else f"{self.file}: "
        return where + (f"{self.path}: {self.message}" if self.path else self.message)


class ConfigError(Exception):
    """A configuration cannot be used; `problems` names everything that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))

    def cleaned(self, redact: Callable[[str], str]) -> "ConfigError":
        """Return the same without what must not be shown."""
        return ConfigError(replace(one, message=redact(one.message)) for one in self.problems)


def dotted(steps: Steps) -> str:
    """Return steps as people write them: `escalation.levels[0].email`."""
    text = ""
    for step in map(_shown, steps):
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text


def _shown(step: str | int) -> str | int:
    """Return a step as it can be printed on one line, and not at any length."""
    if isinstance(step, int) or (step.isprintable() and len(step) <= LONGEST_KEY):
        return step
    return "".join(char if char.isprintable() else "\ufffd" for char in step[:LONGEST_KEY])


def unreadable(file: Path, message: str) -> ConfigError:
    """Return the error of a file that cannot be looked into at all."""
    return ConfigError([Problem(str(file), 0, "", message)])
