"""Planned silences: what they match should be there, or they silence nothing when it counts."""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from alerts.incident import Cause, Severity
from alerts.options import Silence
from daemon.settings.document import Document
from daemon.settings.settings import Hotel


def judge_silences(silences: Iterable[Silence], hotels: Iterable[Hotel], document: Document) -> None:
    """Note each value of a silence's `match` that fits nothing."""
    known = _known(list(hotels))
    for number, silence in enumerate(silences):
        for key, wanted in silence.match.items():
            names = known.get(str(key))
            if names is not None and not any(fnmatchcase(name, wanted) for name in names):
                there = ", ".join(names[:12])
                document.warn(("silences", number, "match", str(key)), f"fits no {key}; there is: {there}")


def _known(hotels: list[Hotel]) -> Mapping[str, tuple[str, ...]]:
    integrations = {name: None for hotel in hotels for name in (*hotel.integrations, *hotel.own_side)}
    return {
        "hotel": tuple(hotel.id for hotel in hotels),
        "integration": tuple(integrations),
        "cause": tuple(cause.value for cause in Cause),
        "severity": tuple(severity.value for severity in Severity),
    }
