"""The JSON Schema of the configuration, from the models that read it."""

import re
from typing import Any

from pydantic import BaseModel, TypeAdapter

from alerts.channel_options import CHANNELS
from checks.integrations import KINDS, OWN_SIDE
from checks.integrations.built_in import SqlTuning, StockTuning, Tuning
from checks.registry import CHECKS
from daemon.settings.filling import SECRET_KEYS
from daemon.settings.models import IntegrationOptions, ManyFile, SingleFile
from daemon.settings.own_checks import OwnTuning

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Node = dict[str, Any]

_ID = "^[a-z0-9_-]{1,64}$"
_BOUNDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
"""What pydantic leaves as it is where a validator of ours stands before the number."""

_VARIABLE = {"type": "string", "pattern": r"\$\{"}


def schema() -> Node:
    """Return the schema: a file of one hotel, or one that names a directory of hotels."""
    document: Node = TypeAdapter(SingleFile | ManyFile).json_schema(ref_template="#/$defs/{model}")
    definitions = document["$defs"]
    channels = _each_id(anyOf=[_of(options, definitions) for options in CHANNELS.values()])
    for root in ("SingleFile", "ManyFile"):
        definitions[root]["properties"]["channels"] = channels
    definitions["SingleFile"]["properties"]["integrations"] = _integrations(definitions)
    _refine(document)
    return {"$schema": DIALECT, "title": "Night Porter's configuration", **document}


def _integrations(definitions: Node) -> Node:
    """Return the schema of `integrations`: a kind is needed where the name is not one itself."""
    checks = _checks(definitions)
    found = _of(IntegrationOptions, definitions)
    found["properties"]["checks"] = checks
    own_side = {"type": "object", "properties": {"checks": checks}, "additionalProperties": False}
    kinds, sides = "|".join(map(re.escape, KINDS)), "|".join(map(re.escape, OWN_SIDE))
    return {
        "type": "object",
        "patternProperties": {
            f"^({kinds})$": found,
            f"^({sides})$": own_side,
            f"^(?!({kinds}|{sides})$)[a-z0-9_-]{{1,64}}$": {**found, "required": ["kind"]},
        },
        "additionalProperties": False,
    }


def _checks(definitions: Node) -> Node:
    """Return the schema of `checks`: tunings of built-in checks, and checks of one's own by their type."""
    own = []
    common = _of(OwnTuning, definitions)["properties"]
    for name, kind in CHECKS.items():
        found = _of(kind.options, definitions, f"{name}-")
        found["properties"] = {"type": {"const": name}, **common, **found.get("properties", {})}
        found["required"] = ["type", *found.get("required", [])]
        own.append(found)
    tunings = [_of(one, definitions) for one in (Tuning, SqlTuning, StockTuning)]
    return _each_id(anyOf=[*tunings, *own])


def _of(model: type[BaseModel], definitions: Node, prefix: str = "") -> Node:
    """Return a model's schema; what it refers to goes to `definitions`, under names of its own."""
    found: Node = model.model_json_schema(ref_template=f"#/$defs/{prefix}{{model}}")
    definitions.update({f"{prefix}{name}": one for name, one in found.pop("$defs", {}).items()})
    return found


def _each_id(**value: Any) -> Node:
    return {"type": "object", "patternProperties": {_ID: value}, "additionalProperties": False}


def _refine(node: Any) -> None:
    """Say what the models cannot: bounds, secrets in files, and variables in place of numbers."""
    if isinstance(node, list):
        for one in node:
            _refine(one)
    if not isinstance(node, dict):
        return
    for ours, name in _BOUNDS.items():
        if isinstance(node.get(ours), int | float):
            node[name] = node.pop(ours)
    properties = node.get("properties")
    if isinstance(properties, dict):
        _allow_files(node, properties)
        for name, one in properties.items():
            if isinstance(one, dict) and one.get("type") in {"integer", "number", "boolean"}:
                properties[name] = {"anyOf": [one, _VARIABLE]}
    for one in list(node.values()):
        _refine(one)


def _allow_files(node: Node, properties: Node) -> None:
    """Let every secret be given as `<key>_file`, in place of the key."""
    for key in SECRET_KEYS & properties.keys():
        file = f"{key}_file"
        properties[file] = {"type": "string", "description": f"a file that holds `{key}`"}
        rules = node.setdefault("allOf", [])
        rules.append({"not": {"required": [key, file]}})
        if key in node.get("required", ()):
            node["required"].remove(key)
            rules.append({"anyOf": [{"required": [key]}, {"required": [file]}]})
