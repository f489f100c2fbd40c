"""What several addresses take: names, notes, times, ids."""

from daemon.web import body, query
from daemon.web.openapi.words import maybe, parameter, text

_UNSEEN = r"\u0000-\u001f\u007f-\u009f\u2028\u2029"
NAME = text(
    f"Who it is: 1 to {body.NAME} characters, no control characters among them.",
    minLength=1,
    maxLength=body.NAME,
    pattern=rf"^[^{_UNSEEN}]*[^\s{_UNSEEN}][^{_UNSEEN}]*$",
    examples=["Ada"],
)
NOTE = text("What you found or did, in your own words.", maxLength=body.NOTE, examples=["restarted it"])
SOME_NOTE = {**NOTE, "minLength": 1, "pattern": r"\S"}
GIVEN_TIME = text(
    "A time with its offset from UTC.", format="date-time", examples=["2026-11-25T10:00:00+01:00"]
)
ID = text(pattern=f"^{query.ID.pattern}$")

HOTEL = parameter("hotel", ID, "Only of the hotel with this id; without it, of all.")
BEFORE = parameter("before", ID, "What `next` said: the page after that one.")
NEXT = maybe(text("Ask for it as `before`; null where there are no more."))
BAD_QUERY = "A parameter is wrong, unknown, or there twice."

PATH_NAMES = {
    "id": "The id of the incident, silence or drill.",
    "hotel": "The id of the hotel.",
    "task": "The id of the task.",
    "kind": "Which report: `daily`, `weekly` or `monthly`.",
    "integration": "The name of the integration.",
    "check": "The name of the check.",
}
"""What stands in braces in an address."""
