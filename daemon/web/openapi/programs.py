"""What jobs and mail servers hand in, and the document itself."""

from checks import heartbeat
from daemon.web.api.bounces import ACTIONS, FIELDS
from daemon.web.openapi.words import (
    WHAT_IS_WRONG,
    Operation,
    maybe,
    record,
    taken,
    text,
    word,
)

_PING = taken(
    {
        "status": word((heartbeat.OK, heartbeat.FAILED), "`ok`, unless it is said."),
        "message": maybe(text("What the job says of itself.", examples=["disk full"])),
    }
)
_SAYS = {
    "token": text("What the address of the letter holds behind its `+`.", minLength=1),
    "action": word(ACTIONS),
    "status": text("The status of RFC 3463.", examples=["5.1.1"]),
    "recipient": text("Whom it was for."),
    "diagnostic": text("What the server said."),
}
_BOUNCE = taken({name: _SAYS[name] for name in FIELDS}, ["token", "action"])
SCHEMAS: dict[str, dict[str, object]] = {}
OPERATIONS = {
    ("POST", "/api/v1/heartbeats/{hotel}/{integration}/{check}"): Operation(
        id="ping",
        tag="Programs",
        summary="Say that a watched job lives, or that it has failed",
        description="For checks of `type: heartbeat`. An empty body means ok.",
        body=_PING,
        body_required=False,
        answer=record("", {"status": word(["ok"])}),
        says="It is written down.",
        refusals={400: WHAT_IS_WRONG, 404: "There is no heartbeat of this name."},
    ),
    ("POST", "/api/v1/bounces"): Operation(
        id="bounce",
        tag="Programs",
        summary="Hand in what a mail server reports of one of our letters",
        description="What `nightporter bounce` does.",
        body=_BOUNCE,
        answer=record(
            "", {"outcome": text("A word for programs."), "message": text("A sentence for people.")}
        ),
        says="What came of it.",
        refusals={400: WHAT_IS_WRONG},
    ),
    ("GET", "/api/v1/openapi.json"): Operation(
        id="describe",
        tag="Programs",
        summary="This document",
        answer={"type": "object"},
        says="An OpenAPI document.",
    ),
}
