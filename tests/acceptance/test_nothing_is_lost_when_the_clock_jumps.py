"""The wall clock of a running porter is set by two hours, and back: no letter is lost, repeated or made up.

What is unacknowledged by the clock for longer than a level waits is escalated, once: the porter does not know
better than the clock on the wall, and rather wakes somebody early than never. The letters of the night go out
whatever the clock says.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.inbox import Inbox, inbox
from tests.support.polling import until
from tests.support.process import A, B, Porter, free_port, porter, states
from tests.support.torture_clock import Wall, wall
from tests.support.vendor import Vendor, vendor

TWO_HOURS = 7200
LEAD = "lead@hotel.example"
BODY = """\
integrations:
  payment:
    url: {gateway}
    checks: {{health: {{interval: 1s}}}}
  door_locks:
    kind: generic
    checks:
      gateway: {{type: http, url: "{locks}/locks", interval: 1s}}
      night_audit: {{type: heartbeat, interval: 24h}}
mail:
  from: "Night Porter <nightporter@hotel.example>"
  relays: [{{host: 127.0.0.1, port: {relay}, security: none}}]
escalation:
  levels:
    - {{level: 1, role: Support, email: [a@hotel.example, b@hotel.example]}}
    - {{level: 2, role: Lead, email: [lead@hotel.example]}}
"""


@dataclass(frozen=True, slots=True)
class House:
    """A porter by a clock that can be set, a gateway that may fail, and locks that never do."""

    porter: Porter
    clock: Wall
    gateway: Vendor
    locks: Vendor

    async def set(self, seconds: float) -> None:
        """Set the clock, and wait until everything has been looked at by it, twice at the least."""
        self.clock.set(seconds)
        asked = self.locks.requests.total(), self.gateway.requests.total()
        await until(
            lambda: (
                self.locks.requests.total() > asked[0] + 1 and self.gateway.requests.total() > asked[1] + 1
            ),
            30,
            "the porter to look on after the clock was set",
        )


@asynccontextmanager
async def house(directory: Path, relay: int) -> AsyncIterator[House]:
    clock = wall(directory)
    async with vendor() as gateway, vendor() as locks:
        body = BODY.format(gateway=gateway.url, locks=locks.url, relay=relay)
        async with porter(directory, body, start=False) as one:
            one.environment |= clock.environment
            await one.start()
            status, _ = await one.post("/api/v1/heartbeats/grand-harbour/door_locks/night_audit")
            assert status == 200
            for name, check in (
                ("payment", "health"),
                ("door_locks", "gateway"),
                ("door_locks", "night_audit"),
            ):
                await states(one, name, check, "ok")
            yield House(one, clock, gateway, locks)


async def test_a_clock_that_is_set_makes_up_no_mail_and_escalates_what_is_open_once(tmp_path: Path) -> None:
    async with inbox() as mails, house(tmp_path, mails.port) as one:
        for seconds in (TWO_HOURS, -TWO_HOURS, 0):
            await one.set(seconds)
        assert mails.subjects() == [], "nothing has happened"

        one.gateway.status = 503
        for who in (A, B):
            await mails.expect("problem", to=who)
        await one.set(-TWO_HOURS)
        assert mails.subjects() == [], "nobody is due any earlier by a clock that was set back"
        await one.set(TWO_HOURS)
        await mails.expect("escalation", to=LEAD)
        await one.set(0)
        assert mails.subjects() == [], "each is told once, whatever the clock says afterwards"

        one.gateway.status = 200
        for who in (A, B, LEAD):
            await mails.expect("resolved", to=who)


async def test_letters_that_wait_go_out_after_the_clock_was_set_either_way(tmp_path: Path) -> None:
    relay = free_port()
    async with house(tmp_path, relay) as one:
        one.gateway.status = 503
        await _tried(one.porter)
        await one.set(-TWO_HOURS)
        async with inbox(relay) as mails:
            await _all_told(one.porter, mails, "problem", A, B)
        one.gateway.status = 200
        await _tried(one.porter)
        await one.set(TWO_HOURS)
        async with inbox(relay) as mails:
            await _all_told(one.porter, mails, "resolved", A, B)


async def _tried(one: Porter) -> None:
    """Wait until there are letters, and none that waits has not been tried."""

    def tried(answer: dict[str, list[dict[str, list[dict[str, object]]]]]) -> bool:
        rows = [row for incident in answer["incidents"] for row in incident["notifications"]]
        waiting = [row for row in rows if row["state"] == "pending"]
        return bool(waiting) and all(row["attempts"] for row in waiting)

    await one.poll("/api/v1/incidents", tried)


async def _all_told(one: Porter, mails: Inbox, kind: str, *people: str) -> None:
    """Wait, for longer than any pause between two attempts, until people were told and nothing waits."""

    def over(answer: dict[str, list[dict[str, list[dict[str, str]]]]]) -> bool:
        rows = [row for incident in answer["incidents"] for row in incident["notifications"]]
        return {row["state"] for row in rows} == {"sent"}

    for who in people:
        await mails.expect(kind, to=who, within=180)
    await one.poll("/api/v1/incidents", over)
