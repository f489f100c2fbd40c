"""A drill -> what it says to who gets it, by mail and over channels: never to be taken for a real alarm."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.drill import Drill
from alerts.incident_document import instant
from alerts.message import MISHAPS, SUBJECT_LENGTH, Renderer
from alerts.message_parts import Letter, Line, Section
from alerts.message_people import linked
from alerts.message_text import clean, full_time, moment
from alerts.message_wire import Envelope, plain
from alerts.notification import Kind

NOTHING = "This is a test: nothing is wrong."
"""What every drill says first."""


@dataclass(frozen=True, slots=True)
class DrillMail:
    """One message to one recipient. Without a link or command there is nothing to acknowledge by it."""

    sender: str
    recipient: str
    message_id: str
    drill: Drill
    hotel_name: str
    timezone: ZoneInfo
    read_back: bool = False
    ack_link: str | None = None
    ack_command: str | None = None
    public_url: str | None = None

    @property
    def date(self) -> datetime:
        """When it was written."""
        return self.drill.asked_at


DrillVoice = Callable[[DrillMail], bytes]
"""Returns a channel's message of a drill."""


def render(mail: DrillMail, renderer: Renderer) -> bytes:
    """Return the message as it goes over the wire; a plain one when it cannot be laid out."""
    try:
        return renderer.lay_out(_envelope(mail), letter(mail))
    except MISHAPS as error:
        because = f"This mail is plain because the usual one could not be written: {type(error).__name__}"
        return plain(_envelope(mail), [NOTHING, *_ways(mail), "", f"Drill {mail.drill.id}", because])


def subject(mail: DrillMail) -> str:
    """Return the subject, such as `[DRILL] Grand Harbour Hotel: this is a test, nothing is wrong`."""
    return clean(f"[DRILL] {clean(mail.hotel_name, 100)}: this is a test, nothing is wrong", SUBJECT_LENGTH)


def letter(mail: DrillMail) -> Letter:
    """Return what the mail says to its reader."""
    drill = mail.drill
    asked = moment(drill.asked_at, drill.asked_at, mail.timezone)
    sections = (
        Section("What this means", (Line(_means(mail)),)),
        Section("What to do", tuple(_to_do(mail)), numbered=not mail.read_back),
        Section("Acknowledge", tuple(_acknowledge(mail))),
        Section("Why it comes to you", tuple(_why(mail))),
        Section("What is measured", (Line(_measured(drill)),)),
        Section("More", (linked("Status page", mail.public_url),) if mail.public_url else ()),
    )
    return Letter(
        tag="DRILL",
        tone="drill",
        headline=NOTHING if mail.read_back else f"{NOTHING} Please acknowledge it.",
        facts=f"{clean(mail.hotel_name, 200)} · test alert to level {drill.level} · asked for at {asked}",
        sections=tuple(section for section in sections if section.lines),
        closing=f"Drill {clean(drill.id, 64)} · Night Porter, {full_time(mail.date, mail.timezone)}",
    )


def _envelope(mail: DrillMail) -> Envelope:
    # No incident, integration, severity or cause: whatever sorts by them must not find it.
    facts = {
        "Hotel": mail.drill.hotel,
        "Level": mail.drill.level,
        "Kind": str(Kind.DRILL),
        "Drill": mail.drill.id,
    }
    return Envelope(mail.sender, mail.recipient, subject(mail), mail.date, mail.message_id, facts)


def _means(mail: DrillMail) -> str:
    return (
        f"Nothing has failed at {clean(mail.hotel_name, 200)}. No guest is concerned, and no incident is "
        "open because of this mail. It came by the way that a real alarm takes."
    )


def _to_do(mail: DrillMail) -> Iterator[Line]:
    if mail.read_back:
        yield Line("Nothing. The porter looks into this mailbox by itself, and changes nothing in it.")
        return
    yield Line("Acknowledge it as you would a real alarm: that is what is being practised.")
    yield Line("Do nothing else: there is nothing to repair, and nobody to call.")


def _acknowledge(mail: DrillMail) -> Iterator[Line]:
    if mail.ack_link:
        shown = clean(mail.ack_link, 1000)
        yield Line(f"Open this link, then press the button: {shown}", shown, button="Acknowledge the drill")
    if mail.ack_command:
        where = "Or on the porter's host" if mail.ack_link else "On the porter's host"
        yield Line(f"{where}: {clean(mail.ack_command)}")


def _why(mail: DrillMail) -> Iterator[Line]:
    drill = mail.drill
    yield Line(f"{clean(drill.by, 200)} asked for this drill.")
    if drill.note:
        yield Line(f"Note: {clean(drill.note, 500)}")
    for one in drill.plan:
        yield Line(clean(one, 500))


def _measured(drill: Drill) -> str:
    seen = ", seen in the mailbox that is read back" if drill.reads_back else ""
    return (
        f"How long it takes until this is written down, accepted by the mail relay{seen}, and acknowledged "
        "by somebody of this level. The result stands on the porter's page of drills and in its reports."
    )


def _ways(mail: DrillMail) -> Iterator[str]:
    if mail.ack_link:
        yield f"Acknowledge it: {mail.ack_link}"
    if mail.ack_command:
        yield f"Acknowledge it on the porter's host: {mail.ack_command}"


def webhook_voice(mail: DrillMail) -> bytes:
    """Return what a program is posted: an object without an incident, of the kind `drill`."""
    drill = mail.drill
    document = {
        "kind": str(Kind.DRILL),
        "level": drill.level,
        "hotel": drill.hotel,
        "drill": {
            "id": drill.id,
            "asked_at": instant(drill.asked_at),
            "by": drill.by,
            "note": drill.note,
            "text": NOTHING,
            "acknowledge": mail.ack_link,
        },
    }
    return json.dumps(document, allow_nan=False).encode("ascii")


def apprise_voice(mail: DrillMail) -> bytes:
    """Return title, text and type for a few words over whatever Apprise speaks to."""
    link = f"\n{mail.ack_link}" if mail.ack_link else ""
    said = f"{NOTHING} {clean(mail.drill.by, 100)} asked for a drill. Please acknowledge it."
    return json.dumps({"title": subject(mail), "body": f"{said}{link}", "type": "info"}).encode("ascii")
