"""YAML text -> plain data, with the line of every key and value.

Only YAML 1.2's core types: `no` is a word (and Norway), `18:00` is a word, not a number of seconds.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

import yaml

from checks.values import Options
from daemon.settings.problems import ConfigError, Problem, Steps, dotted, unreadable

MAX_BYTES = 1_048_576
MAX_NODES = 200_000
MAX_DEPTH = 40

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = dict.fromkeys(("true", "True", "TRUE"), True) | dict.fromkeys(("false", "False", "FALSE"), False)
_INT = re.compile(r"[-+]?[0-9]{1,18}|0x[0-9a-fA-F]{1,15}|0o[0-7]{1,20}", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?", re.ASCII)
_BARE_VARIABLE = re.compile(r"""[\[{,:]\s*[^"'\s]*\$\{""")
_PLAIN_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}"
    for name in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq", "merge", "value")
)
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


Same = TypeVar("Same", bound=Options)


@dataclass(slots=True)
class Document:
    """A file's data, and the line (from 1) of every key, by the steps that lead to it.

    `broken` are the sections with faults of their own: nothing more is made of them.
    """

    file: Path
    data: Any = None
    lines: dict[Steps, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    broken: set[str | int] = field(default_factory=set)
    warnings: list[Problem] = field(default_factory=list)
    _nodes: int = 0
    _judged: dict[Path, str] = field(default_factory=dict)
    _alike: dict[Options, Options] = field(default_factory=dict)
    _given: dict[frozenset[str], set[str]] = field(default_factory=dict)

    def once(self, file: Path, judge: Callable[[Path], str]) -> str:
        """Return what is wrong with a file that many places may name: it is judged but once."""
        if file not in self._judged:
            self._judged[file] = judge(file)
        return self._judged[file]

    def alike(self, options: Same) -> Same:
        """Return the first of the options made of this document that are equal to these."""
        return cast("Same", self._alike.setdefault(options, options))

    def lean(self, options: Same) -> Same:
        """Return the options; the names of what they were given are held once for all alike."""
        given = options.model_fields_set
        given = self._given.setdefault(frozenset(given), given)
        # Options are frozen: nobody adds to a set that others hold, too.
        object.__setattr__(options, "__pydantic_fields_set__", given)
        return options

    def line(self, steps: Steps) -> int:
        """Return the line of what stands there, or of the nearest thing around it."""
        while steps and steps not in self.lines:
            steps = steps[:-1]
        return self.lines.get(steps, 1)

    def warn(self, steps: Steps, message: str) -> None:
        """Note something that works, but should be looked at."""
        self.warnings.append(Problem(str(self.file), self.line(steps), dotted(steps), message))

    def complain(self, steps: Steps, message: str) -> None:
        """Note a problem at a place of this document."""
        self.problems.append(Problem(str(self.file), self.line(steps), dotted(steps), message))


def read(file: Path) -> Document:
    """Return the document in a file; ConfigError when it is no readable YAML mapping."""
    text = _text(file)
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        said = f"is not valid YAML: {_remedy(text, line) or error.problem}"
        raise ConfigError([Problem(str(file), line, "", said)]) from None
    except (yaml.YAMLError, RecursionError) as error:
        reason = getattr(error, "reason", None) or "it is nested too deeply"
        raise unreadable(file, f"is not valid YAML: {reason}") from None
    document = Document(file)
    if node is None:
        raise unreadable(file, "is empty; it needs at least `hotel: {id: …, name: …, timezone: …}`")
    document.lines[()] = 1
    document.data = _convert(node, (), document)
    if not isinstance(document.data, dict):
        raise unreadable(file, "must hold keys with values (a mapping), not a list or a single value")
    return document


def _remedy(text: str, line: int) -> str | None:
    """Return what is probably wrong with a line that is no YAML, where that is known."""
    found = text.splitlines()[line - 1 : line]
    if not found:
        return None
    if "\t" in found[0][: len(found[0]) - len(found[0].lstrip())]:
        return "the line begins with a tab; indent with spaces"
    if _BARE_VARIABLE.search(found[0]):
        return 'a variable between { } or [ ] must stand in quotes, such as "${NAME}"'
    return None


def _text(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise unreadable(
            file, "there is no such file; name one with --config or NIGHTPORTER_CONFIG"
        ) from None
    except IsADirectoryError:
        raise unreadable(file, "is a directory, not a file") from None
    except OSError as error:
        raise unreadable(file, f"cannot be read: {error.strerror}") from None
    if len(raw) > MAX_BYTES:
        raise unreadable(file, "is larger than 1 MiB; that is no configuration")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ConfigError([Problem(str(file), line, "", "is not UTF-8 text; save it as UTF-8")]) from None


def _convert(node: yaml.Node, steps: Steps, document: Document) -> Any:
    document._nodes += 1
    if document._nodes > MAX_NODES or len(steps) > MAX_DEPTH:
        raise unreadable(document.file, "holds too many values, or too deep ones (aliases count each time)")
    if node.tag not in _PLAIN_TAGS:
        document.complain(steps, "has a tag (a word that begins with !); tags are not used here")
        return None
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, steps, document)
    if isinstance(node, yaml.SequenceNode):
        values = []
        for index, item in enumerate(node.value):
            document.lines[*steps, index] = item.start_mark.line + 1
            values.append(_convert(item, (*steps, index), document))
        return values
    return _scalar(node)


def _mapping(node: yaml.MappingNode, steps: Steps, document: Document) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            document.problems.append(
                Problem(str(document.file), line, dotted(steps), "has a key that is not a single word")
            )
            continue
        key = key_node.value
        if key in found:
            first = document.lines[*steps, key]
            document.problems.append(
                Problem(
                    str(document.file),
                    line,
                    dotted((*steps, key)),
                    f"stands here twice; first in line {first}",
                )
            )
            continue
        document.lines[*steps, key] = line
        found[key] = _convert(value_node, (*steps, key), document)
    return found


def _scalar(node: yaml.Node) -> Any:
    text: str = node.value
    if getattr(node, "style", None):
        return text
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _INT.fullmatch(text):
        return int(text, 0) if text[:2] in {"0x", "0o"} else int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text
