"""What pydantic finds wrong -> sentences of ours, at the right line."""

import difflib
import re
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


def validated(
    model: type[Model], data: Any, steps: Steps, document: Document, also: Iterable[str] = ()
) -> Model | None:
    """Return the data as the model, or None after noting on the document everything that is wrong.

    `also` are keys that may stand beside the model's own.
    """
    try:
        return parsed(model, data, document)
    except ValidationError as error:
        found = error.errors(include_url=False)
        for one in found:
            where = (*steps, *_location(one["loc"]))
            document.broken.update(where[:1])
            if not _unset(one["input"]) and not _hollow(one, found):
                document.complain(where, _sentence(one, model, also))
        return None


def parsed(model: type[Model], data: Any, document: Document) -> Model:
    """Return the data as the model; raise pydantic's ValidationError."""
    return model.model_validate(data, context={BESIDE: document.file.parent})


def _location(loc: Iterable[str | int]) -> Steps:
    """Return where a fault is; pydantic marks faults of keys with a step of its own."""
    return tuple(step for step in loc if step != "[key]")


def _unset(value: Any) -> bool:
    """Say whether a fault comes from a value that could not be had, which is reported already."""
    if isinstance(value, dict):
        return any(map(_unset, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_unset, value))
    return UNSET in str(value)


def _hollow(error: Mapping[str, Any], found: Iterable[Mapping[str, Any]]) -> bool:
    """Say whether a list only counts as too short because its entries are at fault themselves."""
    here = error["loc"]
    return error["type"] == "too_short" and any(
        len(one["loc"]) > len(here) and one["loc"][: len(here)] == here for one in found
    )


def _sentence(error: Mapping[str, Any], model: type[BaseModel], also: Iterable[str]) -> str:
    kind, context, given = error["type"], error.get("ctx", {}), error["input"]
    if kind == "extra_forbidden":
        *around, key = _location(error["loc"])
        return _unknown(str(key), _model_at(model, around) or model, () if around else also)
    if kind == "value_error":
        return str(context["error"])
    if kind == "string_pattern_mismatch":
        return _pattern(str(context["pattern"]))
    if kind in {"tuple_type", "list_type"} and isinstance(given, str | int | float):
        return f"must be a list, such as [{given if isinstance(given, int) else '…'}]"
    if kind == "literal_error":
        return f"must be {context['expected']}{suggestion(str(given), _QUOTED.findall(context['expected']))}"
    template = _SENTENCES.get(kind)
    said = template.format(**context) if template else str(error["msg"])
    inner = _model_at(model, _location(error["loc"])) if said == MAPPING else None
    return f"{said}: {', '.join(_names(inner))}" if inner else said


_QUOTED = re.compile(r"'([^']+)'")
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


def _unknown(key: str, model: type[BaseModel], also: Iterable[str]) -> str:
    """Return what is said of a key that the model does not have: where it belongs, or what was meant."""
    said = "is not a known key"
    here = {*_names(model), *also}
    inner = sorted(_paths(model, "", ()), key=lambda path: (path.count("."), path))
    close = suggestion(key, here)
    if close:
        return said + close
    same = [path for path in inner if path.endswith(f".{key}")]
    if same:
        return f"{said} here; did you mean {' or '.join(same[:3])}?"
    return said + suggestion(key, {path.rpartition(".")[2] for path in inner})


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return the end of a sentence about an unknown word: what may have been meant."""
    close = difflib.get_close_matches(word, sorted(set(known)), n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _names(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _paths(model: type[BaseModel], before: str, seen: tuple[type, ...]) -> Iterator[str]:
    """Return the dotted paths of the keys of the models within a model."""
    for name, field in model.model_fields.items():
        for inner in _models(field.annotation):
            if inner not in seen:
                here = f"{before}{field.alias or name}."
                yield from (here + one for one in _names(inner))
                yield from _paths(inner, here, (*seen, model))


def _model_at(model: type[BaseModel], steps: Iterable[str | int]) -> type[BaseModel] | None:
    """Return the model that stands at a place within a model, where there is exactly one."""
    found: type[BaseModel] = model
    for step in steps:
        if isinstance(step, int):
            continue
        fields = {field.alias or name: field for name, field in found.model_fields.items()}
        inner = list(_models(fields[step].annotation)) if step in fields else []
        if len(inner) != 1:
            return None
        found = inner[0]
    return found


def _models(annotation: Any) -> Iterator[type[Options]]:
    if isinstance(annotation, type) and issubclass(annotation, Options):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _models(argument)
