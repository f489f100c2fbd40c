"""Going through settings: every option model in them, and every secret."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from pydantic import BaseModel, SecretStr

from checks.values import Options
from daemon.settings.problems import Steps

PLAIN = (str, int, float, type(None))
"""Types within which there is nothing: most of what there is."""


def models_in(value: Any, steps: Steps = ()) -> Iterator[tuple[Steps, Options]]:
    """Return every option model within a value, and the steps that lead to it."""
    if isinstance(value, Options):
        yield steps, value
    for name, inner in _inside(value):
        if not isinstance(inner, PLAIN):
            yield from models_in(inner, (*steps, name))


def hidden_in(value: Any) -> set[str]:
    """Return every secret within a value."""
    found: set[str] = set()
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, SecretStr):
            found.add(one.get_secret_value())
        elif not isinstance(one, PLAIN):
            left.extend(inner for _, inner in _inside(one))
    return found


def _inside(value: Any) -> Iterator[tuple[str | int, Any]]:
    if isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            yield field.alias or name, getattr(value, name)
    elif isinstance(value, Mapping):
        yield from value.items()
    elif isinstance(value, list | tuple):
        yield from enumerate(value)
    elif is_dataclass(value) and not isinstance(value, type):
        for one in fields(value):
            yield one.name, getattr(value, one.name)
