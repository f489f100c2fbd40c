"""Rules about what can be sold: the services that send it, caches, room types, and silence."""

from alerts.diagnosis import explains, flow_rooms
from alerts.diagnosis.conditions import fine, reason, shows
from alerts.diagnosis.flow_conditions import (
    PROCESS,
    STOP_SELL,
    WAITING,
    changed_since,
    logs_written,
    queue_shows,
    service,
    stale,
    vendor_hinders,
)
from alerts.diagnosis.rule import VENDOR, Rule, Words
from alerts.incident import Cause
from checks.result import Reason, Sign

SENT = ("sync_log", "log", "health", "cache")
"""The checks that tell when something was last sent, or came in over there."""

_LEFT_BEHIND = explains.either(
    explains.checks(PROCESS),
    stale(*SENT),
    explains.both(explains.checks("queue"), explains.signs(*WAITING, Sign.QUEUE_STUCK)),
)

_SERVICE_DOWN = Rule(
    Cause.SYNC_SERVICE_DOWN,
    Words(
        title="the sync service does not run",
        sentence="gets no updates from the PMS: the service that sends them does not run",
        summary="pm2 does not show enough workers of {process} online, so changes made in the PMS do not "
        "leave it.",
        steps=(
            STOP_SELL,
            (
                "On the PMS's host run `pm2 restart {process}`, then `pm2 list`: it should be online, and "
                "stay so."
            ),
            (
                "If it is not: `pm2 logs {process} --lines 50 --nostream` says why. Once it runs, send "
                "everything again (full sync)."
            ),
        ),
    ),
    needs=(service("pm2 shows too few workers of it online", Sign.NOT_RUNNING),),
    explains=_LEFT_BEHIND,
    test="Run `pm2 restart {process}` and look at `pm2 list` for a minute: if restarts go up, it crashes.",
)

_CRASH_LOOP = Rule(
    Cause.SYNC_SERVICE_CRASH_LOOP,
    Words(
        title="the sync service crashes again and again",
        sentence="gets few updates from the PMS: the service that sends them crashes again and again",
        summary="pm2 starts {process} again each time it ends; another restart by hand changes nothing.",
        steps=(
            STOP_SELL,
            "On the PMS's host read why it ends: `pm2 logs {process} --err --lines 50 --nostream`",
            (
                "If it began with an update or a change of configuration, take that back; then "
                "`pm2 restart {process}` and `pm2 list`."
            ),
        ),
    ),
    needs=(service("pm2 restarts it again and again", Sign.RESTARTING),),
    explains=_LEFT_BEHIND,
    test="Look at `pm2 list` twice, a minute apart: the number of restarts goes up if it crashes.",
)

_PRODUCER = Rule(
    Cause.PRODUCER_STOPPED,
    Words(
        title="the PMS sends no updates",
        sentence="gets no updates from the PMS, though the service that sends them runs",
        summary="No update has succeeded for too long, and none waits: what should hand changes to the sync "
        "service (a scheduler, a trigger, the PMS itself) has stopped.",
        steps=(
            STOP_SELL,
            (
                "On the PMS's host look at `pm2 list` and `crontab -l` for the job that hands over changes, "
                "and start it; then `pm2 restart {process}`."
            ),
            (
                "See what was not sent (SELECT max(updated_at) FROM availability;) and send everything again "
                "(full sync)."
            ),
        ),
    ),
    needs=(
        reason("no update has succeeded for too long", Reason.STALE, checks=("sync_log", "log", "health")),
    ),
    unless=(
        vendor_hinders(),
        queue_shows("updates wait", *WAITING, Sign.QUEUE_STUCK, Sign.QUEUE_FAILED),
    ),
    supports=(
        fine(PROCESS, "the service that sends updates is online"),
        changed_since("availability", "sync_log", "availability has changed in the PMS since then"),
        logs_written(),
    ),
    explains=stale(*SENT),
    kinds=frozenset({"booking_engine"}),
    test="Change one far-off night in the PMS: if no line about it shows in the log, nothing is handed over.",
)

_PRODUCER_OF_QUEUE = Rule(
    Cause.PRODUCER_STOPPED,
    _PRODUCER.words,
    needs=_PRODUCER.needs,
    unless=_PRODUCER.unless,
    supports=(
        fine("queue", "hardly anything waits in the queue"),
        fine(PROCESS, "the service that sends updates is online"),
    ),
    explains=stale(*SENT),
    kinds=frozenset({"channel_manager"}),
    test="Change one far-off night in the PMS: if no row about it shows in channel_manager_queue, nothing is "
    "handed over.",
)

_CACHE = Rule(
    Cause.CACHE_NOT_REFRESHING,
    Words(
        title="its availability cache is not refreshed",
        sentence="sells from old data: its copy of the availability is not refreshed",
        summary="The booking engine answers, but its availability cache is older than it may be: it may sell "
        "rooms that are taken, and hide free ones.",
        steps=(
            STOP_SELL,
            (
                "Refresh it: curl https://{host}:{port}/api/cache/refresh-availability -H "
                '"Authorization: Bearer $BOOKING_ENGINE_API_KEY" -H "Content-Type: application/json" -d '
                '"{{\\"hotel_id\\":\\"{account}\\",\\"start_date\\":\\"$(date +%F)\\",'
                '\\"end_date\\":\\"$(date -d +30days +%F)\\"}}"'
            ),
            (
                "If it is old again after its lifetime, run `pm2 restart {process}` on the PMS's host; if "
                "that does not help either, call the vendor."
            ),
        ),
    ),
    needs=(shows("cache", "the cache is older than its lifetime", Reason.STALE),),
    supports=(
        fine("health", "the booking engine itself is well"),
        fine(PROCESS, "the service that sends updates is online"),
    ),
    explains=stale("cache"),
    fault=VENDOR,
    test="Refresh the cache by hand: if it stays fresh, the sync service had stopped asking; if not, call "
    "the vendor.",
)

_SILENCE = Rule(
    Cause.RESERVATION_SILENCE,
    Words(
        title="no new reservations",
        sentence="has brought no booking for longer than usual",
        summary="Either bookings get lost on the way, or nobody books: the PMS alone cannot tell.",
        steps=(
            (
                "Look into the extranets and the booking engine: each booking there that the PMS does not "
                "have is a guest to keep a room for. Enter it by hand."
            ),
            "Make a test booking of a far-off night, see whether it arrives, and cancel it.",
            "If none is missing: check that rates are right, and nothing is closed that should be sold.",
        ),
    ),
    needs=(reason("no booking for much longer than usual", Reason.STALE, checks=("reservations",)),),
    supports=(
        fine("health", "the booking engine is well"),
        fine("webhook", "its webhook is open"),
        fine("import_errors", "no import has failed"),
    ),
    explains=stale("reservations"),
    fault="unknown",
    prior=0.7,
    test="Make a test booking: if it does not arrive, bookings get lost; if it does, nobody books.",
)

RULES: tuple[Rule, ...] = (
    _SERVICE_DOWN,
    _CRASH_LOOP,
    *flow_rooms.RULES,
    _PRODUCER,
    _PRODUCER_OF_QUEUE,
    _CACHE,
    _SILENCE,
)
"""Services before what they leave behind; what was never sent before the copy that is old from it."""
