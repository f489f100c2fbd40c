"""Going through settings: every option model in them, and every secret."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from pydantic import BaseModel, SecretStr

from checks.values import Options
from daemon.settings.problems import Steps


def models_in(value: Any, steps: Steps = ()) -> Iterator[tuple[Steps, Options]]:
    """Return every option model within a value, and the steps that lead to it."""
    if isinstance(value, Options):
        yield steps, value
    for name, inner in _inside(value):
        yield from models_in(inner, (*steps, name))


def hidden_in(value: Any) -> set[str]:
    """Return every secret within a value."""
    if isinstance(value, SecretStr):
        return {value.get_secret_value()}
    return {secret for _, inner in _inside(value) for secret in hidden_in(inner)}


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
