"""The story of one incident: time passes, people act, and what is ordered becomes rows that are sent."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, time, timedelta

from alerts.calendar import EMERGENCY, OfficeHours
from alerts.decision import Plan, Step
from alerts.escalation import acknowledge, lapse, plan
from alerts.incident import Cause, Criterion, Diagnosis, Incident, IncidentState, NextStep, Severity
from alerts.notification import Delivery, Notification
from alerts.policy import LevelPolicy, Policy
from tests.support.zones import ROME, at

OFFICE = OfficeHours(frozenset(range(5)), time(9), time(18), "IT", ROME)
ONE = LevelPolicy("1", "Integration Support Team", ("one@h.example",))
TWO = LevelPolicy("2", "Technical Lead", ("two@h.example",), hours=OFFICE)
THREE = LevelPolicy("3", "CTO", ("three@h.example",), hours=EMERGENCY)
POLICY = Policy((ONE, TWO, THREE), ("desk@h.example",))

CRITERIA: dict[Severity, tuple[Criterion, ...]] = {
    Severity.WARNING: (),
    Severity.CRITICAL: (Criterion.CRITICAL_SYSTEM_DOWN,),
    Severity.EMERGENCY: (Criterion.CRITICAL_SYSTEM_DOWN, Criterion.DATA_LOSS_RISK),
}


def an_incident(opened_at: datetime, severity: Severity, policy: Policy | None = POLICY) -> Incident:
    """Return an incident that has just opened, with criteria that fit its severity."""
    return Incident(
        id="7",
        key="h/payment/vendor-outage",
        hotel="h",
        integrations=("payment",),
        breaches=(),
        diagnosis=Diagnosis(Cause.VENDOR_OUTAGE, "likely", "vendor", "it is down"),
        severity=severity,
        criteria=CRITERIA[severity],
        title="payment: does not answer",
        state=IncidentState.OPEN,
        opened_at=opened_at,
        policy=policy,
    )


class Story:
    """An incident that opens at a moment by the clocks of Rome; nothing is told before `tell`."""

    def __init__(
        self,
        opens: str | datetime = "2026-06-03 10:00",
        severity: Severity = Severity.CRITICAL,
        policy: Policy | None = POLICY,
    ) -> None:
        self.now = at(opens) if isinstance(opens, str) else opens
        self.incident = an_incident(self.now, severity, policy)
        self.rows: list[Notification] = []
        self.silenced: datetime | None = None
        self.staff: frozenset[str] | None = None
        self.graver_at: datetime | None = None
        self.unreached: frozenset[str] = frozenset()
        self.notes: list[str] = []
        self.delivers = Delivery.SENT
        """What becomes of messages."""

    def tell(self, step: Step | None = None) -> list[tuple[str, str, str]]:
        """Do what is planned; return (step, kind, recipient) of each message."""
        return said(self.planned(step))

    def planned(self, step: Step | None = None) -> Plan:
        made = plan(
            self.incident,
            step,
            tuple(self.rows),
            silenced=self.silenced,
            staff=self.staff,
            now=self.now,
            graver_at=self.graver_at,
            unreached=self.unreached,
        )
        gone = dict.fromkeys(made.superseded, Delivery.SUPERSEDED) | dict.fromkeys(
            made.cancelled, Delivery.CANCELLED
        )
        self.rows = [replace(row, state=gone.get(row.id, row.state)) for row in self.rows]
        self.rows += self._rows(made)
        self.incident = made.incident
        self.notes += [event.text for event in made.events]
        return made

    def _rows(self, made: Plan) -> Iterable[Notification]:
        for order in made.orders:
            for one in order.people:
                key = f"{self.incident.id}:{self.incident.epoch}:{order.step}:{order.kind}:{one.address}"
                channel = one.channel
                yield Notification(
                    key, key, "7", self.incident.epoch, order.kind, one.level, channel, one.address, b"", key,
                    self.now, self.now, self.delivers,
                )  # fmt: skip

    def opens(self) -> list[tuple[str, str, str]]:
        return self.tell(Step.OPENED)

    def after(self, **span: float) -> list[tuple[str, str, str]]:
        """Let time pass, and do what is planned then."""
        return self.at(self.now + timedelta(**span))

    def at(self, moment: str | datetime) -> list[tuple[str, str, str]]:
        """Go to a moment by the clocks of Rome, and do what is planned then."""
        self.now = at(moment) if isinstance(moment, str) else moment
        decision = lapse(self.incident, self.now)
        if decision is not None:
            self.incident = decision.incident
        return self.tell(decision.step if decision else None)

    def acknowledged(self, until: datetime | None = None) -> list[tuple[str, str, str]]:
        decision = acknowledge(self.incident, "Ada", "", until, self.now)
        self.incident = decision.incident
        return self.tell(decision.step)

    def becomes(self, severity: Severity, *criteria: Criterion) -> list[tuple[str, str, str]]:
        held = tuple(dict.fromkeys((*self.incident.criteria, *(criteria or CRITERIA[severity]))))
        self.incident = replace(self.incident, severity=severity, criteria=held)
        return self.tell(Step.WORSENED)

    def is_caused_by(self, cause: Cause) -> list[tuple[str, str, str]]:
        self.incident = replace(self.incident, diagnosis=replace(self.incident.diagnosis, cause=cause))
        return self.tell(Step.EXPLAINED)

    def resolves(self) -> list[tuple[str, str, str]]:
        self.incident = replace(self.incident, state=IncidentState.RESOLVED, resolved_at=self.now)
        return self.tell(Step.RESOLVED)

    def reopens(self, severity: Severity) -> list[tuple[str, str, str]]:
        fresh = an_incident(self.now, severity, self.incident.policy)
        self.incident = replace(fresh, epoch=self.incident.epoch + 1, steps=self.incident.steps)
        self.rows = []
        return self.tell(Step.REOPENED)

    @property
    def next(self) -> NextStep | None:
        return self.incident.next_step

    def next_level(self) -> tuple[str, str] | None:
        """Return who is next, and when by the clocks of Rome."""
        step = self.next
        return (step.level, f"{step.at.astimezone(ROME):%Y-%m-%d %H:%M}") if step else None


def said(made: Plan) -> list[tuple[str, str, str]]:
    """Return (step, kind, recipient) of each message that a plan orders."""
    return [
        (order.step, order.kind.value, one.address.partition("@")[0])
        for order in made.orders
        for one in order.people
    ]
