"""The counter: where people ask for something to be done."""

from alerts.act import Act
from alerts.change import Change
from alerts.incident import Incident
from daemon.engine import Engine
from daemon.quiet import Quiet


class Counter:
    """Takes what people ask to the engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def quiet(self) -> Quiet:
        """The silences there are."""
        return self._engine.quiet

    async def silence(self, change: Change) -> None:
        """Write down what people ask of silences, and act upon it."""
        await self._engine.silence(change)

    async def act(self, incident: Incident, act: Act) -> Incident | None:
        """Do what a person asks of an incident; return it, or None when it is not open any more.

        Raise ActRefusedError when it cannot be done, StateError when it cannot be written down.
        """
        return await self._engine.act(incident.id, act.decide)
