"""The pieces that an OpenAPI document is made of. A schema is a plain mapping."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Schema = Mapping[str, Any]

WHAT_IS_WRONG = "Something in the request is wrong; `error` says what, and what would be right."
REFUSALS = {
    401: "The token is missing or wrong, or the session is over.",
    403: "A change that may not be wanted: from elsewhere without a token, or from another site's page.",
    429: "Too many wrong tokens came from this address; `Retry-After` says how many seconds to wait.",
    500: "A fault of the porter's own; its log says more.",
    503: "The state cannot be read or written now; checks and mails go on.",
}
"""What every address may answer instead."""

OF_BODIES = {
    408: "The body takes too long to arrive.",
    413: "The body is larger than 64 KiB.",
    415: "The body is not said to be JSON.",
}


@dataclass(frozen=True, slots=True)
class Operation:
    """What one method of one address does.

    `answer` is the schema of the good answer, whose status is `status`; `refusals` are further ones that say
    no, by status. `path` names are described in the document once for all.
    """

    id: str
    tag: str
    summary: str
    answer: Schema
    says: str
    description: str = ""
    status: int = 200
    query: tuple[Schema, ...] = ()
    body: Schema | None = None
    body_required: bool = True
    refusals: Mapping[int, str] = field(default_factory=dict)


def ref(name: str) -> Schema:
    """Return what stands for a named schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def text(says: str = "", **rules: Any) -> dict[str, Any]:
    """Return the schema of a text."""
    return _said({"type": "string", **rules}, says)


def word(words: Iterable[str], says: str = "") -> dict[str, Any]:
    """Return the schema of one word of a closed set."""
    return _said({"type": "string", "enum": [str(one) for one in words]}, says)


def instant(says: str) -> dict[str, Any]:
    """Return the schema of a time."""
    return text(says, format="date-time", examples=["2026-11-25T08:05:00.000Z"])


def day(says: str) -> dict[str, Any]:
    """Return the schema of a day."""
    return text(says, format="date", examples=["2027-01-15"])


def number(says: str = "", **rules: Any) -> dict[str, Any]:
    """Return the schema of a number."""
    return _said({"type": "number", **rules}, says)


def whole(says: str = "", least: int = 0, **rules: Any) -> dict[str, Any]:
    """Return the schema of a whole number."""
    return _said({"type": "integer", "minimum": least, **rules}, says)


def flag(says: str) -> dict[str, Any]:
    """Return the schema of yes or no."""
    return _said({"type": "boolean"}, says)


def maybe(schema: Schema) -> dict[str, Any]:
    """Return a schema that null fits as well: nothing is known, or nothing is there."""
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    found = {**schema, "type": [schema["type"], "null"]}
    return found | {"enum": [*schema["enum"], None]} if "enum" in schema else found


def several(items: Schema, says: str = "") -> dict[str, Any]:
    """Return the schema of a list."""
    return _said({"type": "array", "items": items}, says)


def by_name(values: Schema, says: str) -> dict[str, Any]:
    """Return the schema of an object whose names are those of things."""
    return _said({"type": "object", "additionalProperties": values}, says)


def record(says: str, fields: Mapping[str, Schema], optional: Iterable[str] = ()) -> dict[str, Any]:
    """Return the schema of an object that has these fields, all of them but the optional ones."""
    left_out = set(optional)
    needed = [name for name in fields if name not in left_out]
    return _said({"type": "object", "properties": dict(fields), "required": needed}, says)


def taken(fields: Mapping[str, Schema], needed: Iterable[str] = (), **rules: Any) -> dict[str, Any]:
    """Return the schema of a body that may hold these fields and no others."""
    return {
        "type": "object",
        "properties": dict(fields),
        "required": list(needed),
        "additionalProperties": False,
        **rules,
    }


def parameter(name: str, schema: Schema, says: str, place: str = "query") -> dict[str, Any]:
    """Return a parameter of an address."""
    return {"name": name, "in": place, "required": place == "path", "description": says, "schema": schema}


def _said(schema: dict[str, Any], says: str) -> dict[str, Any]:
    return schema | {"description": says} if says else schema
