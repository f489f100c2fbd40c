"""What can go wrong in the PMS's database."""

from collections.abc import Iterator

from checks.result import Reason, Sign
from daemon.demo.fault import Fault, Turn, critical, unknown, warning
from daemon.demo.hotel import Hotel
from daemon.demo.pms_database import PmsDatabase

ASKED = (
    "booking_engine/availability",
    "booking_engine/room_mapping",
    "booking_engine/reservations",
    "booking_engine/import_errors",
    "expedia/rates",
    "expedia/rate_mapping",
    "expedia/modification_queue",
    "expedia/modification_orphans",
    "payment/transactions",
    "email/delivery",
    "email/quota",
    "channel_manager/queue",
)
"""The checks that ask the database something."""

IMPORT = """\
INSERT INTO reservation_import_errors (reservation_id, error, check_in)
SELECT 'BE-X' || n, '{}', current_date + (ARRAY[0, 0, 1, 4, 9])[n]"""
FORGET_IMPORTS = "DELETE FROM reservation_import_errors WHERE reservation_id LIKE 'BE-X%'"
STUCK = """\
INSERT INTO channel_manager_queue (status, created_at, started_at)
SELECT 'processing', now() - interval '50 minutes', now() - interval '49 minutes' FROM generate_series(1, 5);
INSERT INTO channel_manager_queue (status, created_at)
SELECT 'pending', now() - interval '45 minutes' FROM generate_series(1, 200)"""
FORGET_UPDATES = "DELETE FROM channel_manager_queue WHERE status IN ('pending', 'processing')"
FLOOD = "INSERT INTO channel_manager_queue (status) SELECT 'pending' FROM generate_series(1, 1500)"
CHANGE = """\
INSERT INTO ota_modification_queue (ota_reservation_id, status, error, new_check_in, created_at)
VALUES ('{}', '{}', {}, current_date + 1, now() - interval '15 minutes')"""
FORGET_CHANGES = "DELETE FROM ota_modification_queue WHERE ota_reservation_id = '{}'"
THROW_OUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{0}'"


def faults() -> Iterator[Fault]:
    """Yield every fault."""
    yield from _mappings()
    yield from _bookings()
    yield from _queues()
    yield from _database()


def statements(name: str, sentence: str, on: str, off: str, *turns: Turn) -> Fault:
    """Return a fault of statements that bring it about, and undo it."""
    return Fault(
        name,
        sentence,
        turns,
        lambda hotel: of(hotel).run(on),
        lambda hotel: of(hotel).run(off),
        needs_database=True,
    )


def of(hotel: Hotel) -> PmsDatabase:
    """Return a hotel's database."""
    if hotel.database is None:
        raise LookupError("this hotel has no database")
    return hotel.database


def hiding(name: str, sentence: str, table: str, condition: str, turn: Turn) -> Fault:
    """Return a fault of rows that are not there."""
    return Fault(
        name,
        sentence,
        (turn,),
        lambda hotel: of(hotel).hide(table, condition),
        lambda hotel: of(hotel).restore(table),
        needs_database=True,
    )


def _mappings() -> Iterator[Fault]:
    yield _unmapped()
    mapped = "UPDATE room_type_mappings SET booking_engine_room_type_id = '{}' WHERE pms_room_type_id = 'SUP'"
    yield statements(
        "availability-mismatch",
        "The room type SUP is mapped to what DLX is mapped to",
        mapped.format("be-dlx"),
        mapped.format("be-sup"),
        warning("booking_engine/room_mapping", Reason.MISMATCH, Sign.MAPPED_TWICE),
    )
    yield hiding(
        "rate-plan-not-mapped",
        "The mapping of the rate plan NRF to the OTA's is gone",
        "rate_plan_mappings",
        "pms_rate_plan_code = 'NRF'",
        critical("expedia/rate_mapping", Reason.MISSING, Sign.RATE_NOT_MAPPED),
    )
    yield hiding(
        "unknown:rates-missing",
        "A week of rates of the room type STE is missing",
        "rates",
        "room_type = 'STE' AND date BETWEEN current_date + 7 AND current_date + 13",
        critical("expedia/rates", Reason.MISSING),
    )


def _unmapped() -> Fault:
    async def unmap(hotel: Hotel) -> None:
        await of(hotel).hide("room_type_mappings", "pms_room_type_id = 'DLX'")
        error = IMPORT.format("Room type not mapped: DLX")
        await of(hotel).run(f"{error} FROM generate_series(1, 6) AS n")

    async def map_again(hotel: Hotel) -> None:
        await of(hotel).restore("room_type_mappings")
        await of(hotel).run(FORGET_IMPORTS)

    return Fault(
        "room-type-not-mapped",
        "The mapping of the room type DLX is gone, and bookings of it fail to import",
        (
            critical("booking_engine/room_mapping", Reason.MISSING, Sign.ROOM_NOT_MAPPED),
            critical(
                "booking_engine/import_errors", Reason.CONTENT, Sign.IMPORTS_FAILED, Sign.ROOM_NOT_MAPPED
            ),
        ),
        unmap,
        map_again,
        needs_database=True,
    )


def _bookings() -> Iterator[Fault]:
    sold = (
        "UPDATE availability SET available_rooms = {} WHERE room_type_id = 'DLX' AND date = current_date + 3"
    )
    yield statements(
        "overbooked",
        "Two more rooms of the type DLX are sold than there are, in three days",
        sold.format(-2),
        sold.format(4),
        critical("booking_engine/availability", Reason.THRESHOLD, Sign.NO_INVENTORY),
    )
    error = IMPORT.format("Insufficient inventory: DLX")
    yield statements(
        "overbooked:import",
        "Two bookings cannot be imported, for there is no room left",
        f"{error} FROM generate_series(1, 2) AS n",
        FORGET_IMPORTS,
        critical("booking_engine/import_errors", Reason.CONTENT, Sign.IMPORTS_FAILED, Sign.NO_INVENTORY),
    )

    async def silence(hotel: Hotel) -> None:
        of(hotel).resting.add("bookings")
        await of(hotel).hide("reservations", "created_at > now() - interval '40 hours'")

    async def sound(hotel: Hotel) -> None:
        await of(hotel).restore("reservations")
        of(hotel).resting.discard("bookings")

    yield Fault(
        "reservation-silence",
        "Nobody has booked for 40 hours",
        (warning("booking_engine/reservations", Reason.STALE),),
        silence,
        sound,
        needs_database=True,
    )


def _queues() -> Iterator[Fault]:
    yield statements(
        "high-update-volume",
        "1,500 updates for the channel manager arrive at once, and are worked off",
        FLOOD,
        FORGET_UPDATES,
        critical("channel_manager/queue", Reason.THRESHOLD, Sign.QUEUE_LONG),
    )

    async def clog(hotel: Hotel) -> None:
        of(hotel).resting.add("work")
        await of(hotel).run(STUCK)

    async def flow(hotel: Hotel) -> None:
        await of(hotel).run(FORGET_UPDATES)
        of(hotel).resting.discard("work")
        # Work goes on from this moment, not from the next second on.
        await of(hotel).tick()

    yield Fault(
        "processing-bottleneck",
        "The channel manager's workers are online, and stuck with what they took 50 minutes ago",
        (critical("channel_manager/queue", Reason.STALE, Sign.QUEUE_OLD, Sign.QUEUE_STUCK),),
        clog,
        flow,
        needs_database=True,
    )
    yield statements(
        "original-reservation-missing",
        "A modification has come for a reservation that is not in the PMS",
        CHANGE.format("OTA-RES-LOST", "pending", "NULL"),
        FORGET_CHANGES.format("OTA-RES-LOST"),
        critical("expedia/modification_orphans", Reason.MISSING, Sign.ORIGINAL_MISSING),
    )


def _database() -> Iterator[Fault]:
    async def limit(hotel: Hotel, connections: int) -> None:
        role = of(hotel).role
        await of(hotel).run(f"ALTER ROLE {role} CONNECTION LIMIT {connections}")
        if not connections:
            await of(hotel).run(THROW_OUT.format(role))

    yield Fault(
        "database-down",
        "The PMS's database has no connection left for anybody",
        (
            critical("pms/database", Reason.SERVER_ERROR, Sign.DATABASE_DOWN),
            *(unknown(check, Reason.QUERY, Sign.DATABASE_DOWN) for check in ASKED),
        ),
        lambda hotel: limit(hotel, 0),
        lambda hotel: limit(hotel, 10),
        needs_database=True,
    )

    async def grant(hotel: Hotel, *, may: bool) -> None:
        words = ("GRANT", "TO") if may else ("REVOKE", "FROM")
        await of(hotel).run(f"{words[0]} SELECT ON channel_manager_queue {words[1]} {of(hotel).role}")

    yield Fault(
        "monitor-misconfigured",
        "The porter's role may no longer read the channel manager's queue",
        (unknown("channel_manager/queue", Reason.PERMISSION),),
        lambda hotel: grant(hotel, may=False),
        lambda hotel: grant(hotel, may=True),
        needs_database=True,
    )
