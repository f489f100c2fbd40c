"""The `integrations:` of a hotel, each read by itself, so that one fault hides no other."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from checks.integrations import KINDS, OWN_SIDE
from checks.integrations.network import MAIL, PORTER
from daemon.settings.document import Document
from daemon.settings.models import IntegrationOptions
from daemon.settings.own_checks import ChecksSection, parse
from daemon.settings.plain import MAPPING, suggestion, validated
from daemon.settings.problems import Steps

OF_THE_PORTER = frozenset({PORTER, MAIL})


@dataclass(frozen=True, slots=True)
class Read:
    """An integration as its section says, before what holds for the whole hotel is added."""

    name: str
    kind: str
    options: IntegrationOptions
    checks: ChecksSection


def read_all(document: Document) -> list[Read]:
    """Return a document's integrations; what is wrong is noted on the document, and left out."""
    section = document.data.get("integrations")
    if not isinstance(section, dict):
        return []
    found = [_read(name, raw, document) for name, raw in section.items() if isinstance(raw, dict)]
    return [one for one in found if one is not None]


def _read(name: str, raw: Mapping[str, Any], document: Document) -> Read | None:
    here: Steps = ("integrations", name)
    rest = {key: value for key, value in raw.items() if key != "checks"}
    if name in OWN_SIDE:
        for key in rest:
            document.complain((*here, key), f"{name} is the hotel's own side and holds only `checks`")
        section = _checks(raw, OWN_SIDE[name], here, document)
        for taken in OF_THE_PORTER & section.own.keys() if name == "network" else ():
            said = f"network/{taken} is what Night Porter shows of itself; give your own check another name"
            document.complain((*here, "checks", taken), said)
        return Read(name, name, IntegrationOptions(), section)
    options = validated(IntegrationOptions, rest, here, document)
    kind = rest.get("kind", name)
    if not isinstance(kind, str) or kind not in KINDS:
        if "kind" not in rest:
            hint = suggestion(name, KINDS)
            document.complain(here, f"needs a `kind`: one of {', '.join(KINDS)}{hint}")
        return None
    section = _checks(raw, KINDS[kind], here, document)
    return Read(name, kind, options, section) if options is not None else None


def _checks(raw: Mapping[str, Any], built_ins: Any, here: Steps, document: Document) -> ChecksSection:
    section = raw.get("checks") or {}
    where = (*here, "checks")
    if not isinstance(section, dict):
        document.complain(where, MAPPING)
        section = {}
    for name, one in section.items():
        if not isinstance(one, dict):
            document.complain((*where, name), MAPPING)
    named = {name: one for name, one in section.items() if isinstance(one, dict)}
    return parse(named, built_ins, where, document)
