"""The project's Markdown pages: their links, their anchors, and the examples in them."""

import re
import shlex
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").rglob("*.md")],
    key=lambda page: page.relative_to(ROOT),
)
"""Every page that people are led to."""

_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^(?P=indent)```$", re.DOTALL | re.MULTILINE
)
_LINK = re.compile(r"\]\((?P<to>[^)\s]+)\)|\b(?:src|href)=\"(?P<also>[^\"]+)\"")
_ENDS = {"|", ">", ">>", "<", "&&", ";", "&"}
"""What ends the words of one command in a line of a shell."""


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced example, and where it stands."""

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(*languages: str) -> list[Block]:
    """Return the examples in these languages, on all pages; `""` is one that names none."""
    return [one for page in PAGES for one in _blocks(page) if one.language in languages]


def _blocks(page: Path) -> Iterator[Block]:
    text = page.read_text()
    for one in _FENCE.finditer(text):
        line = text.count("\n", 0, one.start()) + 1
        yield Block(page, line, one["language"], textwrap.dedent(one["text"]))


def prose(page: Path) -> str:
    """Return a page without its examples and without what stands between backticks."""
    return re.sub(r"`[^`\n]*`", "``", _FENCE.sub("", page.read_text()))


def links(page: Path) -> list[str]:
    """Return where a page leads to within the project: `path`, `path#anchor` or `#anchor`."""
    found = [one["to"] or one["also"] for one in _LINK.finditer(prose(page))]
    return [one for one in found if not re.match(r"[a-z]+:", one)]


def anchors(page: Path) -> set[str]:
    """Return the anchors that a page's headings make, as GitHub does."""
    found: dict[str, int] = {}
    for title in re.findall(r"^#{1,6} +(.+?) *#*$", _FENCE.sub("", page.read_text()), re.MULTILINE):
        plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", title)
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        found[slug] = found.get(slug, -1) + 1
    return {
        f"{slug}-{number}" if number else slug for slug, last in found.items() for number in range(last + 1)
    }


def typed(block: Block) -> list[str]:
    """Return the lines that are typed into a shell, those that go on over a backslash as one."""
    lines = block.text.replace("\\\n", " ").splitlines()
    if block.language != "sh":
        return [line[2:] for line in lines if line.startswith("$ ")]
    return [line for line in lines if line.strip() and not line.lstrip().startswith("#")]


def words_of(line: str, command: str) -> list[str] | None:
    """Return the arguments that a line gives a command; None where it does not call it."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    words, begins = list(lexer), True
    for at, word in enumerate(words):
        if begins and word.rsplit("/", 1)[-1] == command:
            return list(takewhile(lambda one: one not in _ENDS, words[at + 1 :]))
        begins = word in _ENDS or (begins and re.match(r"\w+=", word) is not None)
    return None
