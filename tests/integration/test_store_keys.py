"""The key of an incident may change while it is open: the order of writing never stands in the way."""

from dataclasses import replace
from itertools import permutations

import pytest

from alerts.change import Change
from alerts.incident import Incident, IncidentState
from daemon.store import StateError
from tests.support.clock import START
from tests.support.stored import NewState, incident, opened

DONE = IncidentState.RESOLVED


def a(key: str, state: IncidentState = IncidentState.OPEN) -> Incident:
    return replace(incident("a", key=key, state=state), opened_at=START)


def b(key: str, state: IncidentState = IncidentState.OPEN) -> Incident:
    return replace(incident("b", key=key, state=state), opened_at=START)


def c(key: str, state: IncidentState = IncidentState.OPEN) -> Incident:
    return replace(incident("c", key=key, state=state), opened_at=START)


LEGAL = {
    "one moves and the next opens in its place": ((a("1"),), (a("2"), b("1"))),
    "one ends and another takes its key": ((a("1"), b("2")), (a("1", DONE), b("1"))),
    "one ends, one takes its key, and one that key": ((a("1"), b("2")), (a("1", DONE), b("1"), c("2"))),
    "two swap": ((a("1"), b("2")), (a("2"), b("1"))),
    "three go round": ((a("1"), b("2"), c("3")), (a("2"), b("3"), c("1"))),
    "one comes back to a key that is just left": ((a("1", DONE), b("1")), (a("1"), b("2"))),
    "one comes back under a key that just ends": ((a("1", DONE), b("2")), (a("2"), b("2", DONE))),
    "one ends under the key that another keeps": ((a("1"), b("2")), (a("2", DONE), b("2"))),
}


@pytest.mark.parametrize("moves", LEGAL)
async def test_keys_move_between_incidents_in_one_change(new_state: NewState, moves: str) -> None:
    before, after = LEGAL[moves]
    for ordered in permutations(after):
        async with opened(await new_state()) as store:
            await store.commit(Change(incidents=before))
            await store.commit(Change(incidents=ordered))
            found = {record.incident.id: record.incident for record in await store.list_incidents()}
            assert found == {one.id: one for one in after}


@pytest.mark.parametrize("after", [(b("1"),), (a("2"), b("2")), (a("1"), b("1")), (a("2", DONE), c("2"))])
async def test_two_open_incidents_never_have_one_key(address: str, after: tuple[Incident, ...]) -> None:
    before = [a("1"), b("2")]
    async with opened(address) as store:
        await store.commit(Change(incidents=tuple(before)))
        with pytest.raises(StateError, match=r"contradicts what is stored .*_?key"):
            await store.commit(Change(incidents=after))
        assert await store.open_incidents() == before
