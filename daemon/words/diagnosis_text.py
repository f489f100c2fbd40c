"""A diagnosis as JSON shows it -> words on a screen, the same for `diagnose` and `incidents show`."""

from collections.abc import Iterator, Mapping
from typing import Any

from alerts.message_evidence import FAULT
from alerts.message_text import clean
from daemon.words.paint import bold, pairs, paragraph


def fault_of(diagnosis: Mapping[str, Any]) -> str:
    """Return whose fault it is, in words."""
    return FAULT.get(str(diagnosis.get("fault")), "not known")


def cause_of(diagnosis: Mapping[str, Any]) -> str:
    """Return the cause's id with how sure it is."""
    cause = clean(str(diagnosis.get("cause", "unknown")), 64)
    if cause == "unknown":
        return "unknown: what was seen fits none of the known causes"
    return f"{cause} ({clean(str(diagnosis.get('confidence', '')), 40)})"


def spoken(diagnosis: Mapping[str, Any]) -> Iterator[str]:
    """Yield cause, fault, summary, evidence, steps and the runner-up, block by block."""
    yield pairs([("Cause", cause_of(diagnosis)), ("Whose fault", fault_of(diagnosis))])
    if diagnosis.get("summary"):
        yield paragraph(clean(str(diagnosis["summary"]), 1000))
    yield from listed("What shows it", texts(diagnosis, "evidence"))
    yield from listed("Not known", texts(diagnosis, "missing"))
    yield from listed("What to do", texts(diagnosis, "steps"), numbered=True)
    yield from _doubt(
        clean(str(diagnosis.get("runner_up") or ""), 64), clean(str(diagnosis.get("next_test") or ""))
    )


def _doubt(rival: str, test: str) -> Iterator[str]:
    if rival:
        told_apart = f" To tell the two apart: {test}" if test else ""
        yield f"{bold('If it is not that')}\n" + paragraph(f"It may be {rival}.{told_apart}", "  ")
    elif test:
        yield f"{bold('To make sure')}\n" + paragraph(test, "  ")


def texts(diagnosis: Mapping[str, Any], name: str) -> list[str]:
    """Return the texts of a list in a diagnosis, made harmless."""
    return [clean(str(one), 500) for one in diagnosis.get(name) or ()]


def listed(heading: str, lines: list[str], *, numbered: bool = False) -> Iterator[str]:
    """Yield lines under a heading, as a block; nothing if there are none."""
    if lines:
        marks = (f"  {number}. " if numbered else "  - " for number in range(1, len(lines) + 1))
        items = (paragraph(line, mark) for line, mark in zip(lines, marks, strict=False))
        yield "\n".join((bold(heading), *items))
