"""The state: the only part that knows of SQLAlchemy and Alembic."""

from alerts.outbox import Claim
from daemon.store.dead_letters import DeadLetter
from daemon.store.errors import ContradictionError, LostTenureError, OutdatedError, StateError
from daemon.store.leases import Tenure
from daemon.store.reading import Record
from daemon.store.store import Store
from daemon.store.wishes import Wish

__all__ = [
    "Claim",
    "ContradictionError",
    "DeadLetter",
    "LostTenureError",
    "OutdatedError",
    "Record",
    "StateError",
    "Store",
    "Tenure",
    "Wish",
]
