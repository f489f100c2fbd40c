"""`/api/v1/history` in the document."""

from daemon.tally import LOWEST, SUMMED, Peak
from daemon.web.api.history import MOST, OLDEST, TOGETHER, WIDTHS, By
from daemon.web.openapi import parts
from daemon.web.openapi.words import (
    Operation,
    instant,
    maybe,
    number,
    parameter,
    record,
    ref,
    several,
    text,
    whole,
    word,
)

_PEAKS = {
    Peak.QUEUE_PENDING: "Rows that waited.",
    Peak.QUEUE_AGE: "How long the oldest of them had waited.",
    Peak.SYNC_DELAY: "How far behind the synchronisation was.",
    Peak.QUOTA_USED: "The share of an allowance that was used up, of several the one nearest to its end.",
    Peak.BOUNCED: "The share of mails that came back.",
    Peak.DELIVERED: "The share of mails that were delivered.",
    Peak.SUCCESS: "The share of business that went through.",
    Peak.VALUE: "The main value of a check that measures something else.",
    Peak.VALUE_LOWEST: "The same.",
    Peak.EVENTS: "Events that came to a webhook.",
    Peak.REFUSED: "Events that the webhook refused.",
    Peak.ERRORS: "Lines of logs that tell of an error.",
    Peak.SILENT: "How long no reservation, payment or mail came.",
    Peak.ONE_IN: "In how many such stretches chance alone lets nothing come: how rare the silence was.",
}


def _which(peak: Peak) -> str:
    return "All of them" if peak in SUMMED else f"The {'lowest' if peak in LOWEST else 'highest'}"


_BUCKET = {
    "start": instant("When it begins: at a multiple of its width, in UTC."),
    "seconds": whole("How long it is.", 60),
    "runs": whole("", 1),
    "failures": whole("Runs that were critical by themselves."),
    "warnings": whole("Runs that were a warning, or good ones while means or rates were past their limits."),
    "unknowns": whole("Runs that could not look."),
    "success_rate": maybe(
        number("Percent of the runs that could look that did not fail.", minimum=0, maximum=100)
    ),
    "mean_ms": maybe(
        number("The mean response time; where none is measured, how long a look took.", minimum=0)
    ),
    "p50_ms": maybe(number("The median of the same, to within 2.5 %.", minimum=0)),
    "p95_ms": maybe(number("The 95th percentile of the same, to within 2.5 %.", minimum=0)),
    "peaks": record(
        "Extremes of what was measured, and sums of what is counted.",
        {one.value: number(f"{says} {_which(one)}.") for one, says in _PEAKS.items()},
        optional=[one.value for one in Peak],
    ),
}
_SERIES = {
    "hotel": text(),
    "integration": text(),
    "check": maybe(text("Null where the integration is told of as a whole.")),
    "buckets": several(ref("Bucket"), "In the order of time; there is none of a time without a run."),
}
SCHEMAS = {
    "Bucket": record("How runs did over some time.", _BUCKET),
    "Series": record("How a check did, or an integration.", _SERIES),
}
OPERATIONS = {
    ("GET", "/api/v1/history"): Operation(
        id="showHistory",
        tag="History",
        summary="How checks, or integrations, did over time",
        description="Minutes are kept for 25 hours, hours for 40 days, days (in UTC) for 400 days: buckets "
        "that go back further are wider than asked for.",
        query=(
            parameter("hotel", parts.ID, "Of which hotel; may be left out where there is one only."),
            parameter("integration", parts.ID, "Only of this integration."),
            parameter("check", parts.ID, "Only of checks with this name."),
            parameter(
                "from",
                parts.GIVEN_TIME,
                f"24 hours before `to` if not given; at most {OLDEST.days} days ago.",
            ),
            parameter("to", parts.GIVEN_TIME, "Now if not given."),
            parameter(
                "width",
                word(WIDTHS),
                "How wide buckets are; if not given, so that there are at most 400. "
                f"At most {MOST} of one row and {TOGETHER} in all are told.",
            ),
            parameter(
                "by",
                word(By),
                "Of each check, or of each integration with all its checks and response times alone.",
            ),
        ),
        answer=record(
            "",
            {
                "from": instant("What was asked for."),
                "to": instant("What was asked for, as far as it is not to come."),
                "width_seconds": whole("How wide buckets are.", 60),
                "series": several(ref("Series"), "By their names."),
            },
        ),
        says="A row of buckets for each.",
        refusals={400: parts.BAD_QUERY, 404: "There is no such hotel, integration or check."},
    ),
}
