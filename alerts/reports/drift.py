"""What was seen over a time -> what changed in how things are set up, and which kinds of error are new."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from types import MappingProxyType
from typing import Protocol

from checks.result import CheckId

NEW_ERROR = "error."
"""What the names of kinds of error begin with; a short hash follows."""

_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "certificate.issuer": "issuer of the certificate",
        "certificate.ends": "last day of the certificate",
        "record": "DNS record",
        "mappings": "mappings",
        "url": "address",
        "banner": "name the mail server gives itself",
        "tls": "TLS version",
        "event.forged": "answer to a forged event",
        "event.short": "answer to an event with a short signature",
        "event.unsigned": "answer to an unsigned event",
        "event.signed": "answer to a signed event",
        "event.old": "answer to an event of ten minutes ago",
    }
)


class Sight(Protocol):
    """What a check saw under a name from a moment on, until the next one of that name."""

    @property
    def check(self) -> CheckId:
        """Which check."""
        ...

    @property
    def name(self) -> str:
        """Under which name."""
        ...

    @property
    def at(self) -> datetime:
        """From when on."""
        ...

    @property
    def value(self) -> str:
        """What it saw."""
        ...


@dataclass(frozen=True, slots=True)
class Change:
    """A setting that is another one than before, as all these checks of an integration saw it.

    `at` is when it last changed, `times` how often it did. Where `before` and `after` are the same it changed
    and changed back. `steps` are what it became, and when each time.
    """

    integration: str
    checks: tuple[str, ...]
    name: str
    before: str
    after: str
    at: datetime
    times: int = 1
    steps: tuple[tuple[datetime, str], ...] = ()

    @property
    def said(self) -> str:
        """What the setting is called."""
        return in_words(self.name)


@dataclass(frozen=True, slots=True)
class Novelty:
    """A kind of error that was never seen before: what such lines have in common, and when the first came."""

    integration: str
    check: str
    kind: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Drift:
    """What changed and what is new, both in the order in which it came."""

    changes: tuple[Change, ...] = ()
    novelties: tuple[Novelty, ...] = ()


def drift(sights: Iterable[Sight], begins: datetime, ends: datetime) -> Drift:
    """Return what changed from `begins` to before `ends`, by what was seen in that time and last before.

    What is seen for the first time is no change.
    """
    changes: dict[tuple[str, ...], Change] = {}
    novelties: list[Novelty] = []
    ordered = sorted(
        (one for one in sights if one.at < ends), key=lambda one: (one.check, one.name, one.at, one.value)
    )
    for (check, name), row in groupby(ordered, key=lambda one: (one.check, one.name)):
        seen = list(row)
        if name.startswith(NEW_ERROR):
            first, kind = seen[0], name.removeprefix(NEW_ERROR)
            if first.at >= begins:
                novelties.append(Novelty(check.integration, check.check, kind, first.value, first.at))
        elif (found := _change(check, name, seen, begins)) is not None:
            key = (found.integration, found.name, found.before, found.after)
            changes[key] = _together(changes[key], found) if key in changes else found
    return Drift(
        tuple(sorted(changes.values(), key=lambda one: (one.at, one.integration, one.name))),
        tuple(sorted(novelties, key=lambda one: (one.at, one.integration, one.kind))),
    )


def in_words(name: str) -> str:
    """Return what a setting is called, for people."""
    if name in _WORDS:
        return _WORDS[name]
    kind, _, rest = name.partition(".")
    return f"{_WORDS[kind]} of {rest}" if kind in _WORDS and rest else f"{name.upper()} records"


def _change(check: CheckId, name: str, seen: list[Sight], begins: datetime) -> Change | None:
    """Return what became of a setting; sightings of the same value in a row are one."""
    before = seen[0].value
    last = before
    steps: list[tuple[datetime, str]] = []
    for one in seen[1:]:
        if one.value == last:
            continue
        last = one.value
        if one.at < begins:
            before = last
        else:
            steps.append((one.at, last))
    if not steps:
        return None
    seen_by, at = (check.check,), steps[-1][0]
    return Change(check.integration, seen_by, name, before, last, at, len(steps), tuple(steps))


def _together(one: Change, other: Change) -> Change:
    return replace(
        one,
        checks=(*one.checks, *other.checks),
        at=max(one.at, other.at),
        times=max(one.times, other.times),
        steps=max(one.steps, other.steps, key=len),
    )
