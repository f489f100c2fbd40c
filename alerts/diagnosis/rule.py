"""What a rule of the decision table is: a pattern of facts, the cause it shows, and what to do about that."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from alerts.facts import Fact, Facts, Truth
from alerts.incident import Cause

US, VENDOR, NETWORK, GUEST, OPEN = "us", "vendor", "network", "guest", "unknown"
"""Whose fault a cause is; `OPEN` where it does not show."""

THEIRS = "theirs"
"""The fault of whoever runs the server: the vendor, or us where the server is the hotel's own."""


class Scope(StrEnum):
    """What a rule is asked about: each integration that has a breach, or the hotel as a whole."""

    INTEGRATION = "integration"
    HOTEL = "hotel"


@dataclass(frozen=True, slots=True)
class View:
    """What a condition looks at. `integration` is empty for a rule about the whole hotel."""

    facts: Facts
    integration: str = ""

    @property
    def kind(self) -> str:
        """The kind of the integration."""
        return self.facts.kinds.get(self.integration, "generic")

    def fact(self, check: str) -> Fact | None:
        """Return what is known of a check of the integration."""
        return self.facts.get(self.integration, check)


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that holds, does not hold, or is not known.

    `text` says it as evidence when it holds. `unknown` says what would have to be looked at when it is not
    known; where it is empty, nobody needs to hear of it.
    """

    text: str
    holds: Callable[[View], Truth]
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """What is said of a cause.

    `title` follows the integration's name in a subject ("refuses our credentials"), `sentence` its noun in
    plain words ("refuses our user name, password or key."), `summary` tells an engineer what is behind it.
    All of them and the `steps` (three at most) may use `{who}` (the integration), `{check}`, and the values
    of the fact that tells most: `{host}`, `{port}`, `{url}`, `{process}`, `{path}`, `{account}`, `{phone}`; a
    name without a value shows in capitals. `whole` replaces "integration: title" where the cause is no
    integration's ("the hotel's internet connection is down"): a sentence begins with it.
    """

    title: str
    sentence: str
    summary: str
    steps: tuple[str, ...]
    whole: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the decision table.

    It fits when every one of `needs` holds and none of `unless` does. `supports` raise the confidence where
    they hold, lower it where they do not, and are named as not checked where they are not known. `explains`
    says which breached checks the cause accounts for, its own and its consequences; `view` is the view the
    rule fits. `kinds` limits a rule to integrations of these kinds. `test` is the one thing to do that
    tells the cause from the next best one. `prior` (0 to 1) is how often the pattern is right.
    """

    cause: Cause
    words: Words
    needs: tuple[Condition, ...]
    explains: Callable[[Fact, View], bool]
    fault: str = US
    unless: tuple[Condition, ...] = ()
    supports: tuple[Condition, ...] = ()
    kinds: frozenset[str] = frozenset()
    scope: Scope = Scope.INTEGRATION
    test: str = ""
    prior: float = 0.9
    codes: str = field(default="")
    """A pattern of protocol codes that the title may quote from the message, such as `401|407`."""
