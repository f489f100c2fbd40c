"""Several porters over one PostgreSQL state, each a process of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.process import Porter

HOUSE = """\
hotels_dir: {hotels}
state: {state}
listen: 127.0.0.1:{port}
thresholds: {{failures: 2, successes: 2}}
mail:
  from: "Night Porter <nightporter@hotel.example>"
  relays: [{{host: 127.0.0.1, port: {relay}, security: none}}]
"""
HOTEL = """\
hotel: {{id: {hotel}, name: Hotel {hotel}, timezone: Europe/Lisbon}}
integrations:
  payment:
    url: {url}/{hotel}
    checks: {{health: {{interval: 1s}}}}
  door_locks:
    kind: generic
    checks:
      backup: {{type: heartbeat, interval: 1h}}
escalation:
  levels: [{{level: 1, role: Support, email: [night@{hotel}.example]}}]
"""


class Replica(Porter):
    """One porter of several: its own port and log, the same hotels, mail and state as the others."""

    def __init__(self, directory: Path, hotels: Path, state: str, relay: int) -> None:
        directory.mkdir()
        self._house = {"hotels": hotels, "state": state, "relay": relay}
        super().__init__(directory, "")

    def write(self, body: str) -> None:
        """Write the configuration."""
        self.config.write_text(HOUSE.format(port=self.port, **self._house) + body)

    def holds(self) -> frozenset[str]:
        """Return the hotels that it looks after, as it has logged them."""
        held: set[str] = set()
        for line in self.logged("porter.starting", "hotels.moved"):
            if line["event"] == "porter.starting":
                held.clear()
            if line["event"] == "hotels.moved":
                held = (held | set(line["came"])) - set(line["went"])
        return frozenset(held)


@asynccontextmanager
async def replicas(
    directory: Path, names: list[str], hotels: list[str], *, state: str, url: str, relay: int
) -> AsyncIterator[list[Replica]]:
    """Have replicas, none of which is started; what runs at the end is killed."""
    place = directory / "hotels.d"
    place.mkdir()
    for hotel in hotels:
        (place / f"{hotel}.yml").write_text(HOTEL.format(hotel=hotel, url=url))
    made = [Replica(directory / name, place, state, relay) for name in names]
    try:
        yield made
    finally:
        for one in made:
            if one.process is not None and one.process.returncode is None:
                await one.kill()
