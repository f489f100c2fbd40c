"""What is watched, what is accepted without effect, and what to add to watch more."""

from collections.abc import Iterator
from dataclasses import dataclass

from daemon.settings.plan import built_ins_of, checks_of, site_of
from daemon.settings.settings import Hotel, Integration, Settings

SECOND = 2
"""The level that has hours: level 1 is told at once, level 3 in emergencies, both at any time."""


@dataclass(frozen=True, slots=True)
class Line:
    """A check or setting, and what is to be said of it."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a configuration amounts to."""

    watched: tuple[Line, ...]
    idle: tuple[Line, ...]
    could_be: tuple[Line, ...]


def coverage(settings: Settings) -> Coverage:
    """Return what is watched, what has no effect, and what could be."""
    watched = [
        Line(str(check.id), f"{check.type.name}, every {_span(check.interval)}")
        for check in checks_of(settings)
    ]
    idle = list(_without_effect(settings))
    could_be: list[Line] = []
    for hotel in settings.hotels:
        could_be += [
            Line(f"{hotel.id}/{integration.name}/{one.name}", one.text)
            for integration in _all(hotel)
            for one in _lacking(integration, hotel)
        ]
    return Coverage(tuple(watched), tuple(idle), tuple(could_be))


def render_report(found: Coverage) -> str:
    """Return a coverage as text."""
    parts = [_section(f"Watched ({len(found.watched)}):", found.watched)]
    if found.idle:
        parts.append(_section(f"Accepted, without effect ({len(found.idle)}):", found.idle))
    if found.could_be:
        parts.append(_section(f"Not watched; what to add ({len(found.could_be)}):", found.could_be))
    return "\n\n".join(parts)


def _section(head: str, lines: tuple[Line, ...]) -> str:
    width = max((len(line.name) for line in lines), default=0)
    return "\n".join([head, *(f"  {line.name:<{width}}  {line.text}" for line in lines)])


def _without_effect(settings: Settings) -> Iterator[Line]:
    for hotel in settings.hotels:
        for level in hotel.escalation.levels:
            here = f"{hotel.id}: escalation level {level.level}"
            if level.level != SECOND and level.hours.when == "window":
                yield Line(here, f"hours are kept for level 2 only: {level.role} is told at any time")


def lacking(hotel: Hotel, name: str) -> Iterator[Line]:
    """Yield which built-in checks an integration does not have, by their names, and why."""
    for integration in _all(hotel):
        if integration.name == name:
            yield from _lacking(integration, hotel)
            for built_in in built_ins_of(integration):
                tuning = integration.checks.tunings.get(built_in.name)
                if tuning is not None and not tuning.enabled:
                    yield Line(built_in.name, "switched off in the configuration")


def _all(hotel: Hotel) -> tuple[Integration, ...]:
    return (*hotel.integrations.values(), *hotel.own_side.values())


def _lacking(integration: Integration, hotel: Hotel) -> Iterator[Line]:
    site = site_of(integration, hotel)
    for built_in in built_ins_of(integration):
        missing = built_in.lacking(site)
        if missing:
            yield Line(
                built_in.name, f"add {' and '.join(_keys(missing, integration))} to see {built_in.why}"
            )


def _keys(missing: list[str], integration: Integration) -> list[str]:
    """Return the keys to add, as they are written where they belong."""
    return [f"pms.{key}" if integration.name == "pms" and "." not in key else key for key in missing]


def _span(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:g} s"
