"""Several porters over one PostgreSQL state: each hotel is looked after once, whoever comes or goes."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daemon.demo.postgres import Postgres
from tests.support.inbox import Inbox, inbox
from tests.support.polling import until
from tests.support.postgres import Database, state_database
from tests.support.replicas import Replica, replicas
from tests.support.vendor import Vendor, vendor


@dataclass(frozen=True)
class House:
    """Replicas on duty, and what is around them."""

    base: Database
    made: list[Replica]
    gateway: Vendor
    mails: Inbox


HOTELS = ["alba", "bellevue", "corona", "dolder", "eden", "flora"]


@asynccontextmanager
async def house(directory: Path, pg: Postgres, *names: str) -> AsyncIterator[House]:
    """Have replicas of these names on duty, before a vendor and an inbox."""
    async with (
        state_database(pg) as base,
        vendor() as gateway,
        inbox() as mails,
        replicas(directory, list(names), HOTELS, state=base.dsn, url=gateway.url, relay=mails.port) as made,
    ):
        await asyncio.gather(*(one.start() for one in made))
        yield House(base, made, gateway, mails)


def shared(some: Sequence[Replica]) -> bool:
    """Say whether every hotel is held once, and all replicas have as many as the others."""
    held = [one.holds() for one in some]
    count = Counter(hotel for hotels in held for hotel in hotels)
    sizes = {len(hotels) for hotels in held}
    return dict(count) == dict.fromkeys(HOTELS, 1) and max(sizes) - min(sizes) <= 1


def all_sent(answer: dict[str, Any]) -> bool:
    """Say whether no letter waits: what a crash leaves half sent is sent once more."""
    return all(row["state"] == "sent" for one in answer["incidents"] for row in one["notifications"])


async def told(mails: Inbox, kind: str) -> None:
    """Take one mail of a kind for each hotel's people."""
    for hotel in HOTELS:
        await mails.expect(kind, to=f"night@{hotel}.example")


async def test_each_incident_is_mailed_once_whoever_has_the_hotel(tmp_path: Path, pg: Postgres) -> None:
    async with house(tmp_path, pg, "one", "two", "three") as all_of_it:
        made, gateway, mails = all_of_it.made, all_of_it.gateway, all_of_it.mails
        await until(lambda: shared(made), 20, "the hotels to be shared")
        gateway.status = 503
        await told(mails, "problem")
        gateway.status = 200
        await told(mails, "resolved")
        for one in made:
            found = await one.incidents()
            assert Counter(each["hotel"] for each in found) == dict.fromkeys(HOTELS, 1), "all see all"
            status = await one.json("/api/v1/status")
            assert set(status["hotels"]) == set(HOTELS)
        assert await made[0].stop() == 0
        await until(lambda: shared(made[1:]), 5, "those that were given back to be taken")


async def test_what_a_dead_or_stopped_replica_held_is_taken_over_and_told_of_once(
    tmp_path: Path, pg: Postgres
) -> None:
    async with house(tmp_path, pg, "one", "two", "three") as all_of_it:
        made, gateway, mails = all_of_it.made, all_of_it.gateway, all_of_it.mails
        await until(lambda: shared(made), 20, "the hotels to be shared")
        first, second, third = made
        gateway.status = 503
        await told(mails, "problem")
        await third.poll("/api/v1/incidents", all_sent)
        await first.kill()
        await until(lambda: shared([second, third]), 10, "the hotels of the dead to be taken over")
        second.send(signal.SIGSTOP)
        await until(lambda: third.holds() == frozenset(HOTELS), 10, "all hotels to be taken over")
        gateway.status = 200
        second.send(signal.SIGCONT)
        await told(mails, "resolved")
        await until(lambda: shared([second, third]), 20, "the one that was stopped to have its share again")
        found = await third.incidents()
        assert Counter(each["hotel"] for each in found) == dict.fromkeys(HOTELS, 1)
        assert {each["state"] for each in found} == {"resolved"}


async def test_whoever_is_asked_sees_to_it_that_the_right_one_acts(tmp_path: Path, pg: Postgres) -> None:
    async with house(tmp_path, pg, "one", "two") as all_of_it:
        made, gateway, mails = all_of_it.made, all_of_it.gateway, all_of_it.mails
        await until(lambda: shared(made), 20, "the hotels to be shared")
        gateway.status = 503
        await told(mails, "problem")
        one, other = made
        for each in await one.incidents():
            status, text = await one.post(
                f"/api/v1/incidents/{each['id']}/ack", json={"by": "Ana", "note": "on it"}
            )
            assert status == 200, text
        assert {each["state"] for each in await other.incidents()} == {"acknowledged"}
        for hotel in HOTELS:
            path = f"/api/v1/heartbeats/{hotel}/door_locks/backup"
            assert (await other.post(path, json={"status": "ok"}))[0] == 200
        until_then = (await one.incidents())[0]["acknowledged_until"]
        silenced = {"match": {"integration": "payment"}, "to": until_then, "by": "Ana", "reason": "repairs"}
        assert (await one.post("/api/v1/silences", json=silenced))[0] == 201
        await other.poll("/api/v1/silences", lambda answer: len(answer["silences"]) == 1)
        for each in await other.incidents():
            status, text = await other.post(f"/api/v1/incidents/{each['id']}/resolve", json={"by": "Ana"})
            assert status == 200, text
        await told(mails, "resolved")


async def test_a_replica_that_was_not_upgraded_with_the_state_leaves_the_hotels_alone(
    tmp_path: Path, pg: Postgres
) -> None:
    async with house(tmp_path, pg, "old") as all_of_it:
        (old,) = all_of_it.made
        await until(lambda: old.holds() == frozenset(HOTELS), 20, "the hotels to be taken")
        await all_of_it.base.run("UPDATE alembic_version SET version_num = '9999_of_a_newer_one'")
        await until(lambda: not old.holds(), 10, "the hotels to be let go")
        status, reason = await old.get("/-/ready")
        assert status == 503
        assert "upgraded by a newer Night Porter" in reason
        all_of_it.gateway.status = 503
        assert (await old.get("/-/healthy"))[0] == 200
        assert await all_of_it.base.value("SELECT count(*) FROM hotels WHERE owner IS NOT NULL") == len(
            HOTELS
        )
