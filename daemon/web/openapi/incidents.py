"""`/api/v1/incidents` in the document."""

from alerts.aids.aid import AidKind
from alerts.incident import Cause, Criterion, IncidentState, Severity
from alerts.notification import Delivery, Kind
from checks.result import Reason, State
from daemon.web.cases import LIMIT, MOST
from daemon.web.openapi import parts
from daemon.web.openapi.words import (
    WHAT_IS_WRONG,
    Operation,
    Schema,
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

TAG = "Incidents"
CONFIDENCE = ("likely", "possible", "unknown")
FAULT = ("us", "vendor", "network", "guest", "unknown")
SHOWN = [state for state in Delivery if state is not Delivery.SENDING]

_NOTIFICATION = record(
    "One message, to one recipient, over one channel.",
    {
        "id": text(),
        "kind": word(Kind),
        "level": text("`1`, `2`, `3` or `front-desk`; empty for a channel that belongs to no level."),
        "channel": text("`email`, or the name of one of the `channels`."),
        "recipient": text("The address, or the name of the channel again."),
        "state": word(SHOWN, "`bundled` went out within a digest; `dead` was given up."),
        "attempts": whole("How often it was tried."),
        "created_at": instant("When it was written: its `Date` too, however late it goes out."),
        "due_at": maybe(instant("When it is tried next; null unless it waits for that.")),
        "held": flag("Whether it waits for a bundle, since its recipient has had `max_per_hour` already."),
        "sent_at": maybe(instant("When it was accepted.")),
        "delivery_seconds": maybe(number("From `created_at` to `sent_at`.")),
        "message_id": maybe(text("Its `Message-ID`; null where the channel has none.")),
        "last_error": maybe(text("What the last attempt failed at.")),
    },
)
_SUMMARY = {
    "id": text(),
    "hotel": text("The id of its hotel."),
    "integrations": several(text(), "The integrations it touches."),
    "checks": several(text(), "The checks that show it, as `hotel/integration/check`."),
    "state": word(IncidentState),
    "severity": word(Severity, "It only rises while the incident is open."),
    "criteria": several(word(Criterion), "The owner's reasons to escalate, as far as they hold."),
    "cause": word(Cause, "The probable cause; `unknown` where no rule explains what is seen."),
    "confidence": word(CONFIDENCE),
    "title": text(),
    "opened_at": instant("When it opened, the last time where it has come back."),
    "acknowledged_at": maybe(instant("Since when somebody looks after it.")),
    "acknowledged_by": maybe(text()),
    "acknowledged_until": maybe(instant("Until when they have promised to; then the others are told.")),
    "resolved_at": maybe(instant("When it ended.")),
    "outcome": maybe(text("How it ended.")),
    "epoch": whole("Which opening this is: one that comes back within a day is the same one.", 1),
    "parent": maybe(text("The id of the incident that explains this one, and is told of in its place.")),
    "next_step": maybe(
        record("Who is told next, when and why.", {"level": text(), "at": instant(""), "reason": text()})
    ),
    "standstill": maybe(text("Why nobody further is told, where nobody is.")),
    "notifications": several(ref("Notification")),
}
_EVIDENCE = record(
    "A check that is not ok, or a number past its limit.",
    {
        "check": text("As `hotel/integration/check`."),
        "state": word(State),
        "reason": word(Reason),
        "message": text(),
        "since": instant("The first run that was not ok."),
        "last_ok": maybe(instant("The last run that was.")),
        "observed": maybe(number()),
        "limit": maybe(number()),
        "unit": maybe(text()),
        "flapping": flag("Whether it comes and goes."),
    },
)
_DIAGNOSIS = record(
    "The probable cause, in words that a person can act on.",
    {
        "cause": word(Cause),
        "confidence": word(CONFIDENCE),
        "fault": word(FAULT, "Whose fault it is."),
        "summary": text(),
        "steps": several(text(), "What to do, in this order."),
        "evidence": several(text(), "What shows it."),
        "missing": several(text(), "What would have told more, and is not known."),
        "runner_up": maybe(word(Cause, "The next best cause.")),
        "next_test": maybe(text("The one test that tells the two apart.")),
    },
)
_AID = record(
    "What helps a person with it beside the diagnosis.",
    {
        "kind": word(AidKind),
        "heading": text(),
        "lines": several(text(), "For engineers, the weightiest first; times are hotel time."),
        "desk": several(text(), "For the front desk, in plain words."),
        "due": several(
            record(
                "Until when something can be made good.", {"who": text(), "what": text(), "at": instant("")}
            )
        ),
        "ticket": maybe(
            record(
                "A letter to the vendor, ready to send.",
                {"to": text("Empty where no address is known."), "subject": text(), "body": text()},
            )
        ),
    },
)
_LINE = record("A line of the timeline.", {"at": instant(""), "kind": text(), "text": text()})
SCHEMAS = {
    "Notification": _NOTIFICATION,
    "Incident": record("What people are told about: the breaches that share one cause.", _SUMMARY),
    "IncidentStory": record(
        "An incident with all that is known of it.",
        {
            **_SUMMARY,
            "evidence": several(_EVIDENCE),
            "diagnosis": _DIAGNOSIS,
            "impact": several(text(), "What it means for guests and sales."),
            "aids": several(_AID, "As they are now; of a resolved one, as they were told last."),
            "timeline": several(_LINE, "What happened, in this order."),
        },
    ),
}

_UNKNOWN = {404: "There is no incident with this id."}
_NO_ACT = {400: WHAT_IS_WRONG, 409: "The incident is resolved already.", **_UNKNOWN}
_STORY = ref("IncidentStory")


def _act(name: str, summary: str, description: str, body: Schema, *, needed: bool) -> Operation:
    return Operation(
        id=name,
        tag=TAG,
        summary=summary,
        description=description,
        body=body,
        body_required=needed,
        answer=_STORY,
        says="The incident as it is then.",
        refusals=_NO_ACT,
    )


_FIELDS = {"by": maybe(parts.NAME), "note": maybe(parts.NOTE), "until": maybe(parts.GIVEN_TIME)}
_LIST = Operation(
    id="listIncidents",
    tag=TAG,
    summary="Incidents, the newest first",
    description="All states unless one is asked for. Incidents that the state could not take yet stand on "
    "the first page, beside as many as are asked for.",
    query=(
        parameter("state", word(IncidentState), "Only those in this state."),
        parts.HOTEL,
        parameter("limit", whole("", 1, maximum=MOST, default=LIMIT), "How many at the most."),
        parts.BEFORE,
    ),
    answer=record("", {"incidents": several(ref("Incident")), "next": parts.NEXT}),
    says="A page of incidents.",
    refusals={400: parts.BAD_QUERY},
)
OPERATIONS = {
    ("GET", "/api/v1/incidents"): _LIST,
    ("GET", "/api/v1/incidents/{id}"): Operation(
        id="showIncident",
        tag=TAG,
        summary="One incident with its timeline, evidence and diagnosis",
        answer=_STORY,
        says="The incident, as it is believed to be: the state may be behind.",
        refusals=_UNKNOWN,
    ),
    ("POST", "/api/v1/incidents/{id}/ack"): _act(
        "acknowledgeIncident",
        "Say that you look after it",
        "Nobody further is told until `until` (an hour from now, unless it is said; 7 days at the most); "
        "after that the steps go on. A second acknowledgement takes the place of the first.",
        taken({**_FIELDS, "by": parts.NAME}, ["by"]),
        needed=True,
    ),
    ("POST", "/api/v1/incidents/{id}/resolve"): _act(
        "resolveIncident",
        "End it, whatever its checks say",
        "Those who were told of it are told. `until` is taken, and means nothing here.",
        taken(_FIELDS),
        needed=False,
    ),
    ("POST", "/api/v1/incidents/{id}/note"): Operation(
        id="noteOnIncident",
        tag=TAG,
        summary="Add a line to its timeline",
        description="Of an incident that is resolved, too. `until` is taken, and means nothing here.",
        body=taken({**_FIELDS, "by": parts.NAME, "note": parts.SOME_NOTE}, ["by", "note"]),
        answer=_STORY,
        says="The incident as it is then.",
        refusals={400: WHAT_IS_WRONG, **_UNKNOWN},
    ),
}
