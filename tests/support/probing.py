"""Runs a probe as the runner does: over real tools, under one deadline."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from pydantic import BaseModel

from checks.check import Check, CheckType
from checks.connection import Connector
from checks.context import Tools
from checks.memory import Memories
from checks.registry import CHECKS
from checks.result import CheckId, Result
from daemon.clock import SystemClock
from daemon.gate import Gate
from daemon.logs import Redactor
from daemon.runner import Runner

DEADLINE = 0.4


def given(options: BaseModel) -> dict[str, Any]:
    """Return what options are made of, without what they have worked out of it."""
    return {name: getattr(options, name) for name in type(options).model_fields}


def a_check(kind: str | CheckType, timeout: float = DEADLINE, **options: Any) -> Check:
    """Return a check of a type with these options."""
    type_ = CHECKS[kind] if isinstance(kind, str) else kind
    return Check(CheckId("h", "i", "c"), "generic", type_, type_.options(**options), 60.0, timeout)


async def look(
    kind: str | CheckType,
    *,
    deadline: float = 5.0,
    connector: Connector | None = None,
    tools: Tools | None = None,
    memories: Memories | None = None,
    later: timedelta = timedelta(0),
    secrets: tuple[str, ...] = (),
    **options: Any,
) -> Result:
    """Return what one run sees; `later` moves the clock that certificates and dates are held against.

    What the check remembers is in `memories`, under the id of `a_check`.
    """
    clock = SystemClock()
    tools = tools or Tools.new(lambda: clock.now() + later, connector)
    runner = Runner(tools, memories or Memories(), clock, Gate(), Redactor(secrets))
    result = await runner.run(a_check(kind, deadline, **options))
    assert result is not None
    return replace(result, duration=0.0)
