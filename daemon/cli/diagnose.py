"""`nightporter diagnose`: look at an integration now, and say what is wrong, whose fault, and what to do."""

import argparse
import asyncio
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from alerts.diagnosis.grouping import Group
from alerts.incident import Breach
from alerts.message_text import capital, clean
from checks.check import Check
from checks.result import Result, State
from daemon.cli.check import EXIT, document, worst
from daemon.cli.command import CommandError
from daemon.cli.hotels import hotel_of, named
from daemon.cli.loading import loop_factory, settings
from daemon.cli.looking import Seen, Told, looking, on_terminal
from daemon.cli.verdict import Verdict, elsewhere, is_slow, verdict
from daemon.clock import SystemClock
from daemon.settings import Hotel, Settings, checks_of
from daemon.words.diagnosis_text import listed, spoken
from daemon.words.paint import as_json, bold, painted, paragraph

NOTHING_SEEN = 3
AGAIN = 2
"""Further looks at what answered slowly: a mean is taken of three answers."""


def main(arguments: argparse.Namespace) -> int:
    """Look, and print the diagnosis."""
    configuration = settings(arguments)
    hotel, integration = _chosen(configuration, arguments.integration, arguments.hotel)
    checks = [check for check in checks_of(configuration) if check.id.hotel == hotel.id]
    own = [check for check in checks if check.id.integration == integration]
    around = elsewhere(checks, hotel.id, integration)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        seen = runner.run(_look(configuration, own, around))
    found = verdict(configuration, hotel, integration, seen, SystemClock().now())
    state = worst(result.state for _, result in found.own)
    if arguments.json:
        print(as_json(_document(hotel, integration, state, found)))
    else:
        print("\n\n".join(_said(hotel, integration, state, found)))
    return EXIT[state]


def _chosen(configuration: Settings, name: str, hotel: str | None) -> tuple[Hotel, str]:
    """Return the hotel and the name of the integration that is meant."""
    place, slash, integration = name.partition("/")
    if slash:
        hotel, name = hotel or place, integration
    having = {check.id.hotel for check in checks_of(configuration) if check.id.integration == name}
    if hotel is None and len(having) == 1:
        hotel = next(iter(having))
    if hotel is None and having:
        raise CommandError(f"several hotels have {name}: say which, --hotel {named(having)}", NOTHING_SEEN)
    if not having:
        known = {check.id.integration for check in checks_of(configuration)}
        raise CommandError(
            f"nothing is watched of {clean(name, 64)}; integrations with checks: {named(known)}", NOTHING_SEEN
        )
    found = hotel_of(configuration, hotel, NOTHING_SEEN)
    if found.id not in having:
        raise CommandError(f"nothing is watched of {name} at {found.id}", NOTHING_SEEN)
    return found, name


async def _look(configuration: Settings, own: Sequence[Check], around: Sequence[Check]) -> list[Seen]:
    told = _progress([*own, *around])
    _say(f"Looking at {own[0].id.integration}, and at what tells whose fault it is:")
    async with looking(configuration) as look:
        seen = await look([*own, *around], told)
        slow = [check for check, result in seen if is_slow(check, result)]
        for _ in range(AGAIN):
            if slow:
                _say("Once more at what was slow:")
                more = await look(slow, told)
                seen += more
                # Once it has failed, that is what counts.
                slow = [check for check, result in more if result.state is State.OK]
    _say("")
    return seen


def _say(text: str) -> None:
    if on_terminal():
        print(text, file=sys.stderr, flush=True)


def _progress(checks: Sequence[Check]) -> Told:
    """Return what says on a terminal how each check ended, as it does."""
    width = max(len(_name(check)) for check in checks)

    def told(check: Check, result: Result) -> None:
        taken = f"{result.duration * 1000:.0f} ms"
        _say(f"  {result.state:8}  {_name(check):{width}}  {taken:>8}")

    return told


def _name(check: Check) -> str:
    return f"{check.id.integration}/{check.id.check}"


def _said(hotel: Hotel, integration: str, state: State, found: Verdict) -> Iterator[str]:
    failing = [one for one in found.own if one[1].state is not State.OK]
    where = f"{integration} at {hotel.name}"
    if not failing and not found.causes:
        yield paragraph(f"All is well with {where}: {_ok(found.own)}.")
    else:
        things = "1 check" if len(found.own) == 1 else f"{len(found.own)} checks"
        verb = "is" if len(failing) == 1 else "are"
        yield paragraph(f"{where} is {painted(str(state), state)}: {len(failing)} of {things} {verb} not ok.")
    for number, cause in enumerate(found.causes, 1):
        yield from _cause(cause, f"{number}. " if len(found.causes) > 1 else "")
    yield from listed("Could not be looked at", _unseen(found, failing))
    yield from listed(
        "Other trouble in the hotel", [f"{_title(one)} ({one.cause})" for one in found.elsewhere]
    )
    looked_at = (*found.own, *found.others) if failing else found.others
    well = [_name(check) for check, result in looked_at if result.state is State.OK]
    if well:
        yield f"{bold('Looked at, and ok')}\n" + paragraph(", ".join(well), "  ")


def _ok(seen: Sequence[Seen]) -> str:
    names = [check.id.check for check, _ in seen]
    return f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} ok"


def _cause(cause: Group, place: str) -> Iterator[str]:
    state = worst(breach.state for breach in cause.breaches)
    heading = paragraph(_title(cause), place)
    yield "\n".join(painted(line, state) for line in heading.splitlines())
    yield from listed("What was seen", [_breach(one) for one in cause.breaches])
    yield from spoken(_diagnosis(cause))


def _title(cause: Group) -> str:
    title = clean(cause.diagnosis.title, 300)
    # A name of an integration stays as it is.
    return capital(title) if cause.diagnosis.whole else title


def _breach(breach: Breach) -> str:
    name = f"{breach.check.integration}/{breach.check.check}"
    return f"{name} is {breach.state} ({breach.reason}): {clean(breach.message)}"


def _unseen(found: Verdict, failing: Sequence[Seen]) -> list[str]:
    """Return what could not be looked at for a reason that no cause accounts for."""
    explained = {breach.check for cause in (*found.causes, *found.elsewhere) for breach in cause.breaches}
    left = (one for one in failing if one[0].id not in explained)
    return [f"{_name(check)} ({result.reason}): {clean(result.message)}" for check, result in left]


def _document(hotel: Hotel, integration: str, state: State, found: Verdict) -> dict[str, Any]:
    return {
        "hotel": hotel.id,
        "integration": integration,
        "state": state,
        "diagnoses": [_diagnosis(cause) for cause in found.causes],
        "elsewhere": [_diagnosis(cause) for cause in found.elsewhere],
        "checks": {check.id.check: _check(result) for check, result in found.own},
        "others": {_name(check): _check(result) for check, result in found.others},
    }


def _diagnosis(cause: Group) -> dict[str, Any]:
    said = cause.diagnosis
    return {
        "cause": said.cause,
        "confidence": said.confidence,
        "fault": said.fault,
        "title": said.title,
        "summary": said.summary,
        "steps": list(said.steps),
        "evidence": list(said.evidence),
        "missing": list(said.missing),
        "runner_up": said.runner_up,
        "next_test": said.next_test or None,
        "integrations": list(cause.integrations),
        "checks": [str(breach.check) for breach in cause.breaches],
    }


def _check(result: Result) -> dict[str, Any]:
    return document(result) | {
        "signs": sorted(result.signs),
        "failed_phase": result.failed_phase,
        "phases_ms": {phase: round(1000 * seconds, 1) for phase, seconds in result.phases.items()},
        "observed": result.observed,
        "limit": result.limit,
        "unit": result.unit or None,
    }
