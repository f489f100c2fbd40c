"""Hotels with recurring tasks, and a ledger in which nothing is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from alerts.credentials import Credential
from alerts.maintenance import OWNERS, Entry, Task
from daemon.maintenance import Known, TaskId

LISBON = ZoneInfo("Europe/Lisbon")


@dataclass(frozen=True)
class Place:
    """What the ledger needs to know of a hotel."""

    id: str
    name: str
    timezone: ZoneInfo = LISBON
    tasks: tuple[Task, ...] = OWNERS
    credentials: tuple[Credential, ...] = ()


class Blank:
    """A ledger in which nothing is written, nor is to be."""

    async def ask_for(self, wanted: Sequence[TaskId]) -> None:
        raise AssertionError(f"nothing is to be asked for: {wanted}")

    async def enter(self, entry: Entry) -> None:
        raise AssertionError(f"nothing is to be entered: {entry}")

    async def known(self, hotels: Sequence[str]) -> Mapping[TaskId, Known]:
        return {}

    async def entries(
        self, hotel: str, task: str, *, limit: int = 50, before: str | None = None
    ) -> Sequence[Entry]:
        return []
