"""Groups of breaches become incidents: opened, changed, brought back and ended, without clock or store."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count

from alerts.decision import Decision, Step
from alerts.diagnosis.decision_table import RULES
from alerts.doubt import Doubts
from alerts.facts import Fact, Facts
from alerts.incident import Cause, Criterion, Incident, IncidentState, Severity
from alerts.incidents import Scene, decide
from alerts.policy import Policy
from checks.result import Reason, Sign
from tests.support.clock import START
from tests.support.facts import a_hotel, clearing, failing, fine, groups

ERROR = failing("payment/health", Reason.SERVER_ERROR, type_="health")
REFUSED = failing("payment/health", Reason.CREDENTIALS, type_="health")
EXPIRED = failing("payment/certificate", Reason.TLS, Sign.CERTIFICATE_EXPIRED, type_="tls")
TABLE = failing("payment/transactions", Reason.CONTENT, type_="transactions")


@dataclass
class House:
    """A hotel's incidents from one look to the next, as the engine keeps them."""

    policy: Policy = field(default_factory=Policy)
    now: datetime = START
    current: dict[str, Incident] = field(default_factory=dict)
    recent: dict[str, Incident] = field(default_factory=dict)
    doubts: Doubts = field(default_factory=dict)
    held: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self._numbers = count(1)

    def look(self, *facts: Fact, minutes: float = 1.0) -> dict[str, Decision]:
        """Decide by these facts, seen so many minutes after the last ones; return decisions by incident."""
        self.now += timedelta(minutes=minutes)
        seen = [replace(one, at=self.now) for one in (*a_hotel(*facts),)]
        hotel = Facts("h", self.now, a_hotel().kinds, seen)
        scene = Scene(
            hotel, groups(hotel, RULES), tuple(self.current.values()), self.recent, self.policy, self.held
        )
        outcome = decide(scene, self.doubts, lambda: f"i{next(self._numbers)}", self.now)
        self.doubts = outcome.doubts
        for decision in outcome.decisions:
            self._believe(decision.incident)
        return {one.incident.id: one for one in outcome.decisions}

    def causes(self) -> list[Cause]:
        """Return the causes of what is open."""
        return [one.diagnosis.cause for one in self.current.values()]

    def _believe(self, incident: Incident) -> None:
        self.current.pop(incident.id, None)
        if incident.state is IncidentState.RESOLVED:
            self.recent[incident.key] = incident
        else:
            self.recent.pop(incident.key, None)
            self.current[incident.id] = incident


def steps(decisions: Mapping[str, Decision]) -> dict[str, Step]:
    return {name: one.step for name, one in decisions.items()}


def test_a_breach_opens_one_incident_and_more_of_the_same_change_nothing() -> None:
    house = House()
    assert steps(house.look(ERROR)) == {"i1": Step.OPENED}
    assert house.look(ERROR) == {}
    (incident,) = house.current.values()
    assert incident.diagnosis.cause is Cause.VENDOR_OUTAGE
    assert (incident.severity, incident.criteria) == (Severity.CRITICAL, (Criterion.CRITICAL_SYSTEM_DOWN,))
    assert incident.policy == house.policy
    assert incident.checks == ("h/payment/health",)


def test_nothing_broken_is_nothing_to_decide() -> None:
    assert House().look() == {}


def test_what_waits_for_a_look_at_its_siblings_opens_nothing_yet() -> None:
    house = House(held=frozenset({"payment"}))
    assert house.look(ERROR) == {}
    house.held = frozenset()
    assert steps(house.look(ERROR)) == {"i1": Step.OPENED}


def test_a_breach_that_is_about_to_clear_opens_nothing() -> None:
    assert House().look(clearing(ERROR)) == {}


def test_a_breach_that_is_about_to_clear_keeps_its_incident_open() -> None:
    house = House()
    house.look(ERROR)
    assert house.look(clearing(ERROR)) == {}
    assert steps(house.look()) == {"i1": Step.RESOLVED}
    assert house.recent["h/payment/reach"].outcome == "works again"


def test_an_incident_whose_checks_are_gone_says_so() -> None:
    house = House()
    house.look(TABLE)
    gone = house.look()["i1"]
    assert gone.step is Step.RESOLVED
    assert "no longer watched" in gone.incident.outcome


def test_coming_back_within_a_day_is_the_same_incident_one_epoch_on() -> None:
    house = House()
    house.look(ERROR)
    house.look()
    again = house.look(ERROR, minutes=23 * 60)["i1"]
    assert (again.step, again.incident.epoch) == (Step.REOPENED, 2)
    assert again.incident.reopened == (house.now,)


def test_coming_back_after_a_day_is_a_new_incident() -> None:
    house = House()
    house.look(ERROR)
    house.look()
    again = house.look(ERROR, minutes=25 * 60)["i2"]
    assert (again.step, again.incident.epoch) == (Step.OPENED, 1)


def test_coming_back_from_another_cause_is_another_incident() -> None:
    house = House()
    house.look(ERROR)
    house.look()
    assert steps(house.look(REFUSED)) == {"i2": Step.OPENED}


def test_an_announced_cause_changes_when_two_looks_in_a_row_say_so() -> None:
    house = House()
    house.look(ERROR)
    assert steps(house.look(REFUSED)) == {"i1": Step.CHANGED}
    assert house.causes() == [Cause.VENDOR_OUTAGE]
    assert steps(house.look(REFUSED)) == {"i1": Step.EXPLAINED}
    assert house.causes() == [Cause.API_CREDENTIALS_INVALID]
    assert house.current["i1"].key == "h/payment/api-credentials-invalid"


def test_two_looks_within_a_moment_are_one() -> None:
    house = House()
    house.look(ERROR)
    for _ in range(5):
        house.look(REFUSED, minutes=0.05)
    assert house.causes() == [Cause.VENDOR_OUTAGE]


def test_a_cause_that_flickers_is_not_announced() -> None:
    house = House()
    house.look(ERROR)
    for _ in range(6):
        assert steps(house.look(REFUSED)) == {"i1": Step.CHANGED}
        assert steps(house.look(ERROR)) == {"i1": Step.CHANGED}
    assert house.causes() == [Cause.VENDOR_OUTAGE]


def test_a_second_cause_in_the_same_integration_is_a_second_incident() -> None:
    house = House()
    house.look(ERROR)
    assert steps(house.look(ERROR, EXPIRED)) == {"i2": Step.OPENED}
    assert steps(house.look(EXPIRED)) == {"i1": Step.RESOLVED}


def test_severity_and_criteria_only_rise_while_open() -> None:
    house = House()
    slow = failing("payment/certificate", Reason.CONNECT, type_="tls")
    house.look(slow)
    assert [one.severity for one in house.current.values()] == [Severity.WARNING]
    gone = failing("payment/health", Reason.CONNECT, type_="health")
    assert steps(house.look(slow, gone)) == {"i1": Step.WORSENED}
    assert steps(house.look(slow, fine("payment/health", "health"))) == {"i1": Step.CHANGED}
    assert house.current["i1"].severity is Severity.CRITICAL
    assert house.current["i1"].criteria == (Criterion.CRITICAL_SYSTEM_DOWN,)


def test_time_alone_makes_it_worse() -> None:
    house = House()
    house.look(EXPIRED)
    assert house.look(EXPIRED, minutes=59) == {}
    assert steps(house.look(EXPIRED, minutes=1)) == {"i1": Step.WORSENED}
    assert house.current["i1"].criteria == (Criterion.PERSISTENT_FAILURES,)


LOST = failing("network/control", Reason.CONNECT, Sign.CONTROL_LOST, type_="control")
CUT_OFF = [
    failing(f"{name}/health", Reason.CONNECT, type_="health")
    for name in ("payment", "expedia", "booking_engine", "channel_manager")
]


def test_one_dead_network_is_one_incident_that_touches_all() -> None:
    house = House()
    opened = house.look(LOST, *CUT_OFF)
    assert steps(opened) == {"i1": Step.OPENED}
    incident = opened["i1"].incident
    assert incident.diagnosis.cause is Cause.LOCAL_NETWORK_DOWN
    assert Criterion.MULTIPLE_INTEGRATIONS in incident.criteria
    assert incident.integrations[-1] == "network"


def test_an_older_incident_takes_the_cause_and_a_second_one_is_told_with_it() -> None:
    house = House()
    house.look(CUT_OFF[0])
    house.look(CUT_OFF[0], ERROR_OF_EXPEDIA)
    assert set(house.current) == {"i1", "i2"}
    for _ in range(3):
        house.look(LOST, *CUT_OFF)
    assert set(house.current) == {"i1", "i2"}
    root, child = house.current["i1"], house.current["i2"]
    assert root.diagnosis.cause is Cause.LOCAL_NETWORK_DOWN
    assert child.parent == "i1"
    for _ in range(10):
        assert house.look(LOST, *CUT_OFF) == {}
    assert steps(house.look()) == {"i1": Step.RESOLVED, "i2": Step.RESOLVED}


def test_a_child_whose_root_has_ended_stands_for_itself_again() -> None:
    house = House()
    house.look(CUT_OFF[0])
    house.look(CUT_OFF[0], ERROR_OF_EXPEDIA)
    for _ in range(3):
        house.look(LOST, *CUT_OFF)
    for _ in range(4):
        house.look(ERROR_OF_EXPEDIA)
    (left,) = house.current.values()
    assert (left.id, left.parent, left.diagnosis.cause) == ("i2", None, Cause.VENDOR_OUTAGE)


def test_an_incident_is_as_bad_as_those_it_is_told_of_in_place_of() -> None:
    house = House()
    house.look(ERROR)
    house.look(ERROR, EXPIRED)
    (mild,) = (one for one in house.current.values() if one.id == "i2")
    assert mild.severity is Severity.WARNING
    beyond = failing("payment/health", Reason.TLS, Sign.CERTIFICATE_EXPIRED, type_="health")
    for _ in range(3):
        house.look(beyond, EXPIRED)
    assert house.current["i1"].parent == "i2"
    told = house.current["i2"]
    assert (told.severity, told.criteria) == (Severity.CRITICAL, (Criterion.CRITICAL_SYSTEM_DOWN,))


def test_a_breach_that_has_gone_its_own_way_opens_at_the_same_look() -> None:
    house = House()
    both = [failing(f"payment/{one}", Reason.SERVER_ERROR, type_="health") for one in ("health", "cache")]
    house.look(*both)
    other = failing("payment/cache", Reason.CREDENTIALS, type_="health")
    assert steps(house.look(both[0], other, minutes=0.5)) == {"i1": Step.CHANGED}
    assert steps(house.look(both[0], other)) == {"i1": Step.CHANGED, "i2": Step.OPENED}


def test_a_breach_of_a_shared_cause_waits_while_an_open_incident_may_turn_out_to_be_it() -> None:
    house = House()
    house.look(CUT_OFF[0])
    assert house.look(LOST, *CUT_OFF, minutes=0.2) == {}
    assert steps(house.look(LOST, *CUT_OFF, minutes=0.8)) == {"i1": Step.EXPLAINED}
    assert house.current["i1"].integrations[-1] == "network"


def test_a_cause_does_not_change_for_as_long_as_one_lost_probe_may_mislead() -> None:
    house = House()
    stale = failing("booking_engine/sync_log", Reason.STALE, type_="log")
    house.look(stale)
    before = house.causes()
    lost = failing("booking_engine/health", Reason.TIMEOUT, type_="health", breached=False)
    assert house.look(stale, lost) == {}
    assert house.look(stale, lost, minutes=0.6) == {}
    assert house.look(stale, minutes=0.2) == {}
    assert house.causes() == before == [Cause.PRODUCER_STOPPED]


def test_such_waiting_has_an_end() -> None:
    house = House()
    house.look(CUT_OFF[0])
    stuck = replace(CUT_OFF[0], message="still the run of before")
    for _ in range(3):
        hotel = a_hotel(LOST, *CUT_OFF)
        assert hotel.breaches()
        house.look(LOST, *CUT_OFF[1:], stuck, minutes=0.6)
    assert sum(len(one.breaches) for one in house.current.values()) == len(CUT_OFF) + 1


ERROR_OF_EXPEDIA = failing("expedia/health", Reason.SERVER_ERROR, type_="health")


def test_a_clock_that_is_set_back_leaves_nobody_waiting_for_a_doubt() -> None:
    house = House()
    house.look(CUT_OFF[0])
    house.look(LOST, *CUT_OFF, minutes=0.2)
    house.look(LOST, *CUT_OFF, minutes=-120)
    for _ in range(3):
        house.look(LOST, *CUT_OFF, minutes=0.8)
    assert sum(len(one.breaches) for one in house.current.values()) == len(CUT_OFF) + 1
