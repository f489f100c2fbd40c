"""Rules about queues that do not empty: too much at once, or workers that do not get on."""

from alerts.diagnosis import explains
from alerts.diagnosis.conditions import fine, no
from alerts.diagnosis.flow_conditions import (
    PROCESS,
    STOP_SELL,
    WAITING,
    queue_falls_behind,
    queue_moves,
    queue_shows,
    stale,
    vendor_hinders,
)
from alerts.diagnosis.rule import Rule, Words
from alerts.incident import Cause
from checks.result import Sign

MODIFICATIONS = "modification_queue"
CHANNEL_MANAGER = frozenset({"channel_manager"})

OLDEST = (
    "SELECT id, status, created_at, started_at, error FROM channel_manager_queue WHERE status IN ('pending', "
    "'processing') ORDER BY created_at LIMIT 10;"
)

_HELD_UP = explains.either(explains.checks("queue"), stale("log", "health"))
"""What a queue that does not empty leaves behind: channels that have not been told for too long."""

_MOVES = queue_moves("updates are being done")
_ONLINE = fine(PROCESS, "the workers are online")

_VOLUME = Rule(
    Cause.HIGH_UPDATE_VOLUME,
    Words(
        title="more updates wait than usual",
        sentence="is told of changes late: more of them came at once than its workers send",
        summary="The queue is long, but it moves, and the vendor does not slow us down: a bulk change, or an "
        "import.",
        steps=(
            STOP_SELL,
            (
                "Find who changes so much (a bulk upload, a loop), and stop what can wait. At 10 updates a "
                "second (batches of 10, a pause of 1 s) 1,000 take about 2 minutes."
            ),
            (
                "If it still grows after 5 minutes: `pm2 scale {process} +2` on the PMS's host. Not if the "
                "channel manager answers 429 (too many requests): more workers make that worse."
            ),
        ),
    ),
    needs=(
        queue_shows("more updates wait, or for longer, than should", *WAITING),
        _MOVES,
    ),
    unless=(
        vendor_hinders(),
        queue_falls_behind(),
    ),
    supports=(_ONLINE,),
    explains=_HELD_UP,
    kinds=CHANNEL_MANAGER,
    test="Count what is pending twice, a minute apart: if it falls by far less than 600, the workers do not "
    "get on.",
)

_STUCK = Words(
    title="updates are stuck in the queue",
    sentence="is not told of changes: the workers run, but do not get on",
    summary="The workers are there and the vendor is well, but the queue does not empty: a hanging worker, "
    "or an update that none of them gets done.",
    steps=(
        STOP_SELL,
        (
            "On the PMS's host run `pm2 restart {process}`, then `pm2 list`; the queue should fall within a "
            "minute."
        ),
        "If it does not, look at the oldest: " + OLDEST + " One that stays `processing` blocks the rest: set "
        "its status to 'failed', and send that night by hand.",
    ),
)

_BOTTLENECK = Rule(
    Cause.PROCESSING_BOTTLENECK,
    _STUCK,
    needs=(
        queue_shows("updates are stuck, or wait for too long", *WAITING, Sign.QUEUE_STUCK, Sign.QUEUE_FAILED),
        no(_MOVES, "no update gets done"),
    ),
    unless=(vendor_hinders(),),
    supports=(_ONLINE,),
    explains=_HELD_UP,
    kinds=CHANNEL_MANAGER,
    test="Restart the workers: if the queue falls at once, one was hanging; if not, look at the oldest row.",
)

_BLOCKED = Rule(
    Cause.PROCESSING_BOTTLENECK,
    Words(
        title="some updates are stuck in work",
        sentence="is not told of some changes: its workers do not get done what they took",
        summary="Updates have been in work for longer than any takes: a hanging worker, or an update that "
        "none of them gets done. Others may get done meanwhile.",
        steps=_STUCK.steps,
    ),
    needs=(queue_shows("updates are stuck in work", Sign.QUEUE_STUCK),),
    unless=(vendor_hinders(),),
    supports=(_ONLINE,),
    explains=_HELD_UP,
    kinds=CHANNEL_MANAGER,
    test=_BOTTLENECK.test,
)

_FALLING_BEHIND = Rule(
    Cause.PROCESSING_BOTTLENECK,
    Words(
        title="the queue is worked off too slowly",
        sentence="is told of changes late: the workers get on, but too slowly",
        summary="Some updates get done, but too few, or not the oldest ones: too few workers, one that "
        "hangs, or an update that none of them gets done.",
        steps=_STUCK.steps,
    ),
    needs=(queue_shows("updates wait for too long, or too many of them", *WAITING, Sign.QUEUE_FAILED),),
    unless=(vendor_hinders(),),
    supports=(_ONLINE, queue_falls_behind()),
    explains=_HELD_UP,
    kinds=CHANNEL_MANAGER,
    prior=0.7,
    test="Count what is pending twice, a minute apart: if it falls by 600 or so, the workers do get on, and "
    "there is only too much.",
)

_CHANGES_WAIT = Rule(
    Cause.PROCESSING_BOTTLENECK,
    Words(
        title="modifications are not worked off",
        sentence="sends changes of bookings that do not get into the PMS: they wait in its queue",
        summary="Modifications and cancellations arrive, but the PMS does not work them off: a worker that "
        "hangs, or a modification that it cannot do.",
        steps=(
            (
                "Enter those of the next arrivals by hand: SELECT id, ota_reservation_id, room_type, "
                "new_check_in, new_check_out FROM ota_modification_queue WHERE status = 'pending' ORDER BY "
                "new_check_in LIMIT 20;"
            ),
            (
                "On the PMS's host find the process that works them off (`pm2 list`), and restart it: "
                "`pm2 restart NAME`."
            ),
            (
                "If the oldest still waits, that one blocks the rest: set its status to 'failed', enter it "
                "by hand, and keep its error for the makers of the PMS."
            ),
        ),
    ),
    needs=(queue_shows("modifications wait for too long", *WAITING, Sign.QUEUE_STUCK, check=MODIFICATIONS),),
    explains=explains.both(explains.checks(MODIFICATIONS), explains.signs(*WAITING, Sign.QUEUE_STUCK)),
    test="Restart what works them off: if the oldest goes, a worker was hanging; if not, look at that row.",
)

RULES: tuple[Rule, ...] = (_BLOCKED, _VOLUME, _BOTTLENECK, _FALLING_BEHIND, _CHANGES_WAIT)
"""What is stuck is stuck however much comes; what nothing else explains is at least too slow."""
