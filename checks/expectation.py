"""What a healthy answer looks like: status, JSON values, patterns, header fields."""

import json
import re
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from checks.http_exchange import Response
from checks.pattern import Pattern
from checks.result import Reason, Result, failed, ok
from checks.values import Options, Regex

EXCERPT = 80
"""Characters of a remote text that a message quotes at the most."""

_STATUS = re.compile(r"([1-5])xx", re.ASCII)
_STEP = re.compile(r"\.([^.\[\]]+)|\[([0-9]{1,6})\]")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)
_CHARSET = re.compile(r"charset\s*=\s*\"?([\w.:-]{1,40})", re.ASCII | re.IGNORECASE)

_USUAL = re.compile(
    r"utf[-_]?(8|16|32)(-?[lb]e)?|(us-)?ascii|iso[-_]?8859[-_]\d{1,2}|latin[-_]?\d|(windows-|cp)125\d",
    re.IGNORECASE,
)
"""Charsets that are decoded fast; there are some that take a time quadratic in the text."""

Path = tuple[str | int, ...]


def _status(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("is neither a status such as 200 nor a class such as 2xx")  # noqa: TRY004 - for pydantic
    if isinstance(value, str) and not _STATUS.fullmatch(value):
        raise ValueError("is neither a status such as 200 nor a class such as 2xx")
    if isinstance(value, int) and not 100 <= value <= 599:
        raise ValueError("is not an HTTP status; those go from 100 to 599")
    return value


def parse_path(path: str) -> Path:
    """Return the steps of a JSON path: `$`, then `.name` and `[0]`, as in `$.channels[0].status`."""
    steps, at = [], 1
    if not path.startswith("$"):
        raise ValueError(f"{path!r} is not a path such as $.status or $.channels[0].name")
    while at < len(path):
        match = _STEP.match(path, at)
        if match is None:
            raise ValueError(f"{path!r} is not a path such as $.status or $.channels[0].name")
        steps.append(match[1] if match[2] is None else int(match[2]))
        at = match.end()
    return tuple(steps)


def _paths(value: Mapping[str, Any]) -> Mapping[str, Any]:
    for path in value:
        parse_path(path)
    return value


def _names(value: Mapping[str, Pattern]) -> Mapping[str, Pattern]:
    for name in value:
        if not _TOKEN.fullmatch(name):
            raise ValueError(f"{name!r} is not the name of a header field")
    return value


Status = Annotated[
    int | str,
    BeforeValidator(_status),
    WithJsonSchema({"type": ["integer", "string"], "examples": [200, "2xx"]}),
]


class Expect(Options):
    """What of an answer makes it healthy; all of it must hold."""

    status: Annotated[tuple[Status, ...], Field(min_length=1)] = Field(
        ("2xx",), description="statuses that are healthy: numbers, or classes such as `2xx`"
    )
    json_: Annotated[dict[str, Any], AfterValidator(_paths)] | None = Field(
        None,
        description="values at paths of a JSON body: `{$.status: ok, $.list[0].name: a}`",
    )
    matches: Regex | None = Field(None, description="what the body must match, somewhere")
    not_matches: Regex | None = Field(None, description="what the body must not match anywhere")
    headers: Annotated[dict[str, Regex], AfterValidator(_names)] = Field(
        {}, description="what header fields of the answer must match"
    )

    model_config = Options.model_config | {"alias_generator": lambda name: name.removesuffix("_")}

    def model_post_init(self, _context: object) -> None:
        """Compile the paths: what loads is what runs."""
        _ = self.values_at

    @cached_property
    def values_at(self) -> tuple[tuple[str, Path, Any], ...]:
        """The values that are expected of a JSON document: each with its path, as text and compiled."""
        return tuple((text, parse_path(text), value) for text, value in (self.json_ or {}).items())

    def wants(self, status: int) -> bool:
        """Say whether an answer of this status is healthy so far."""
        return any(status == one or f"{status // 100}xx" == one for one in self.status)

    def judge(self, response: Response) -> Result:
        """Return ok, or what of the answer (its status apart) is not as expected."""
        for name, pattern in self.headers.items():
            value = response.header(name.lower())
            if value is None or not pattern.search(value):
                found = "is missing" if value is None else f"is {excerpt(value)}"
                return failed(Reason.CONTENT, f"header {name} {found}, expected to match {pattern.pattern}")
        if self.values_at:
            return self._judge_json(response)
        return self._judge_text(response)

    def _judge_json(self, response: Response) -> Result:
        try:
            document = json_of(response)
        except ValueError:
            page = text_of(response).lstrip()[:1] == "<"
            what = "a page (HTML or XML)" if page else excerpt(text_of(response)) or "nothing"
            return failed(Reason.CONTENT, f"the body is not JSON but {what}")
        for text, path, wanted in self.values_at:
            found = lookup(document, path)
            if not same(found, wanted):
                shown = "is missing" if found is MISSING else f"is {excerpt(_as_json(found))}"
                return failed(Reason.CONTENT, f"{text} {shown}, expected {excerpt(_as_json(wanted))}")
        return self._judge_text(response)

    def _judge_text(self, response: Response) -> Result:
        if self.matches is None and self.not_matches is None:
            return ok()
        text = text_of(response)
        if self.matches is not None and not self.matches.search(text):
            return failed(Reason.CONTENT, f"the body does not match {self.matches.pattern}: {excerpt(text)}")
        if self.not_matches is not None and (hit := self.not_matches.search(text)):
            return failed(
                Reason.CONTENT,
                f"the body matches {self.not_matches.pattern}, which it must not: {excerpt(hit[0])}",
            )
        return ok()


MISSING = object()


def lookup(document: object, path: Path) -> object:
    """Return what stands at a path of a JSON document, or `MISSING`."""
    for step in path:
        if isinstance(step, str) and isinstance(document, dict):
            document = document.get(step, MISSING)
        elif isinstance(step, int) and isinstance(document, list) and step < len(document):
            document = document[step]
        else:
            return MISSING
    return document


def same(found: object, wanted: object) -> bool:
    """Say whether two JSON values are equal; true is not 1."""
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted
    if isinstance(found, list) and isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(same, found, wanted))
    if isinstance(found, dict) and isinstance(wanted, dict):
        return found.keys() == wanted.keys() and all(same(found[key], wanted[key]) for key in found)
    return found == wanted


def text_of(response: Response) -> str:
    """Return the body as text, in the charset the answer names if it is a usual one, else UTF-8."""
    match = _CHARSET.search(response.header("content-type") or "")
    charset = match[1].lower() if match and _USUAL.fullmatch(match[1]) else "utf-8"
    try:
        return response.body.decode(charset, "replace").removeprefix("\ufeff")
    except LookupError:
        return response.body.decode("utf-8", "replace").removeprefix("\ufeff")


def json_of(response: Response) -> object:
    """Return the body as JSON, in whatever charset; raise ValueError when it is none."""
    try:
        return json.loads(response.body)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    except ValueError:
        return json.loads(text_of(response))


def excerpt(text: str) -> str:
    """Return the beginning of a remote text, on one line."""
    flat = " ".join(text[: 4 * EXCERPT].split())
    return flat if len(flat) <= EXCERPT else flat[: EXCERPT - 1] + "…"


def _as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
