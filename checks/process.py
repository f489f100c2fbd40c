"""Probe of a process under pm2: whether enough of its workers are online, and stay so."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from pydantic import Field

from checks import values
from checks.check import CheckType
from checks.context import Context
from checks.pm2 import Process
from checks.pm2_command import Unanswered
from checks.result import STARTED, Reason, Result, Sign, failed, ok
from checks.values import Count, Line

WINDOW = 900.0
"""Seconds in which restarts are counted together."""

MOST_RESTARTS = 3
SPACING = 60.0
"""Seconds between two counts that are remembered."""

MOST_WORKERS = 64
PATIENCE = 0.9
"""The share of the time allowed that pm2 has to answer."""

Sample = tuple[float, tuple[int, ...]]


class Options(values.Options):
    """Which pm2 process must be online, and how many workers of it; `pm2` is the command, default `pm2`."""

    name: Line = Field(description="its name under pm2")
    workers: Count = Field(1, description="how many of that name must be online")
    pm2: Line | None = Field(None, description="the command that lists processes, by default `pms.pm2`")


async def probe(options: Options, context: Context) -> Result:
    """Ask pm2, and judge what it says of the process."""
    try:
        known = await context.tools.processes.listed(options.pm2 or "pm2", PATIENCE * context.timeout)
    except Unanswered as unanswered:
        return failed(unanswered.reason, str(unanswered))
    ours = [one for one in known if one.name == options.name]
    if not ours:
        message = f"pm2 knows no {options.name}; it knows: {_names(known)}"
        return failed(Reason.PROCESS, message, signs=(Sign.NOT_RUNNING,))
    now = context.tools.now().timestamp()
    restarts = tuple(one.restarts for one in ours[:MOST_WORKERS])
    samples = remembered(context.memory.value, now, restarts)
    context.memory.keep({"samples": [[at, list(counts)] for at, counts in samples]})
    return judge(options, ours, rise(samples, restarts))


def judge(options: Options, ours: Sequence[Process], recent: int) -> Result:
    """Return the verdict on the workers of a process; `recent` is how often one restarted of late."""
    online = [one for one in ours if one.status == "online"]
    measurements = {
        "online": float(len(online)),
        "restarts": float(sum(one.restarts for one in ours)),
        "restarts_recent": float(recent),
        "memory_bytes": float(sum(one.memory for one in ours)),
    }
    began = [one.started for one in online if one.started]
    if began:
        measurements[STARTED] = max(began)
    restarting = (Sign.RESTARTING,) if recent >= MOST_RESTARTS else ()
    if len(online) < options.workers:
        others = ", ".join(sorted({one.status for one in ours if one.status != "online"})[:5])
        what = f"{len(online)} of {options.workers} workers of {options.name} are online"
        message = f"{what}; the others: {others}" if others else f"{what}, and pm2 knows of no more"
        return failed(Reason.PROCESS, message, measurements, signs=(Sign.NOT_RUNNING, *restarting))
    if restarting:
        message = f"{options.name} restarts again and again: {recent} times within {WINDOW / 60:g} minutes"
        return failed(Reason.PROCESS, message, measurements, signs=restarting)
    return ok(f"{len(online)} of {options.workers} workers are online", measurements)


def remembered(value: Mapping[str, Any], now: float, restarts: tuple[int, ...]) -> list[Sample]:
    """Return what is remembered of earlier counts, with this one if it is time.

    The first sample is the one that later counts are held against: the last one before the window, or the
    first ever. Everything is forgotten when workers came or went, or pm2 began to count anew.
    """
    samples = [sample for sample in _samples(value) if sample[0] <= now]
    if not all(_follows(counts, restarts) for _, counts in samples):
        samples = []
    while len(samples) > 1 and samples[1][0] <= now - WINDOW:
        samples.pop(0)
    if not samples or now - samples[-1][0] >= SPACING:
        samples.append((now, restarts))
    return samples


def rise(samples: Sequence[Sample], restarts: tuple[int, ...]) -> int:
    """Return how often the worker that restarted most has done so since the first sample."""
    return max((after - before for before, after in zip(samples[0][1], restarts, strict=True)), default=0)


def _follows(before: tuple[int, ...], after: tuple[int, ...]) -> bool:
    return len(before) == len(after) and all(new >= old for old, new in zip(before, after, strict=True))


def _samples(value: Mapping[str, Any]) -> list[Sample]:
    """Return the samples in a memory; none where it is not ours."""
    try:
        return [(float(at), tuple(int(count) for count in counts)) for at, counts in value["samples"]]
    except (KeyError, TypeError, ValueError):
        return []


def _names(known: Sequence[Process]) -> str:
    names = dict.fromkeys(one.name for one in known)
    if not names:
        return "none at all (is it the pm2 of the same user, and PM2_HOME the same?)"
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(islice(names, 5)) + more


CHECK = CheckType("process", Options, "online", probe)
