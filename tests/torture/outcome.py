"""What a part of the torture came to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Say = Callable[[str], None]
"""Tells how it goes."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Figures by name, the same as sentences, and sentences about what is wrong."""

    figures: Mapping[str, float]
    sentences: Sequence[str]
    wrong: Sequence[str]
