"""What a built-in check is: its name, its pace, what it needs, and how it looks if it does so already."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from checks.values import Count, Duration, Flag, Options, Whole

MINUTE, HOUR = 60.0, 3600.0


class Tuning(Options):
    """What every check takes."""

    enabled: Flag = True
    interval: Duration | None = None
    timeout: Duration | None = None
    failures: Whole | None = None
    successes: Whole | None = None


class SqlTuning(Tuning):
    """What a built-in check on the PMS's tables takes besides."""

    query: Annotated[str, Field(min_length=1, max_length=10_000)] | None = None
    horizon_days: Count | None = None


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A check that an integration of a kind has by itself.

    `needs` are keys of the integration, or of `pms` where they begin so. `path` is the endpoint of a health
    check, with or without the API key; a check named `certificate` looks at the certificate of `url`. Any
    other is accepted but not yet watched.
    """

    name: str
    interval: float
    needs: tuple[str, ...] = ("url",)
    path: str | None = None
    bearer: bool = True
    tuning: type[Tuning] = Tuning
    why: str = ""

    @property
    def watched(self) -> bool:
        """Say whether the porter can run this check already."""
        return self.path is not None or self.name == "certificate"


CERTIFICATE = BuiltIn("certificate", HOUR, why="how long the certificate lasts")
