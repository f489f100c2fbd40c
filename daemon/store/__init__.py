"""The state: the only part that knows of SQLAlchemy and Alembic."""

from alerts.outbox import Claim
from daemon.store.dead_letters import DeadLetter
from daemon.store.errors import ContradictionError, StateError
from daemon.store.reading import Record
from daemon.store.store import Store

__all__ = ["Claim", "ContradictionError", "DeadLetter", "Record", "StateError", "Store"]
