"""`/api/v1/reports` in the document."""

from alerts.reports.report import Kind, Tone
from daemon.web.api.reports import LIMIT, MOST
from daemon.web.openapi import parts
from daemon.web.openapi.words import (
    WHAT_IS_WRONG,
    Operation,
    by_name,
    flag,
    instant,
    maybe,
    number,
    parameter,
    record,
    ref,
    several,
    taken,
    text,
    whole,
    word,
)

TAG = "Reports"
_KIND = word(Kind, "Of a day, a week or a month, each from one report hour to the next.")
_TONE = word(Tone, "How it is to be taken; it is said in words, too.")
_LINE = {
    "hotel": text("The id of the hotel."),
    "kind": _KIND,
    "from": instant("The beginning of the time it is about."),
    "to": instant("The end of that time."),
    "made_at": instant(""),
    "headline": text("All of it in a sentence."),
    "tone": _TONE,
}
_VALUES = several(maybe(number()), "One for each time; null where nothing is known.")
SCHEMAS = {
    "ReportLine": record(
        "A report that was made.", {**_LINE, "url": text("Where its page is, on this porter.")}
    ),
    "Report": record(
        "A report: what it says, section by section.",
        {
            **_LINE,
            "version": whole("Of this form.", 1),
            "hotel_name": text("What people call the hotel."),
            "timezone": text("By which clocks it lives.", examples=["Europe/Lisbon"]),
            "known_from": maybe(instant("Since when anything is known of that time; null where nothing is.")),
            "figures": by_name(number(), "All numbers it rests on, by dotted names."),
            "evidence": by_name(text(), "What was seen of each recurring task, by its id."),
            "sections": several(ref("ReportSection"), "From above to below."),
        },
    ),
    "ReportSection": record(
        "A part of a report under a heading.",
        {
            "heading": text(),
            "blocks": several(
                {"oneOf": [ref("ReportTable"), ref("ReportChart"), ref("ReportPoint")]}, "What it says."
            ),
        },
    ),
    "ReportTable": record(
        "Rows under a head.",
        {
            "type": word(["table"]),
            "caption": text("What it shows."),
            "head": several(text(), "The name of each column."),
            "rows": several(several(ref("ReportCell")), "At least one; as many cells as columns."),
        },
    ),
    "ReportCell": record(
        "A cell of a table.", {"text": text(), "tone": _TONE, "numeric": flag("Whether it is a number.")}
    ),
    "ReportChart": record(
        "Values from the first time to the last.",
        {
            "type": word(["chart"]),
            "title": text(),
            "said": text("What it shows, in words."),
            "values": _VALUES,
            "first": text("What the first time is called."),
            "last": text("What the last time is called."),
            "unit": text("Of every value."),
            "limit": maybe(number("What values are held against.")),
            "before": several(maybe(number()), "The same times a week or month earlier, if they are shown."),
        },
    ),
    "ReportPoint": record(
        "Something that is said in a line.",
        {
            "type": word(["point"]),
            "text": text(),
            "tone": _TONE,
            "details": several(text(), "What is said below it."),
            "incident": text("The id of the incident it is about; empty where it is about none."),
        },
    ),
}
_UNKNOWN = {404: "There is no such hotel, kind or report."}
OPERATIONS = {
    ("GET", "/api/v1/reports"): Operation(
        id="listReports",
        tag=TAG,
        summary="The reports that were made",
        query=(
            parts.HOTEL,
            parameter("kind", _KIND, "Only of this kind; without it, of all."),
            parameter("limit", whole("", 1, maximum=MOST, default=LIMIT), "How many at the most."),
        ),
        answer=record("", {"reports": several(ref("ReportLine"), "The latest first.")}),
        says="The reports.",
        refusals={400: parts.BAD_QUERY, 404: "No reports are made here."},
    ),
    ("GET", "/api/v1/reports/{hotel}/{kind}"): Operation(
        id="showReport",
        tag=TAG,
        summary="A report as it was made, or as of now",
        description="Without `to` it is made now, of the time since the latest report hour, Monday or first.",
        query=(
            parameter(
                "to", parts.GIVEN_TIME, "When it ends, as the list says; without it, the report as of now."
            ),
        ),
        answer=ref("Report"),
        says="The report.",
        refusals={400: parts.BAD_QUERY, **_UNKNOWN},
    ),
    ("POST", "/api/v1/reports/{hotel}/{kind}"): Operation(
        id="mailReport",
        tag=TAG,
        summary="Mail the report as of now to whom it usually goes",
        body=taken({"by": parts.NAME}, ["by"]),
        status=202,
        answer=record(
            "",
            {
                "hotel": text("The id of the hotel."),
                "kind": _KIND,
                "recipients": several(text(), "Whom it is mailed to."),
            },
        ),
        says="It is in the outbox.",
        refusals={400: WHAT_IS_WRONG, **_UNKNOWN, 409: "There is nobody to mail it to."},
    ),
}
