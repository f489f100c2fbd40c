"""A letter to a vendor about what is over: in the past, from when to when, and asking for the reason."""

import re
from dataclasses import replace
from datetime import datetime

from alerts.aids.aid import Ticket
from alerts.aids.ticket_words import (
    ALWAYS,
    ASKED_FOR,
    FAILS,
    LOST,
    OTHERS,
    SEEN_FAILING,
    SOUND,
    SUBJECT,
    THEIRS,
    TIMES,
    WORKS,
    clock,
)
from alerts.message_text import clean

WHY = "Please tell us what the reason was, and what is done so that it does not come back."
AFTERWARDS = (WHY, LOST.replace("will be worked off later", "have been worked off since"))

_SINCE = re.compile(rf" since ({TIMES})$")
_BEGAN = re.compile(rf"^since ({TIMES}) {re.escape(SEEN_FAILING)}")
_LOOKED = re.compile(rf"^- Since ({TIMES})(, last success )?")
_PAST = (
    (re.compile(rf"^{re.escape(FAILS)}"), "What failed"),
    (re.compile(rf"^{re.escape(WORKS)}"), "What worked meanwhile, so that it was not our own network"),
    (re.compile(rf"^- {re.escape(SOUND)}, last"), "- Our control targets on the internet answered, as"),
    (re.compile(rf"^(- \d+ other external systems?) {OTHERS}"), r"\1 answered"),
    (re.compile(rf"^- {re.escape(THEIRS)}"), "- Of your own service these answered as they should"),
)


def over(ticket: Ticket, ended: datetime) -> Ticket:
    """Return a letter as it is to be read after the end; one that was turned before stays as it is."""
    until = clock(ended)
    head, found, rest = ticket.body.partition(f"{ASKED_FOR}\n")
    lines = [_past(line, until) for line in head.split("\n")]
    if found and ALWAYS[0] in rest:
        asked, _, signed = rest.partition("\n\n")
        kept = [line for line in asked.split("\n") if line == f"- {ALWAYS[0]}"]
        asks = [one.replace("see it", "saw it").split(", and")[0] + "." for one in kept]
        rest = "\n".join((*asks, *(f"- {one}" for one in AFTERWARDS), "", signed))
    subject = _SINCE.sub(rf", over: from \1 to {until}", ticket.subject)
    return replace(ticket, subject=clean(subject, SUBJECT), body="\n".join(lines) + found + rest)


def _past(line: str, until: str) -> str:
    if _BEGAN.match(line):
        return _BEGAN.sub(
            rf"from \1 to {until} our monitoring saw failures of your service; it is over.", line
        )
    if found := _LOOKED.match(line):
        before = ", last success before that " if found[2] else ""
        return f"- From {found[1]} to {until}{before}{line[found.end() :]}"
    for pattern, said in _PAST:
        line = pattern.sub(said, line)
    return line
