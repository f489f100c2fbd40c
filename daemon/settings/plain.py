"""What pydantic finds wrong -> sentences of ours, at the right line."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from checks.values import BESIDE, Options
from daemon.settings.document import Document
from daemon.settings.filling import UNSET
from daemon.settings.problems import Steps

ID_RULE = "may hold a-z, 0-9, _ and -, and must be 1 to 64 characters long"

MAPPING = "must hold keys with values (a mapping)"

Model = TypeVar("Model", bound=BaseModel)


def validated(model: type[Model], data: Any, steps: Steps, document: Document) -> Model | None:
    """Return the data as the model, or None after noting on the document everything that is wrong."""
    try:
        return model.model_validate(data, context={BESIDE: document.file.parent})
    except ValidationError as error:
        found = error.errors(include_url=False)
        for one in found:
            if not _unset(one["input"]) and not _hollow(one, found):
                where = (*steps, *_location(one["loc"]))
                document.complain(where, _sentence(one, model))
        return None


def _location(loc: Iterable[str | int]) -> Steps:
    """Return where a fault is; pydantic marks faults of keys with a step of its own."""
    return tuple(step for step in loc if step != "[key]")


def _unset(value: Any) -> bool:
    """Say whether a fault comes from a value that could not be had, which is reported already."""
    return isinstance(value, str) and UNSET in value


def _hollow(error: Mapping[str, Any], found: Iterable[Mapping[str, Any]]) -> bool:
    """Say whether a list only counts as too short because its entries are at fault themselves."""
    here = error["loc"]
    return error["type"] == "too_short" and any(
        len(one["loc"]) > len(here) and one["loc"][: len(here)] == here for one in found
    )


def _sentence(error: Mapping[str, Any], model: type[BaseModel]) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown(str(error["loc"][-1]), model)
    if kind == "value_error":
        return str(context["error"])
    if kind == "string_pattern_mismatch":
        return _pattern(str(context["pattern"]))
    template = _SENTENCES.get(kind)
    return template.format(**context) if template else str(error["msg"])


_SENTENCES = {
    "missing": "is required",
    "string_type": "must be text; put it in quotes",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "dict_type": MAPPING,
    "model_type": MAPPING,
    "model_attributes_type": MAPPING,
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "literal_error": "must be {expected}",
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be at most {le}",
    "string_too_short": "must not be empty",
    "string_too_long": "must be at most {max_length} characters long",
    "too_short": "must not be empty",
    "timezone_aware": "must be a time with its zone, such as 2026-12-24T02:00:00+01:00",
    "datetime_from_date_parsing": "must be a time with its zone, such as 2026-12-24T02:00:00+01:00",
    "datetime_parsing": "must be a time with its zone, such as 2026-12-24T02:00:00+01:00",
}


def _pattern(pattern: str) -> str:
    if pattern == "^[A-Z]{2}$":
        return "must be a country's two capital letters, such as PT"
    return ID_RULE


def _unknown(key: str, model: type[BaseModel]) -> str:
    return "is not a known key" + suggestion(key, _keys(model, set()))


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return the end of a sentence about an unknown word: what may have been meant."""
    close = difflib.get_close_matches(word, sorted(set(known)), n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _keys(model: type[BaseModel], seen: set[type]) -> Iterator[str]:
    """Return the keys of a model and of the models within it."""
    seen.add(model)
    for name, field in model.model_fields.items():
        yield field.alias or name
        for inner in _models(field.annotation):
            if inner not in seen:
                yield from _keys(inner, seen)


def _models(annotation: Any) -> Iterator[type[Options]]:
    if isinstance(annotation, type) and issubclass(annotation, Options):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _models(argument)
