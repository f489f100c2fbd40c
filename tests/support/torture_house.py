"""A house of many hotels, whose integrations are watched every second by impatient people."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.torture_audit import First

HOUSE = """\
hotels_dir: {hotels}
state: {state}
listen: 127.0.0.1:{port}
thresholds:
  {{failures: {runs}, successes: {runs}, window: 4s, response_time_ms: 60000, error_rate_percent: 100}}
mail:
  from: "Night Porter <nightporter@hotel.example>"
  relays: [{relays}]
  max_per_hour: {max_per_hour}
"""
RELAY = "{{host: 127.0.0.1, port: {port}, security: starttls, ca_file: {ca_file}}}"
HOTEL = """\
hotel: {{id: {hotel}, name: Hotel {hotel}, timezone: Europe/Lisbon}}
integrations:
{integrations}
escalation:
  levels:
    - {{level: 1, role: Support, email: [{night}, {day}]}}
    - {{level: 2, role: Lead, email: [{lead}]}}
  front_desk: {{email: [{desk}]}}
  after: {{level_2: 4s, level_3: 1h}}
"""
INTEGRATION = """\
  {name}:
    kind: generic
    checks:
      health: {{type: http, url: "{url}/{hotel}/{name}", interval: 1s, timeout: 1s}}
"""
UNREACHED = "network/monitor-misconfigured"
PLENTY = 1_000_000
"""Mails an hour that bundle nothing."""


@dataclass(frozen=True, slots=True)
class Staff:
    """Who is told of a hotel's incidents."""

    hotel: str

    @property
    def support(self) -> tuple[str, str]:
        """Level 1, who is told at once."""
        return f"night@{self.hotel}.example", f"day@{self.hotel}.example"

    @property
    def desk(self) -> str:
        """The front desk, who is told at once of what is critical."""
        return f"desk@{self.hotel}.example"

    @property
    def first(self) -> First:
        """Who is told at once."""
        return First(frozenset(self.support), frozenset({*self.support, self.desk}))

    @property
    def lead(self) -> str:
        """Who is told when nobody takes care."""
        return f"lead@{self.hotel}.example"


@dataclass(frozen=True, slots=True)
class House:
    """What is watched and who is told.

    `url` is where the vendors of a hotel of a number answer; `gone` says in which hotels an address of level
    1 is refused.
    """

    directory: Path
    url: Callable[[int], str]
    relays: Sequence[int]
    ca_file: Path
    hotels: int = 24
    integrations: int = 4
    gone: Sequence[int] = (2, 5, 11)
    max_per_hour: int = PLENTY
    runs: int = 2

    @property
    def staff(self) -> dict[str, Staff]:
        """Who is told, by hotel."""
        return {name: Staff(name) for name in (f"h{number}" for number in range(self.hotels))}

    @property
    def refused(self) -> frozenset[str]:
        """Addresses that no relay takes."""
        return frozenset(f"day@h{number}.example" for number in self.gone)

    @property
    def lasting(self) -> frozenset[str]:
        """Keys of the incidents that are open for as long as somebody is refused."""
        return frozenset(f"h{number}/{UNREACHED}" for number in self.gone)

    def furnish(self) -> None:
        """Write the hotels' files."""
        place = self.directory / "hotels.d"
        place.mkdir()
        for at, (hotel, staff) in enumerate(self.staff.items()):
            night, day = staff.support
            integrations = "".join(
                INTEGRATION.format(name=f"i{number}", url=self.url(at), hotel=hotel)
                for number in range(self.integrations)
            )
            text = HOTEL.format(
                hotel=hotel,
                integrations=integrations.rstrip(),
                night=night,
                day=day,
                desk=staff.desk,
                lead=staff.lead,
            )
            (place / f"{hotel}.yml").write_text(text)

    def text(self, state: str, port: int, relays: Sequence[int] | None = None) -> str:
        """Return the configuration of a process that listens on this port."""
        return HOUSE.format(
            hotels=self.directory / "hotels.d",
            state=state,
            port=port,
            relays=", ".join(RELAY.format(port=one, ca_file=self.ca_file) for one in relays or self.relays),
            max_per_hour=self.max_per_hour,
            runs=self.runs,
        )
