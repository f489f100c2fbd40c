"""`/api/v1/status` in the document."""

from checks.result import Reason, State
from daemon.board import WORST_FIRST
from daemon.web.openapi.words import (
    Operation,
    by_name,
    instant,
    maybe,
    number,
    record,
    ref,
    several,
    text,
    whole,
    word,
)

_STATUS = word(WORST_FIRST, "`unhealthy` while a check is critical, `degraded` while one is warning.")
_QUEUE = record(
    "What waits to be sent on.",
    {
        "pending": number(),
        "processing": maybe(number()),
        "failed": maybe(number()),
        "oldest": maybe(instant("Since when the oldest waits.")),
    },
)
_QUOTA = record(
    "How much may be used, and is.",
    {
        "used": number(),
        "limit": number(),
        "remaining": number(),
        "exhausted_at": maybe(instant("When it is used up, if it goes on like this.")),
    },
)
_LASTS = {
    "last_sync": maybe(instant("The last time that business went through.")),
    "last_transaction": maybe(instant("The same, of a payment gateway.")),
    "last_sent": maybe(instant("The same, of e-mail.")),
}
_INTEGRATION = {
    "status": _STATUS,
    "success_rate": maybe(number("Percent.")),
    "avg_response_time_ms": maybe(number()),
    "p95_response_time_ms": maybe(number()),
    **_LASTS,
    "delivery_rate": maybe(number("Percent of mails that arrived.")),
    "bounce_rate": maybe(number("Percent of mails that came back.")),
    "queue": maybe(ref("Queue")),
    "quota": maybe(by_name(ref("Quota"), "By the name of the quota.")),
    "incident": maybe(text("The id of its open incident.")),
    "checks": by_name(ref("Check"), "By the name of the check."),
}
_CHECK = {
    "state": word(State),
    "reason": maybe(word(Reason)),
    "message": text(),
    "since": maybe(instant("Since when it is in this state.")),
    "last_run": maybe(instant("")),
    "duration_ms": maybe(number()),
    "measurements": by_name(maybe(number()), "What the last run measured, by name."),
}
_POST = {
    "pending": whole("Messages that have not gone out."),
    "held": whole("How many of them wait for a bundle."),
    "oldest": maybe(instant("When the oldest of them was written.")),
    "last_error": maybe(text("What one of them met.")),
    "relays": several(text(), "Of each relay that is out of order, why."),
}
SCHEMAS = {
    "Check": record("How a check stands, and what its last run saw.", _CHECK),
    "Queue": _QUEUE,
    "Quota": _QUOTA,
    "Integration": record(
        "What is known of an integration; null is what is not known.", _INTEGRATION, _LASTS
    ),
    "Hotel": record(
        "A hotel: as bad as the worst of its integrations.",
        {"status": _STATUS, "integrations": by_name(ref("Integration"), "By the name of the integration.")},
    ),
    "Status": record(
        "How everything is.",
        {
            "status": _STATUS,
            "hotels": by_name(ref("Hotel"), "By the id of the hotel."),
            "notifications": record("The messages that have not gone out.", _POST),
        },
    ),
}
OPERATIONS = {
    ("GET", "/api/v1/status"): Operation(
        id="status",
        tag="Status",
        summary="How everything is",
        answer=ref("Status"),
        says="Every hotel with its integrations and their checks.",
    )
}
