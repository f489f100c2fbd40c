"""Probe of the mapping of rate plans to an OTA's: what is not mapped is not sold there.

Where no platform is configured, each that has a mapping must have one of every plan.

A statement of one's own gives one row with the columns `mappings`, `blank` (without an OTA code), `unmapped`
(plans with rates to come, without a mapping, of each platform), `twice` (codes that stand in several; all
counts) and `names` (a few of those concerned as a text, or NULL); with `fingerprint`, a text that is another
whenever a mapping is, a change of them shows in the reports.
"""

from dataclasses import replace

from checks.check import CheckType
from checks.context import Context
from checks.result import Reason, Result, Sign, State, ok
from checks.tables import question
from checks.tables.question import Row, asking, known, mapped, said, signs_of, verdict

MAPPINGS = "rate_mappings"

STATEMENT = """
WITH mapped AS (
    SELECT btrim(pms_rate_plan_code) AS plan, nullif(btrim(ota_rate_plan_code), '') AS target,
           lower(btrim(ota_platform)) AS platform
    FROM rate_plan_mappings
    WHERE $2::text IS NULL OR lower(btrim(ota_platform)) = lower($2)
), unmapped AS (
    SELECT plan || CASE WHEN $2::text IS NULL THEN ' (' || platform || ')' ELSE '' END AS plan
    FROM (
        SELECT DISTINCT btrim(rate_plan) AS plan FROM rates WHERE date >= (now() AT TIME ZONE $1)::date
    ) AS plans, (SELECT DISTINCT platform FROM mapped) AS platforms
    WHERE NOT EXISTS (
        SELECT FROM mapped WHERE mapped.plan = plans.plan AND mapped.platform = platforms.platform
    )
), twice AS (
    SELECT plan FROM mapped GROUP BY platform, plan HAVING count(*) > 1
    UNION ALL
    SELECT target FROM mapped WHERE target IS NOT NULL GROUP BY platform, target HAVING count(*) > 1
), blank AS (
    SELECT plan FROM mapped WHERE target IS NULL
), named AS (
    SELECT 1 AS rank, plan FROM unmapped
    UNION ALL SELECT 1, plan FROM blank
    UNION ALL SELECT 2, plan FROM twice
)
SELECT (SELECT count(*) FROM mapped) AS mappings,
       (SELECT count(*) FROM blank) AS blank,
       (SELECT count(*) FROM unmapped) AS unmapped,
       (SELECT count(*) FROM twice) AS twice,
       (SELECT string_agg(left(plan, 50), ', ') FROM (
           SELECT plan FROM named WHERE rank = (SELECT min(rank) FROM named) ORDER BY plan LIMIT 5
        ) AS few) AS names,
       (SELECT sum(hashtext(platform || ' ' || plan || ' ' || coalesce(target, ''))::bigint)::text
        FROM mapped) AS fingerprint
"""


class Options(question.Options):
    """The statement, and the platform as people call it."""

    platform: str | None = None


def look(options: Options, row: Row, context: Context) -> Result:
    """Judge, and tell what is mapped."""
    return replace(judge(options, row, context), findings=mapped(row, row.count("mappings")))


def judge(options: Options, row: Row, _context: Context) -> Result:
    """Say what is not mapped, or mapped twice."""
    mappings, blank = row.count("mappings"), row.count("blank")
    unmapped, twice = row.count("unmapped"), row.count("twice")
    names = row.text_or_none("names")
    which = f": {names}" if names else ""
    at = f" for {options.platform}" if options.platform else ""
    numbers = known(
        **{MAPPINGS: float(mappings)}, blank=float(blank), unmapped=float(unmapped), duplicates=float(twice)
    )
    lacking = not mappings or unmapped or blank
    signs = signs_of({Sign.RATE_NOT_MAPPED: lacking, Sign.MAPPED_TWICE: twice})
    if not mappings:
        told = f"there is no mapping of a rate plan{at}: no rate can be sent"
        return verdict(State.CRITICAL, Reason.MISSING, told, numbers, signs=signs)
    if unmapped or blank:
        without = f"{said(unmapped, 'rate plan')} without a mapping{at}" if unmapped else ""
        empty = f"{said(blank, 'mapping')} without an OTA code{at}" if blank else ""
        told = " and ".join(part for part in (without, empty) if part)
        return verdict(State.CRITICAL, Reason.MISSING, told + which, numbers, signs=signs)
    if twice:
        told = f"{said(twice, 'rate plan')} mapped more than once{at}{which}"
        return verdict(State.WARNING, Reason.MISMATCH, told, numbers, signs=signs)
    return ok(f"{said(mappings, 'mapping')}{at}, none missing", numbers)


CHECK = CheckType("rate_mapping", Options, MAPPINGS, asking(look), question.target)
