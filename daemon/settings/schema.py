"""The JSON Schema of the configuration, from the models that read it."""

from typing import Any

from pydantic import TypeAdapter

from alerts.options import CHANNELS
from checks.registry import CHECKS
from daemon.settings.models import IntegrationOptions, ManyFile, SingleFile
from daemon.settings.own_checks import OwnTuning

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """Return the schema: a file of one hotel, or one that names a directory of hotels."""
    document: dict[str, Any] = TypeAdapter(SingleFile | ManyFile).json_schema(ref_template="#/$defs/{model}")
    definitions = document["$defs"]
    own = [_typed(name, kind.options, OwnTuning) for name, kind in CHECKS.items()]
    tuning = {"type": "object", "properties": {"enabled": {"type": "boolean"}}, "not": {"required": ["type"]}}
    channels = [options.model_json_schema(ref_template="#/$defs/{model}") for options in CHANNELS.values()]
    integration = IntegrationOptions.model_json_schema(ref_template="#/$defs/{model}")
    for inner in (*own, *channels, integration):
        definitions.update(inner.pop("$defs", {}))
    integration["properties"]["checks"] = {
        "type": "object",
        "additionalProperties": {"anyOf": [tuning, *own]},
    }
    for root in ("SingleFile", "ManyFile"):
        if root == "SingleFile":
            definitions[root]["properties"]["integrations"]["additionalProperties"] = integration
        definitions[root]["properties"]["channels"] = {
            "type": "object",
            "additionalProperties": {"anyOf": channels},
        }
    _allow_files(document)
    return {"$schema": DIALECT, "title": "Night Porter's configuration", **document}


def _typed(name: str, options: Any, tuning: Any) -> dict[str, Any]:
    """Return the schema of a check of one's own: its type's options and the common ones."""
    found: dict[str, Any] = options.model_json_schema(ref_template="#/$defs/{model}")
    common = tuning.model_json_schema()["properties"]
    found["properties"] = {"type": {"const": name}, **common, **found.get("properties", {})}
    found["required"] = ["type", *found.get("required", [])]
    return found


def _allow_files(node: Any) -> None:
    """Let every secret be given as `<key>_file`, in place of the key."""
    if isinstance(node, list):
        for one in node:
            _allow_files(one)
    if not isinstance(node, dict):
        return
    properties = node.get("properties")
    if isinstance(properties, dict):
        for key in [key for key, one in properties.items() if _is_secret(one)]:
            properties[f"{key}_file"] = {"type": "string", "description": f"a file that holds `{key}`"}
            if key in node.get("required", ()):
                node["required"].remove(key)
                node.setdefault("allOf", []).append(
                    {"anyOf": [{"required": [key]}, {"required": [f"{key}_file"]}]}
                )
    for one in node.values():
        _allow_files(one)


def _is_secret(node: Any) -> bool:
    if not isinstance(node, dict):
        return False
    return node.get("format") == "password" or any(_is_secret(one) for one in node.get("anyOf", ()))
