"""What goes wrong together, or again and again."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

from checks.result import Reason, Sign
from daemon.demo import log_writer as logs
from daemon.demo import processes
from daemon.demo.fault import Fault, critical
from daemon.demo.faults_tables import CHANGE, FORGET_CHANGES, of
from daemon.demo.hotel import Hotel

WRONG, RIGHT = 8.0, 6.0
"""Seconds that a flapping vendor is down and up."""


def faults(single: dict[str, Fault]) -> Iterator[Fault]:
    """Yield every fault, made of the single ones where that will do."""
    yield _modifications()
    yield _both(
        "fallback-lost",
        "The OTA is down, and so is the hotel's mail, which would have to do instead",
        single["vendor-outage:ota"],
        single["smtp-port-blocked:refused"],
    )
    slow, flood = single["slow-responses:channel-manager"], single["high-update-volume"]
    yield _both(
        "network-latency",
        "Everything takes long on the way to the channel manager, and updates queue up",
        slow,
        flood,
    )
    yield _change(single["api-credentials-invalid:booking-engine"], single["webhook-url-wrong"])
    yield _flapping(single["vendor-outage"])


def _modifications() -> Fault:
    async def reject(hotel: Hotel) -> None:
        for _ in range(12):
            hotel.logs.write(logs.OTA, "ERROR", "modification OTA-RES-3 rejected: validation failed")
        await of(hotel).run(CHANGE.format("OTA-RES-3-X", "failed", "'validation: check-out before check-in'"))

    async def accept(hotel: Hotel) -> None:
        hotel.logs.cut(logs.OTA, "validation failed")
        await of(hotel).run(FORGET_CHANGES.format("OTA-RES-3-X"))

    return Fault(
        "modification-rejected",
        "Modifications from the OTA are rejected: their dates make no sense",
        (
            critical("expedia/modification_queue", Reason.CONTENT, Sign.QUEUE_FAILED, Sign.CHANGES_REJECTED),
            critical("expedia/modification_log", Reason.THRESHOLD, Sign.LOG_FAILURES, Sign.CHANGES_REJECTED),
        ),
        reject,
        accept,
        needs_database=True,
    )


def _both(name: str, sentence: str, *of_these: Fault) -> Fault:
    async def on(hotel: Hotel) -> None:
        for one in of_these:
            await one.on(hotel)

    async def off(hotel: Hotel) -> None:
        for one in of_these:
            await one.off(hotel)

    return Fault(
        name,
        sentence,
        tuple(turn for one in of_these for turn in one.turns),
        on,
        off,
        needs_database=any(one.needs_database for one in of_these),
        in_time=any(one.in_time for one in of_these),
        in_stages=True,
    )


def _change(*of_these: Fault) -> Fault:
    both = _both(
        "local-change", "After a deployment a key is wrong and a route is gone, both at once", *of_these
    )

    async def deploy(hotel: Hotel) -> None:
        hotel.processes.restart(processes.BOOKING, 1)
        await both.on(hotel)

    async def roll_back(hotel: Hotel) -> None:
        await both.off(hotel)
        hotel.processes.settle(processes.BOOKING)

    return replace(both, on=deploy, off=roll_back, stirs=frozenset({"booking_engine/sync_process"}))


def _flapping(outage: Fault) -> Fault:
    async def flap(hotel: Hotel) -> None:
        try:
            while True:
                await outage.on(hotel)
                await asyncio.sleep(WRONG)
                await outage.off(hotel)
                await asyncio.sleep(RIGHT)
        finally:
            await outage.off(hotel)

    async def on(hotel: Hotel) -> None:
        hotel.begin("flapping", flap(hotel))

    async def off(hotel: Hotel) -> None:
        await hotel.end("flapping")

    said = "The payment gateway fails, recovers, and fails again"
    return Fault("flapping", said, outage.turns, on, off, in_stages=True)
