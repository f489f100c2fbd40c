"""What the checks of a domain's mail records share: verdicts, tag lists, and noticing a change."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from checks.context import Context
from checks.resolver import Unanswered
from checks.result import NOTHING, Phase, Reason, Result, Sign, State, failed

REPORTED_FOR = timedelta(hours=24)
"""How long a change is told of: it leaves no state that could end."""
REMEMBERED = 800
"""Characters of a record that are remembered, the rest as a digest; a DKIM key of 4096 bits needs 760."""
MOST_REMEMBERED = 8
SHOWN = 70

UNUSABLE = (Sign.RECORD_BROKEN,)
"""What a record is a sign of that receivers cannot use, or that does not let our mail through."""
MISSING = (Sign.RECORD_MISSING,)

Seen = Mapping[str, Sequence[str] | None]
"""The records at each name that was looked at, in a form in which equal ones are equal; None where they are
missing or broken and ought not to be."""


def broken(
    message: str, measurements: Mapping[str, float] = NOTHING, signs: Iterable[Sign] = UNUSABLE
) -> Result:
    """Return the verdict on a record that breaks its rules; looking again would not change it."""
    return replace(failed(Reason.CONTENT, message, measurements, signs=signs), decisive=True)


def doubtful(
    message: str, measurements: Mapping[str, float] = NOTHING, signs: Iterable[Sign] = UNUSABLE
) -> Result:
    """Return the verdict on a record that is sound but not what it should be."""
    return replace(failed(Reason.MISMATCH, message, measurements, signs=signs), decisive=True)


def not_seen(what: str, unanswered: Unanswered, context: Context) -> Result:
    """Return the verdict when a name server fails or is silent: nothing is known of the record."""
    context.trace.end()
    return replace(failed(Reason.QUERY, f"{what}: {unanswered.why}"), failed_phase=Phase.RESOLVE)


def tags(text: str) -> dict[str, str]:
    """Return the tags of a `name=value; …` list (RFC 6376, 3.2); raises ValueError saying what is wrong."""
    found: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not name and not equals:
            continue
        if not equals or not name:
            raise ValueError(f'"{clip(part.strip(), 30)}" is not of the form name=value')
        if name in found:
            raise ValueError(f'it has the tag "{clip(name, 30)}" twice')
        found[name] = value
    return found


def clip(text: str, length: int = SHOWN) -> str:
    """Return the beginning of a text."""
    return text if len(text) <= length else text[: length - 1] + "…"


def last_seen(context: Context, name: str) -> str:
    """Return words that quote what was last seen at a name, for when it is gone; none if nothing was."""
    before = _remembered(context).get(name)
    return f' (it was "{clip(before[0], 2 * SHOWN)}")' if before else ""


def listed(records: Iterable[str]) -> str:
    """Return records as one text, in an order that is the same for equals."""
    return " | ".join(sorted(records)) or "none"


def remember(context: Context, seen: Seen, result: Result) -> Result:
    """Return the result, or for a day after a sound record changed that it did.

    A name's first record is no change, but for one that joins others that stood (a further DKIM selector).
    Where a record is missing or broken, the last good one stays remembered.
    """
    now, before = context.tools.now(), _remembered(context)
    stands: dict[str, list[str]] = {}
    for name in list(seen)[:MOST_REMEMBERED]:
        records = seen[name]
        stands[name] = before.get(name, []) if records is None else _kept(records)
    known = [name for name in stands if name in before] if any(before.values()) else []
    changed = {name: (before[name], stands[name]) for name in known if before[name] != stands[name]}
    memory: dict[str, Any] = {"records": stands}
    if changed:
        memory |= {"changed_at": now.isoformat(), "change": "; ".join(map(_told, changed, changed.values()))}
    elif _recent(context.memory.value.get("changed_at"), now):
        memory |= {key: context.memory.value[key] for key in ("changed_at", "change")}
    context.memory.keep(memory)
    return _reported(memory, result)


def _remembered(context: Context) -> Mapping[str, list[str]]:
    records: Mapping[str, list[str]] = context.memory.value.get("records", {})
    return records


def _kept(records: Sequence[str]) -> list[str]:
    return sorted(record if len(record) <= REMEMBERED else _digested(record) for record in records)


def _digested(record: str) -> str:
    return f"{record[:REMEMBERED]}…{hashlib.sha256(record.encode()).hexdigest()[:16]}"


def _recent(changed_at: str | None, now: datetime) -> bool:
    return changed_at is not None and abs(now - datetime.fromisoformat(changed_at)) < REPORTED_FOR


def _told(name: str, change: tuple[list[str], list[str]]) -> str:
    before, after = (", ".join(record[:REMEMBERED] for record in records) or "none" for records in change)
    if before == after:
        return f"{clip(name)} differs behind its first {REMEMBERED} characters"
    was, became = _contrast(before, after)
    return f'{clip(name)} was "{was}" and is now "{became}"'


def _contrast(before: str, after: str) -> tuple[str, str]:
    """Return two texts cut to where they begin to differ, if they are long."""
    if max(len(before), len(after)) <= SHOWN:
        return before, after
    pairs = zip(before, after, strict=False)
    same = next((i for i, (one, other) in enumerate(pairs) if one != other), min(len(before), len(after)))
    start = max(0, same - 15)
    first, second = (("…" if start else "") + clip(text[start:]) for text in (before, after))
    return first, second


def _reported(memory: Mapping[str, Any], result: Result) -> Result:
    if "changed_at" not in memory or result.state not in {State.OK, State.WARNING}:
        return result
    at = datetime.fromisoformat(memory["changed_at"])
    message = f"changed, seen {at:%d %b %H:%M} UTC: {memory['change']}"
    if result.state is State.WARNING:
        message = f"{result.message}; {message}"
    signs = result.signs | {Sign.RECORD_CHANGED}
    return replace(doubtful(message, result.measurements, signs), phases=result.phases)
