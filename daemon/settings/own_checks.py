"""The `checks:` of an integration: tunings of built-in checks, and checks of one's own."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from checks.check import CheckType, Limits
from checks.integrations.built_in import BuiltIn, Tuning
from checks.registry import CHECKS
from checks.values import Number, Options
from daemon.settings.document import Document
from daemon.settings.filling import UNSET
from daemon.settings.plain import ID_RULE, suggestion, validated
from daemon.settings.problems import Steps

ID = re.compile(r"[a-z0-9_-]{1,64}")
DEFAULT_INTERVAL = 60.0
SHORTEST_INTERVAL = 1.0
LONGEST_TIMEOUT = 10.0


class OwnTuning(Tuning):
    """What a check of one's own takes besides its type's options."""

    warning_above: Number | None = Field(None, description="a main value above this is a warning")
    critical_above: Number | None = Field(None, description="a main value above this is critical")
    warning_below: Number | None = Field(None, description="a main value below this is a warning")
    critical_below: Number | None = Field(None, description="a main value below this is critical")

    @property
    def limits(self) -> Limits:
        """The limits on the main measurement."""
        return Limits(self.warning_above, self.critical_above, self.warning_below, self.critical_below)


@dataclass(frozen=True, slots=True)
class OwnCheck:
    """A check of one's own."""

    type: CheckType
    options: Options
    tuning: OwnTuning


@dataclass(frozen=True, slots=True)
class ChecksSection:
    """What an integration's `checks:` says."""

    own: Mapping[str, OwnCheck]
    tunings: Mapping[str, Tuning]


def parse(
    section: Mapping[str, dict[str, Any]], built_ins: Sequence[BuiltIn], steps: Steps, document: Document
) -> ChecksSection:
    """Return the section's checks; what is wrong is noted on the document, and left out."""
    known = {one.name: one for one in built_ins}
    own: dict[str, OwnCheck] = {}
    tunings: dict[str, Tuning] = {}
    for name, raw in section.items():
        here = (*steps, name)
        if not ID.fullmatch(name):
            document.complain(here, ID_RULE)
        if name in known:
            tuning = _built_in(known[name], raw, here, document)
            if tuning is not None:
                tunings[name] = tuning
        else:
            check = _own(name, raw, known, here, document)
            if check is not None:
                own[name] = check
    return ChecksSection(own, tunings)


def pace(tuning: Tuning, default: float) -> tuple[float, float]:
    """Return the interval and the timeout, in seconds, of a check."""
    interval = tuning.interval or default
    return interval, tuning.timeout or min(LONGEST_TIMEOUT, interval)


def _built_in(known: BuiltIn, raw: dict[str, Any], here: Steps, document: Document) -> Tuning | None:
    if "type" in raw:
        document.complain(
            (*here, "type"), f"{known.name} is a built-in check; give your own check another name"
        )
        return None
    tuning = validated(known.tuning, raw, here, document)
    if tuning is not None:
        _judge_pace(tuning, known.interval, here, document)
    return tuning


def _own(
    name: str, raw: dict[str, Any], known: Mapping[str, BuiltIn], here: Steps, document: Document
) -> OwnCheck | None:
    kind = raw.get("type")
    if kind is None:
        hint = suggestion(name, known) or f"; built in are: {', '.join(known) or 'none'}"
        document.complain(here, f"is no built-in check, and has no `type` to be one of your own{hint}")
        return None
    found = CHECKS.get(kind) if isinstance(kind, str) else None
    if found is None and UNSET in str(kind):
        return None
    if found is None:
        hint = suggestion(str(kind), CHECKS) or f"; there are: {', '.join(CHECKS)}"
        document.complain((*here, "type"), f"{kind} is no type of check{hint}")
        return None
    common = {key: value for key, value in raw.items() if key in OwnTuning.model_fields}
    taken = {"type", *common} - set(found.options.model_fields)
    rest = {key: value for key, value in raw.items() if key not in taken}
    tuning = validated(OwnTuning, common, here, document)
    options = validated(found.options, rest, here, document, also=OwnTuning.model_fields)
    if tuning is not None:
        _judge_pace(tuning, DEFAULT_INTERVAL, here, document)
    if tuning is None or options is None:
        return None
    return OwnCheck(found, document.lean(options), document.alike(tuning))


def _judge_pace(tuning: Tuning, default: float, here: Steps, document: Document) -> None:
    interval, timeout = pace(tuning, default)
    if interval < SHORTEST_INTERVAL:
        document.complain((*here, "interval"), "must be at least 1s")
    elif timeout > interval:
        document.complain((*here, "timeout"), f"must not be longer than the interval ({interval:g} s)")
    for key in ("failures", "successes"):
        value = getattr(tuning, key)
        if value is not None and not 1 <= value <= 100:
            document.complain((*here, key), "must be from 1 to 100")
