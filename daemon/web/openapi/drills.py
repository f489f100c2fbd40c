"""`/api/v1/drills` in the document."""

from alerts.drill import Outcome, ReadBack
from alerts.drill_steps import StepName, StepState
from alerts.notification import Delivery
from daemon.web.api.drills import LIMIT, MOST
from daemon.web.drilling import LEVELS
from daemon.web.openapi import parts
from daemon.web.openapi.words import (
    WHAT_IS_WRONG,
    Operation,
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

TAG = "Drills"
_STEP = record(
    "A step of a drill, in their order; there is one `taken` for each message.",
    {
        "step": word(StepName),
        "state": word(StepState),
        "at": maybe(instant("When it was done.")),
        "after_seconds": maybe(number("The same, from the asking on.")),
        "text": text("A sentence for people."),
    },
)
_MESSAGE = record(
    "A message of a drill.",
    {
        "id": text(),
        "channel": text("`email`, or the name of a channel."),
        "recipient": text(),
        "read_back": flag("Whether the porter looks for it in a mailbox."),
        "state": word(one for one in Delivery if one is not Delivery.SENDING),
        "attempts": whole(),
        "sent_at": maybe(instant("")),
        "message_id": text(),
        "last_error": maybe(text()),
    },
)
SCHEMAS = {
    "DrillStep": _STEP,
    "DrillMessage": _MESSAGE,
    "Drill": record(
        "A test alert to one level of a hotel. It is no incident, and opens none.",
        {
            "id": text(),
            "hotel": text(),
            "level": word(LEVELS),
            "role": text("What the level is called."),
            "by": text("Who asked for it."),
            "note": text("Empty where they said nothing."),
            "outcome": word(Outcome, "`undelivered` when anybody it is for was not reached."),
            "read_back": word(
                ReadBack,
                "`absent` where the mailbox was read and had no mail, `unreadable` where it was not.",
            ),
            "summary": text("What became of it, for people."),
            "asked_at": instant(""),
            "stored_at": maybe(instant("When it was safe in the state.")),
            "seen_at": maybe(instant("When its mail was seen in the mailbox that is read back.")),
            "ended_at": maybe(instant("When nothing but an acknowledgement was waited for any more.")),
            "acknowledged_at": maybe(instant("")),
            "acknowledged_by": maybe(text()),
            "acknowledged_note": maybe(text()),
            "plan": several(text(), "Who is told, and why, in sentences."),
            "steps": several(ref("DrillStep")),
            "messages": several(ref("DrillMessage")),
        },
    ),
}
_NO_SUCH = {404: "There is no drill with this id."}
OPERATIONS = {
    ("GET", "/api/v1/drills"): Operation(
        id="listDrills",
        tag=TAG,
        summary="The drills that were held, the latest first",
        query=(
            parts.HOTEL,
            parameter("limit", whole("", 1, maximum=MOST, default=LIMIT), "How many at the most."),
            parts.BEFORE,
        ),
        answer=record("", {"drills": several(ref("Drill")), "next": parts.NEXT}),
        says="A page of drills.",
        refusals={400: parts.BAD_QUERY},
    ),
    ("POST", "/api/v1/drills"): Operation(
        id="holdDrill",
        tag=TAG,
        summary="Send a marked test alert to a level, by the way of real alarms",
        description="It is told whatever its hours, and no silence holds it back. "
        "There is one drill under way a hotel and level.",
        body=taken(
            {
                "hotel": parts.ID,
                "level": {
                    "anyOf": [{"type": "integer", "minimum": 1, "maximum": 3}, word(LEVELS)],
                    "default": 1,
                },
                "by": parts.NAME,
                "note": maybe(parts.NOTE),
            },
            ["hotel", "by"],
        ),
        status=201,
        answer=ref("Drill"),
        says="The drill as it begins.",
        refusals={
            400: WHAT_IS_WRONG,
            404: "There is no hotel with this id.",
            409: "A drill of this level is under way.",
            422: "There is nobody on this level whom a drill could tell.",
        },
    ),
    ("GET", "/api/v1/drills/{id}"): Operation(
        id="showDrill",
        tag=TAG,
        summary="A drill, and how each step of it went",
        answer=ref("Drill"),
        says="The drill.",
        refusals=_NO_SUCH,
    ),
    ("POST", "/api/v1/drills/{id}/ack"): Operation(
        id="ackDrill",
        tag=TAG,
        summary="Acknowledge a drill: the first to do so ends its clock",
        body=taken({"by": parts.NAME, "note": maybe(parts.NOTE)}, ["by"]),
        answer=ref("Drill"),
        says="The drill as it is then.",
        refusals={400: WHAT_IS_WRONG, **_NO_SUCH, 409: "It is acknowledged already, or a day old."},
    ),
}
