"""Probe of the PMS's database itself: that it answers, how fast, and that its clock is right."""

from dataclasses import replace
from time import perf_counter

from checks import values
from checks.check import CheckType
from checks.context import Context
from checks.database import DatabaseError
from checks.result import RESPONSE_TIME, Reason, Result, State, failed, ok
from checks.tables.question import verdict
from checks.values import Secret

SKEW = "clock_skew_seconds"
MOST_SKEW = 60.0
QUESTION = "SELECT extract(epoch FROM clock_timestamp())::float8 AS at"


class Options(values.Options):
    """Which database."""

    dsn: Secret | None = None


def target(options: Options) -> str:
    """Return whom a run burdens: the database, by its DSN, which is never shown."""
    return options.dsn.get_secret_value() if options.dsn else ""


async def probe(options: Options, context: Context) -> Result:
    """Ask for the time."""
    if options.dsn is None:
        return failed(Reason.QUERY, "no database is configured: add pms.dsn")
    sent, started = context.tools.now().timestamp(), perf_counter()
    try:
        rows = await context.tools.databases.fetch(
            options.dsn.get_secret_value(), QUESTION, within=0.9 * context.timeout, way="health"
        )
    except DatabaseError as error:
        return _broken(error)
    took = perf_counter() - started
    return judge(float(rows[0]["at"]), sent + took / 2, took)


def judge(theirs: float, ours: float, took: float) -> Result:
    """Hold the database's clock (Unix time) against ours, which differs by what the answer took at most."""
    skew = theirs - ours
    numbers = {RESPONSE_TIME: 1000 * took, SKEW: skew}
    if abs(skew) > MOST_SKEW + took / 2:
        told = (
            f"its clock is {abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} ours, "
            f"at most {MOST_SKEW:.0f} s are expected"
        )
        past = (abs(skew), MOST_SKEW, "s")
        return verdict(State.WARNING, Reason.MISMATCH, told, numbers, past=past)
    return ok(f"it answers in {1000 * took:.0f} ms", numbers)


def _broken(error: DatabaseError) -> Result:
    if not error.down:
        return error.result
    result = failed(error.reason, str(error), signs=error.signs)
    return replace(result, decisive=error.reason is Reason.CREDENTIALS)


CHECK = CheckType("database", Options, RESPONSE_TIME, probe, target)
