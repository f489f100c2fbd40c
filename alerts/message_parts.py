"""The parts that a letter is made of: the templates only lay them out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One thing said: a text, where it leads to, and what belongs under it.

    `button` is what a screen that can be touched shows in place of the text; `action` is what the reader can
    do about it.
    """

    text: str
    link: str | None = None
    details: tuple[str, ...] = ()
    button: str = ""
    action: "Line | None" = None


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what is said under it; steps are numbered."""

    heading: str
    lines: tuple[Line, ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says.

    `tag` is the severity in capitals, `tone` chooses the colour that goes with it; `reason` says why the mail
    comes now.
    """

    tag: str
    tone: str
    headline: str
    facts: str
    sections: tuple[Section, ...]
    closing: str
    reason: str = ""
