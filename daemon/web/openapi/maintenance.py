"""`/api/v1/maintenance` in the document."""

from alerts.credentials import Need
from alerts.maintenance import Evidence
from alerts.recurrence import Due, Rhythm
from daemon.web.api.maintenance import LIMIT, MOST
from daemon.web.openapi import parts
from daemon.web.openapi.words import (
    WHAT_IS_WRONG,
    Operation,
    by_name,
    day,
    flag,
    instant,
    maybe,
    parameter,
    record,
    ref,
    several,
    taken,
    text,
    whole,
    word,
)

TAG = "Maintenance"
_ENTRY = record(
    "Who did a task, when, and what they say of it.",
    {
        "id": text(),
        "at": instant(""),
        "by": text(),
        "note": text("Empty where they said nothing."),
        "evidence": text("What the porter had seen of it by itself, as lines; empty where that was nothing."),
        "by_itself": flag("Whether the porter ticked it by what it had seen, and nobody else."),
    },
)
_CREDENTIAL = record(
    "What is known of a key, a password or a token; never what it is.",
    {
        "credential": text("Its id."),
        "title": text(),
        "owner": text("Who looks after it."),
        "integration": maybe(text("What it is for.")),
        "created": maybe(day("When it was made.")),
        "age_days": maybe(whole("How old it is.")),
        "due": day("By the end of which day it is to be another one."),
        "state": word(Need, "`soon` from 14 days before, `due` on the day itself."),
        "note": text("Empty where there is none."),
    },
)
_TASK = {
    "task": text("Its id."),
    "title": text(),
    "what": text("What it comes to."),
    "every": word(Rhythm, "Once in each of these, whenever in it, by the clocks of the hotel."),
    "own": flag("Whether the hotel added it to the owner's."),
    "evidence": word(Evidence, "How much of what it needs the porter sees by itself."),
    "seen": several(
        text(),
        "What it has seen of it in the day, week or month so far, as lines; of a task just ticked, what was "
        "written down with it. Empty where several hotels are asked for.",
    ),
    "state": word(Due, "`overdue` once a whole period has passed without it."),
    "due_by": instant("By when it is to be done next; past where it is overdue."),
    "last": maybe(ref("MaintenanceEntry")),
}
_HOTEL = {"hotel": text("The id of the hotel.")}
SCHEMAS = {
    "Credential": _CREDENTIAL,
    "MaintenanceEntry": _ENTRY,
    "MaintenanceTask": record("How a recurring task stands.", _TASK),
    "MaintenanceSheet": record(
        "A hotel's page of the ledger.",
        {
            "name": text("What people call the hotel."),
            "timezone": text("By which clocks it lives.", examples=["Europe/Lisbon"]),
            **{state.value: whole(f"How many tasks are {state}.") for state in Due},
            "tasks": several(ref("MaintenanceTask"), "The owner's first, in the order of the document."),
            "credentials": several(ref("Credential"), "The next that is due first."),
        },
    ),
}
_UNKNOWN = {404: "There is no such hotel, or it has no such task."}
OPERATIONS = {
    ("GET", "/api/v1/maintenance"): Operation(
        id="listTasks",
        tag=TAG,
        summary="The recurring tasks of every hotel: what is overdue, due and done",
        query=(parts.HOTEL,),
        answer=record("", {"hotels": by_name(ref("MaintenanceSheet"), "By the id of the hotel.")}),
        says="The ledger.",
        refusals={400: parts.BAD_QUERY},
    ),
    ("GET", "/api/v1/maintenance/{hotel}/{task}"): Operation(
        id="showTask",
        tag=TAG,
        summary="A task, and who did it when",
        query=(
            parameter("limit", whole("", 1, maximum=MOST, default=LIMIT), "How many entries at the most."),
            parts.BEFORE,
        ),
        answer=record(
            "",
            {
                **_HOTEL,
                **_TASK,
                "entries": several(ref("MaintenanceEntry"), "The latest first."),
                "next": parts.NEXT,
            },
        ),
        says="The task and a page of its entries.",
        refusals={400: parts.BAD_QUERY, **_UNKNOWN},
    ),
    ("POST", "/api/v1/maintenance/{hotel}/{task}/done"): Operation(
        id="doTask",
        tag=TAG,
        summary="Write down that you have just done a task",
        description="It counts for the period it is done in. Entries are kept for good, as they are.",
        body=taken({"by": parts.NAME, "note": maybe(parts.NOTE)}, ["by"]),
        status=201,
        answer=record("", {**_HOTEL, **_TASK}),
        says="The task as it is then.",
        refusals={400: WHAT_IS_WRONG, **_UNKNOWN},
    ),
}
