"""The noise of a hotel that is well, as looks see it: lost probes, slow answers, maintenance, busy evenings.

What a probe would see is made by the probes' own judgement where numbers are held against limits: payments,
queues, certificates. Everything else was recorded.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from checks import tls
from checks.certificate import Certificate
from checks.check import NETWORK, Check
from checks.connection import Place
from checks.result import RESPONSE_TIME, STARTED, Phase, Reason, Result, Sign, State, failed
from tests.support.month_business import Business
from tests.support.month_calendar import DAY, Calendar, Days, Stretch, at_local
from tests.support.month_recording import Recorded

LOST = 0.01
"""The share of probes that the network loses, each for itself."""

MOST_LOST = 2
"""Failures in a row that noise makes at the most: a third is what the contract calls a breach."""

CONTROL_LOST = 0.002
NIGHT, NIGHT_ENDS = timedelta(hours=3), timedelta(hours=3, minutes=20)
VARIANTS = 256
BY_DNS = frozenset({"spf", "dkim", "dmarc", "blocklist"})
VENDORS = ("booking_engine", "expedia", "payment", "email", "channel_manager")
OWN_SERVER = frozenset({"webhook", "database"})
RETRANSMITTED, TWICE = 0.01, 0.0002
"""The shares of answers that come a second later, or three, as a packet was lost on the way."""

BURST_AT_MOST = 2500.0
BACKUP_MEDIAN = 500.0
"""Milliseconds."""


def drawn(random: Random, median: float, sigma: float = 0.35) -> float:
    """Return a time in milliseconds as answers take it: log-normal, a packet lost now and then."""
    taken = median * math.exp(random.gauss(0.0, sigma))
    luck = random.random()
    return taken + (3000.0 if luck < TWICE else 1000.0 if luck < RETRANSMITTED else 0.0)


def slower(result: Result, milliseconds: float) -> Result:
    """Return an answer that took so long; the time goes by while the other side works."""
    seconds = milliseconds / 1000
    rest = sum(taken for phase, taken in result.phases.items() if phase is not Phase.PROCESSING)
    phases = {**result.phases, Phase.PROCESSING: max(0.0, seconds - rest)} if result.phases else result.phases
    return replace(
        result,
        measurements={**result.measurements, RESPONSE_TIME: milliseconds},
        phases=phases,
        duration=seconds,
    )


def _lost(check: Check) -> tuple[Result, ...]:
    """Return what a look sees whose packets are lost."""
    said = f"no answer within {check.timeout:g} s"
    silent = replace(
        failed(Reason.TIMEOUT, f"{said} while waiting for the answer"),
        failed_phase=Phase.PROCESSING,
        duration=check.timeout,
    )
    nowhere = replace(
        failed(Reason.TIMEOUT, f"{said} while connecting"),
        failed_phase=Phase.CONNECT,
        duration=check.timeout,
    )
    reset = replace(failed(Reason.CONNECT, "the connection was reset"), failed_phase=Phase.TLS, duration=0.2)
    return (silent, silent, nowhere, reset)


@dataclass(slots=True)
class _Seen:
    """What is usual of one check, and how many of its looks failed in a row."""

    check: Check
    usual: Result
    variants: tuple[Result, ...]
    lost: tuple[Result, ...]
    failures: int = 0


class Noise:
    """A hotel in good health, over some days. `spared` counts third losses in a row that were not made."""

    def __init__(
        self,
        checks: tuple[Check, ...],
        healthy: Mapping[str, Recorded],
        random: Random,
        days: Days,
    ) -> None:
        self.spared = 0
        self.lost = 0
        self._random = random
        self._first = days.first
        self._seen = {
            check.id.integration + "/" + check.id.check: self._of(check, healthy) for check in checks
        }
        midnights = list(days.midnights())
        self._backups = Calendar(
            [Stretch(at_local(day, NIGHT), at_local(day, NIGHT_ENDS)) for day in midnights]
        )
        self._maintenance = {vendor: Calendar(list(self._nightly(midnights))) for vendor in VENDORS}
        self._bursts = {vendor: Calendar(list(self._slow(midnights))) for vendor in VENDORS}
        self._floods = Calendar(list(self._flooded(midnights)))
        self._restarts = [at_local(day, NIGHT + timedelta(minutes=random.uniform(4, 6))) for day in midnights]
        owners = (*VENDORS, "pms")
        self._ends = {owner: days.first + timedelta(days=random.uniform(32, 85)) for owner in owners}
        self._specials: dict[str, Callable[[_Seen, datetime], Result | None]] = {
            "transactions": self._payments,
            "queue": self._queue,
            "tls": self._certificate,
            "process": self._process,
            "control": self._control,
            "database": self._database,
        } | dict.fromkeys(BY_DNS, self._silent)
        self._business = Business(random, days.zone)

    def _of(self, check: Check, healthy: Mapping[str, Recorded]) -> _Seen:
        usual = healthy[f"{check.id.integration}/{check.id.check}"].at(self._first)
        median = self._random.uniform(60.0, 220.0)
        timed = RESPONSE_TIME in usual.measurements
        variants = tuple(
            slower(usual, drawn(self._random, median)) for _ in range(VARIANTS if timed else 0)
        ) or (usual,)
        losing = check.type.name in NETWORK or check.id.check == "vendor_status"
        return _Seen(check, usual, variants, _lost(check) if losing else ())

    def _nightly(self, midnights: list[datetime]) -> Iterator[Stretch]:
        """Yield a vendor's maintenance: some nights, for a few minutes within those twenty."""
        for day in midnights:
            if self._random.random() < 0.4:
                begins = at_local(day, NIGHT + timedelta(minutes=self._random.uniform(0, 15)))
                yield Stretch(begins, begins + timedelta(minutes=self._random.uniform(2, 5)))

    def _slow(self, midnights: list[datetime]) -> Iterator[Stretch]:
        for day in midnights:
            for hour in self._random.sample(range(24), 2):
                begins = day + timedelta(hours=hour, minutes=self._random.uniform(0, 55))
                yield Stretch(begins, begins + timedelta(seconds=self._random.uniform(15, 60)), 8.0)

    def _flooded(self, midnights: list[datetime]) -> Iterator[Stretch]:
        """Yield bursts of updates: somebody changes the prices of a season."""
        for day in midnights:
            for hour in self._random.sample(range(8, 22), 3):
                begins = at_local(day, timedelta(hours=hour, minutes=self._random.uniform(0, 45)))
                much = self._random.uniform(300, 900)
                yield Stretch(begins, begins + timedelta(minutes=much / 90), much)

    def see(self, name: str, now: datetime) -> Result:
        """Return what a check sees now, as far as nothing is the matter."""
        seen = self._seen[name]
        result = self._see(seen, now)
        failing = result.state is not State.OK
        if failing and seen.failures >= MOST_LOST and result in seen.lost:
            self.spared += 1
            result, failing = self._random.choice(seen.variants), False
        seen.failures = seen.failures + 1 if failing else 0
        return result

    def _see(self, seen: _Seen, now: datetime) -> Result:
        random, check = self._random, seen.check.id.check
        vendor = seen.check.id.integration
        if vendor in VENDORS and check not in OWN_SERVER and seen.check.type.name in NETWORK:
            away = self._away(seen, now)
            if away is not None:
                return away
        if seen.lost and check != "control" and random.random() < LOST:
            self.lost += 1
            return random.choice(seen.lost)
        special = self._special(seen, now)
        if special is not None:
            return special
        result = random.choice(seen.variants)
        bursts = self._bursts.get(vendor)
        burst = bursts.at(now) if bursts is not None and len(seen.variants) > 1 else None
        if burst is not None:
            return slower(result, min(result.measurements[RESPONSE_TIME] * burst.much, BURST_AT_MOST))
        return result

    def _away(self, seen: _Seen, now: datetime) -> Result | None:
        """Return the answer of a vendor in maintenance, which says for how long it will be away."""
        vendor, kind = seen.check.id.integration, seen.check.type.name
        away = self._maintenance[vendor].at(now)
        if away is None or kind in {"tls", "smtp"}:
            return None
        left = (away.ends - now).total_seconds()
        return replace(
            slower(failed(Reason.SERVER_ERROR, "answered 503"), 80.0),
            retry_after=300.0 if vendor in {"expedia", "email"} else math.ceil(left),
            failed_phase=Phase.PROCESSING,
        )

    def _special(self, seen: _Seen, now: datetime) -> Result | None:
        """Return what only checks of its type see, None where that is as usual."""
        special = self._specials.get(seen.check.type.name)
        return special(seen, now) if special is not None else None

    def _payments(self, seen: _Seen, now: datetime) -> Result:
        return self._business.payments(seen.check, now)

    def _queue(self, seen: _Seen, now: datetime) -> Result | None:
        if seen.check.id.integration != "channel_manager":
            return None
        return self._business.queue(seen.check, now, self._floods.at(now))

    def _silent(self, _seen: _Seen, _now: datetime) -> Result | None:
        if self._random.random() >= LOST:
            return None
        return failed(Reason.QUERY, "the DNS servers did not answer")

    def _database(self, seen: _Seen, now: datetime) -> Result | None:
        """Return how slow the database is while the PMS is backed up."""
        if self._backups.at(now) is None:
            return None
        return slower(seen.usual, drawn(self._random, BACKUP_MEDIAN))

    def _control(self, seen: _Seen, _now: datetime) -> Result | None:
        if self._random.random() >= CONTROL_LOST:
            return None
        return replace(
            failed(Reason.TIMEOUT, "no control target answers", signs={Sign.CONTROL_LOST}),
            measurements={"targets": 2.0, "targets_failed": 2.0},
            duration=seen.check.timeout / 2,
        )

    def _certificate(self, seen: _Seen, now: datetime) -> Result:
        """Return how long a certificate lasts: ninety days, and it is renewed with a third of them left."""
        vendor = seen.check.id.integration
        if self._ends[vendor] - now < timedelta(days=30):
            self._ends[vendor] = now + timedelta(days=90)
        ends = self._ends[vendor]
        certificate = Certificate(ends - timedelta(days=90), ends, ("api.vendor.demo",), self_signed=False)
        return tls.judge(certificate, Place("api.vendor.demo", 443), now)

    def _process(self, seen: _Seen, now: datetime) -> Result:
        """Return how a process is: it is restarted every night, and not there for some seconds."""
        last = self._restarts[max(0, bisect_right(self._restarts, now) - 1)]
        since = (now - last).total_seconds()
        if 0 <= since < 15:
            said = f"{seen.check.id.check} is not running: stopped"
            return failed(Reason.PROCESS, said, signs={Sign.NOT_RUNNING})
        started = last if since >= 0 else self._first - DAY
        return replace(seen.usual, measurements={**seen.usual.measurements, STARTED: started.timestamp()})
