"""`/api/v1/silences` in the document."""

from alerts.silence import KEYS, Source
from daemon.web.openapi import parts
from daemon.web.openapi.words import (
    WHAT_IS_WRONG,
    Operation,
    flag,
    instant,
    maybe,
    number,
    record,
    ref,
    several,
    taken,
    text,
    word,
)
from daemon.web.silencing import LONGEST

TAG = "Silences"
_WHAT = "Which incidents: every key must fit all of an incident. `*` and `?` stand for anything."
_SPAN = record("", {"from": instant(""), "to": instant("")})
_MATCH_SHOWN = {
    "type": "object",
    "description": _WHAT,
    "propertyNames": {"enum": sorted(KEYS)},
    "additionalProperties": text(),
}
_MATCH = taken(dict.fromkeys(sorted(KEYS), parts.NAME), minProperties=1, description=_WHAT)
_BODY = taken(
    {
        "match": {**_MATCH, "examples": [{"integration": "payment"}]},
        "from": maybe({**parts.GIVEN_TIME, "description": "When it begins; now, unless it is said."}),
        "to": {**parts.GIVEN_TIME, "description": f"When it ends: within {LONGEST.days} days."},
        "by": parts.NAME,
        "reason": {**parts.SOME_NOTE, "description": "What is planned.", "examples": ["the gateway moves"]},
    },
    ["match", "to", "by", "reason"],
)
SCHEMAS = {
    "Silence": record(
        "A window of time in which matching incidents notify nobody; they are recorded all the same.",
        {
            "id": text(),
            "match": _MATCH_SHOWN,
            "from": maybe(instant("When it begins; null for one that recurs.")),
            "to": maybe(instant("When it ends; null for one that recurs.")),
            "cron": maybe(text("When one that recurs begins, in hotel time.")),
            "for_seconds": maybe(number("How long each window of one that recurs lasts.")),
            "by": text(),
            "reason": text(),
            "source": word(Source, "Those of the configuration are ended there."),
            "active": flag("Whether it holds now."),
            "ends_at": maybe(instant("When the window ends that holds now.")),
            "next": maybe({**_SPAN, "description": "The window that comes next."}),
        },
    )
}
OPERATIONS = {
    ("GET", "/api/v1/silences"): Operation(
        id="listSilences",
        tag=TAG,
        summary="Every silence that is not over",
        answer=record("", {"silences": several(ref("Silence"), "Those of the configuration first.")}),
        says="The silences.",
    ),
    ("POST", "/api/v1/silences"): Operation(
        id="addSilence",
        tag=TAG,
        summary="Silence what matches, from now on or from a time to come",
        description="When it ends over an open incident, those due are told then.",
        body=_BODY,
        status=201,
        answer=ref("Silence"),
        says="The silence.",
        refusals={400: f"{WHAT_IS_WRONG} What would never match anything is refused, too."},
    ),
    ("DELETE", "/api/v1/silences/{id}"): Operation(
        id="endSilence",
        tag=TAG,
        summary="End a silence now",
        description="Of what is open all the same, those due are told at once.",
        answer=ref("Silence"),
        says="The silence, as it is over.",
        refusals={
            404: "There is no silence with this id.",
            409: "It stands in the configuration: take it out there, and reload.",
        },
    ),
}
