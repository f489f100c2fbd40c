"""The storm: every check of a chain of hotels breaches within a minute; what is counted, and measured."""

import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from tests.support.smtp import Authority
from tests.support.torture_audit import Evidence, First, audit
from tests.support.torture_clock import Wall
from tests.support.torture_relay import Relay, relay
from tests.support.torture_replica import Replica
from tests.support.torture_state import breached, picture, unfinished
from tests.support.torture_vendor import Vendors, vendors

HOUSE = """\
hotels_dir: {hotels}
state: {state}
listen: 127.0.0.1:{port}
log: {{level: warning}}
thresholds: {{failures: 1, successes: 1, window: 1s, response_time_ms: 60000, error_rate_percent: 100}}
mail:
  from: "Night Porter <nightporter@chain.example>"
  relays: [{{host: 127.0.0.1, port: {relay}, security: starttls, ca_file: {ca_file}}}]
  max_per_hour: {max_per_hour}
"""
HOTEL = """\
hotel: {{id: {hotel}, name: Hotel {hotel}, timezone: UTC}}
integrations:
{integrations}
escalation:
  levels: [{{level: 1, role: Operations, email: [{team}]}}]
"""
INTEGRATION = """\
  {name}:
    kind: generic
    checks:
{checks}
"""
CHECK = """\
      {check}: {{type: http, url: "{url}/{hotel}/{name}/{check}", interval: {interval}s, timeout: {timeout}s}}
"""
TEAM = "operations@chain.example"
OWN = ("h0/network/monitor-overloaded",)
"""What the porter tells of itself when it has too much to do: over only when it has been calm for a while."""

BUNDLED_AFTER = 660
"""Seconds after which what waits for a bundle has been bundled."""

PAGE = 4096
"""Bytes in which /proc counts memory."""

LAG = "nightporter_event_loop_lag_seconds"


@dataclass(frozen=True, slots=True)
class Chain:
    """How large it is, and how often every check looks, in seconds."""

    hotels: int
    integrations: int
    checks: int
    interval: int
    max_per_hour: int = 60

    @property
    def breaches(self) -> int:
        """How many checks there are to breach."""
        return self.incidents * self.checks

    @property
    def incidents(self) -> int:
        """How many integrations there are to be told of."""
        return self.hotels * self.integrations

    @property
    def names(self) -> list[str]:
        """The hotels."""
        return [f"h{number}" for number in range(self.hotels)]

    def write(self, directory: Path, url: Callable[[int], str]) -> Path:
        """Write the hotels' files; return where they are."""
        place = directory / "hotels.d"
        place.mkdir()
        for number, hotel in enumerate(self.names):
            text = "".join(
                self._integration(url(number), hotel, f"i{one}") for one in range(self.integrations)
            )
            (place / f"{hotel}.yml").write_text(
                HOTEL.format(hotel=hotel, integrations=text.rstrip(), team=TEAM)
            )
        return place

    def _integration(self, url: str, hotel: str, name: str) -> str:
        timeout = min(self.interval, 10)
        checks = "".join(
            CHECK.format(
                check=f"c{one}", url=url, hotel=hotel, name=name, interval=self.interval, timeout=timeout
            )
            for one in range(self.checks)
        )
        return INTEGRATION.format(name=name, checks=checks.rstrip())


@dataclass
class Weather:
    """A storm's figures. Times are seconds, memory is bytes; `to_enqueue` has an entry a letter."""

    breaches: int = 0
    lasted: float = 0.0
    incidents: int = 0
    mails: Counter[str] = field(default_factory=Counter)
    later: Mapping[str, int] = field(default_factory=dict)
    wrong: Sequence[str] = ()
    to_enqueue: Sequence[float] = ()
    since_breach: Sequence[float] = ()
    lag: Mapping[float, float] = field(default_factory=dict)
    memory_before: int = 0
    memory_most: int = 0


@dataclass
class Storm:
    """The chain, and what goes on around it."""

    chain: Chain
    vendors: Vendors
    relay: Relay
    porter: Replica
    weather: Weather = field(default_factory=Weather)

    async def begin(self, within: float) -> None:
        """Wait until every check has been ok once."""
        assert await self.porter.ready(), self.porter.last_words()
        deadline = time.monotonic() + within
        while len(self.vendors.paths) < self.chain.breaches:
            await self._look_on(deadline, f"{len(self.vendors.paths)} checks have looked")
        self.weather.memory_before = self.weather.memory_most = self._memory()

    async def rage(self, within: float) -> None:
        """Let every vendor fail at once, until every check has breached and every incident is open."""
        weather, lag = self.weather, await self._lag()
        began = time.monotonic()
        self.vendors.broken = True
        while (count := await breached(self.porter.state)) < self.chain.breaches:
            await self._look_on(began + within, f"{count} breaches")
        weather.breaches, weather.lasted = count, time.monotonic() - began
        while (found := (await unfinished(self.porter.state))[1]) < self.chain.incidents:
            await self._look_on(began + within, f"{found} incidents")
        weather.incidents = found
        after = await self._lag()
        weather.lag = {bound: after[bound] - lag.get(bound, 0.0) for bound in after}

    async def pass_over(self, within: float) -> None:
        """Let all be well again, until nothing is open and no letter waits but for a bundle."""
        began = time.monotonic()
        self.vendors.broken = False
        while any(left := await unfinished(self.porter.state, but_held=True, but_about=OWN)):
            await self._look_on(began + within, f"{left[0]} letters wait, {left[1]} incidents are open")
        assert await self.porter.stop() == 0, self.porter.last_words()
        self.weather.mails = self._mails()

    async def settle(self, clock: Wall, within: float) -> None:
        """Start the porter once more when the time of the bundle has come, and hold all to the promise."""
        self.porter.environment = clock.environment
        clock.set(BUNDLED_AFTER)
        await self.porter.start()
        began = time.monotonic()
        while (left := await unfinished(self.porter.state))[0]:
            await self._look_on(began + within, f"{left[0]} letters wait")
        assert await self.porter.stop() == 0, self.porter.last_words()
        first = dict.fromkeys(self.chain.names, First(frozenset({TEAM}), frozenset({TEAM})))
        found = await picture(self.porter.state)
        verdict = audit(Evidence(found, self.relay.kept, (), first, lasting=OWN))
        self.weather.later, self.weather.wrong = verdict.figures, verdict.wrong

    def _mails(self) -> Counter[str]:
        """Return how many mails of each kind were kept."""
        heads = (message_from_bytes(one.content) for one in self.relay.kept)
        return Counter(str(head["X-Nightporter-Kind"]) for head in heads)

    def measure(self, timings: Path) -> Weather:
        """Return the figures."""
        weather = self.weather
        lines = [json.loads(line) for line in timings.read_text().splitlines()]
        weather.to_enqueue = sorted(line["to_enqueue"] for line in lines for _ in range(line["letters"]))
        weather.since_breach = sorted(line["since_breach"] for line in lines for _ in range(line["letters"]))
        return weather

    async def _look_on(self, deadline: float, what: str) -> None:
        assert time.monotonic() < deadline, f"not in time: {what}\n{self.porter.last_words()}"
        assert not await self.porter.ended(0.25), self.porter.last_words()
        self.weather.memory_most = max(self.weather.memory_most, self._memory())

    def _memory(self) -> int:
        assert self.porter.process is not None
        return int(Path(f"/proc/{self.porter.process.pid}/statm").read_text().split()[1]) * PAGE

    async def _lag(self) -> dict[float, float]:
        """Return how often the event loop was at most so late, by seconds."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{self.porter.port}/metrics") as answer,
        ):
            families = text_string_to_metric_families(await answer.text())
        samples = (one for family in families if family.name == LAG for one in family.samples)
        return {float(one.labels["le"]): one.value for one in samples if one.name == f"{LAG}_bucket"}


def quantile(values: Sequence[float], share: float) -> float:
    """Return the smallest of sorted values that so large a share of them does not exceed; 0 of none."""
    return values[min(len(values) - 1, int(share * len(values)))] if values else 0.0


def lag_quantile(buckets: Mapping[float, float], share: float) -> float:
    """Return the bound of the bucket in which a quantile of the lag lies, in seconds."""
    most = max(buckets.values(), default=0.0)
    return next((bound for bound, count in sorted(buckets.items()) if count >= share * most), 0.0)


@asynccontextmanager
async def storm(directory: Path, chain: Chain, timings: Path) -> AsyncIterator[Storm]:
    """Have a porter watch a chain of hotels that is well; it does not outlive the context."""
    authority = Authority()
    ca_file = directory / "ca.pem"
    ca_file.write_bytes(authority.pem)
    async with vendors(None) as ours, relay(None, authority.server()) as post:
        porter = Replica(directory, f"sqlite:///{directory}/state.db")
        porter.config.write_text(
            HOUSE.format(
                hotels=chain.write(directory, ours.url), state=porter.state, port=porter.port,
                relay=post.ports[0], ca_file=ca_file, max_per_hour=chain.max_per_hour,
            )
        )  # fmt: skip
        try:
            await porter.start(timings=timings)
            yield Storm(chain, ours, post, porter)
        finally:
            if porter.alive:
                await porter.kill()
