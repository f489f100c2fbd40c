"""What a person asks of an open incident, as a value that can be handed on."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from alerts.acknowledgement import acknowledge
from alerts.decision import Decision
from alerts.incident import Incident, IncidentState
from alerts.incidents import resolved


class ActKind(StrEnum):
    """What can be asked."""

    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"


class Refusal(StrEnum):
    """Why something that is asked cannot be done."""

    OUTDATED = "outdated"
    TAKEN = "taken"
    UNTIL = "until"


class ActRefusedError(Exception):
    """What is asked cannot be done. The message is for the person who asked."""

    def __init__(self, refusal: Refusal, words: str) -> None:
        super().__init__(words)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Act:
    """What is asked of an incident, and by whom.

    With an `epoch` it is asked of that one only; with `unless_cared_for` only when nobody looks after it.
    """

    incident: str
    kind: ActKind
    by: str
    note: str = ""
    until: datetime | None = None
    epoch: int | None = None
    unless_cared_for: bool = False

    def decide(self, incident: Incident, now: datetime) -> Decision:
        """Return what becomes of the incident, or raise ActRefusedError."""
        if self.epoch is not None and self.epoch != incident.epoch:
            raise ActRefusedError(Refusal.OUTDATED, "the incident has come back since this was sent")
        if self.kind is ActKind.RESOLVE:
            return self._resolve(incident, now)
        if self.unless_cared_for and cared_for(incident, now):
            raise ActRefusedError(Refusal.TAKEN, "somebody looks after it already")
        try:
            return acknowledge(incident, self.by, self.note, self.until, now)
        except ValueError as error:
            raise ActRefusedError(Refusal.UNTIL, str(error)) from None

    def _resolve(self, incident: Incident, now: datetime) -> Decision:
        # The letter puts its own full stop.
        note = self.note.rstrip(" .!…")
        said = f"resolved by {self.by or 'hand'}{f': {note}' if note else ''}"
        decision = resolved(incident, said, now, dismissed=True)
        return replace(decision, event=replace(decision.event, text=said))

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {
            "incident": self.incident,
            "kind": str(self.kind),
            "by": self.by,
            "note": self.note,
            "until": self.until.isoformat() if self.until else None,
            "epoch": self.epoch,
            "unless_cared_for": self.unless_cared_for,
        }


def act_of(value: Mapping[str, Any]) -> Act:
    """Return what `as_json` wrote; raise KeyError or ValueError for what it did not."""
    until = value["until"]
    return Act(
        incident=value["incident"],
        kind=ActKind(value["kind"]),
        by=value["by"],
        note=value["note"],
        until=None if until is None else datetime.fromisoformat(until),
        epoch=value["epoch"],
        unless_cared_for=value["unless_cared_for"],
    )


def cared_for(incident: Incident, now: datetime) -> bool:
    """Tell whether somebody has promised to look after an incident, and the promise still holds."""
    promise = incident.acknowledgement
    return incident.state is IncidentState.ACKNOWLEDGED and promise is not None and now < promise.until
