"""Probe of XML messages: that they are well-formed, and keep to their schema."""

import asyncio
import stat
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Self

from pydantic import PrivateAttr, ValidationError, model_validator

from checks import http, off_loop, ota_answer, xml_answer, xml_folder
from checks.check import CheckType
from checks.context import Context
from checks.expectation import excerpt
from checks.http_exchange import Response
from checks.result import Reason, Result, failed, ok
from checks.values import FilePath, HttpUrl, TlsTrust
from checks.xml_document import LIMIT, SchemaFile, XmlError, parse

INVALID, FILES = "invalid", "files"
QUIET = 0.3
"""Seconds after which an invalid file that was written just now is read again: it may not have been whole."""
YOUNG = 5.0
"""Seconds for which a file counts as written just now."""


class Options(TlsTrust):
    """Which messages to look at, and the schema they must keep to."""

    path: FilePath | None = None
    url: HttpUrl | None = None
    schema_: SchemaFile | None = None

    model_config = TlsTrust.model_config | {"alias_generator": lambda name: name.removesuffix("_")}

    _request: http.Options | None = PrivateAttr(None)

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.path is None) == (self.url is None):
            raise ValueError("needs either `path` or `url`")
        if self.url is not None:
            try:
                trust = TlsTrust.model_fields
                self._request = http.Options(
                    url=self.url, max_bytes=LIMIT, **{name: getattr(self, name) for name in trust}
                )
            except ValidationError as error:
                raise ValueError(str(error.errors()[0].get("ctx", {}).get("error", error))) from error
        return self

    @property
    def request(self) -> http.Options | None:
        """What is asked for, where messages come from a URL."""
        return self._request


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a file. `young` says that it was written just now."""

    path: Path
    reason: Reason
    message: str
    found: xml_folder.Found | None = None
    young: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at the files saw. `left` is how many more have changed."""

    faults: tuple[Fault, ...] = ()
    files: int = 0
    left: int = 0


async def probe(options: Options, context: Context) -> Result:
    """Read the messages, and hold each against what is expected."""
    if options.request is not None:
        return await xml_answer.ask(options.request, context, lambda answer: judge(options, answer))
    try:
        return _judged(await _look(options, context))
    except (FileNotFoundError, NotADirectoryError):
        return failed(Reason.MISSING, f"there is no file or folder {options.path}")
    except OSError as error:
        return failed(Reason.PERMISSION, f"{options.path} cannot be read: {error.strerror}")
    except XmlError as error:
        return failed(error.reason, f"{options.path} {error}")
    except off_loop.StillLooking as still:
        return still.result


def judge(options: Options, response: Response) -> Result:
    """Return whether an answer is a valid message that tells of no failure."""
    try:
        root = xml_answer.root_of(response, options.schema_)
    except XmlError as error:
        invalid = float(error.reason is Reason.CONTENT)
        return failed(error.reason, f"the answer {error}", {INVALID: invalid})
    said = ota_answer.judge(root)
    return replace(said, message=said.message or "answers with a valid message", measurements={INVALID: 0.0})


async def _look(options: Options, context: Context) -> Look:
    """Read what is due, and again what was written just now; raise OSError, XmlError or StillLooking."""
    look, remembered = await off_loop.run(partial(_read, options, context), context)
    context.memory.keep(remembered)
    if any(fault.young for fault in look.faults):
        await asyncio.sleep(QUIET)
        look = await off_loop.run(partial(_again, options, look), context)
    return look


def _read(options: Options, context: Context) -> tuple[Look, dict[str, Any]]:
    """Read the file, or the files of the folder that are due; also return what to remember.

    Raise OSError, or XmlError.
    """
    path, now = Path(options.path or ""), context.tools.now().timestamp()
    if stat.S_ISDIR(path.stat().st_mode):
        since = int((now - context.interval) * 1e9)
        due, left, remembered = xml_folder.due(path, context.memory.value, since)
    else:
        due, left, remembered = [xml_folder.of(path, path.stat())], 0, {}
    faults = [_fault(options, one.path, now) for one in due]
    return Look(tuple(fault for fault in faults if fault is not None), len(due), left), remembered


def _fault(options: Options, path: Path, now: float) -> Fault | None:
    """Return what is wrong with a file; one that has gone meanwhile was sent off, and is fine."""
    try:
        data, found = xml_folder.read(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        return Fault(path, Reason.PERMISSION, f"cannot be read: {error.strerror}")
    try:
        parse(data, schema=options.schema_)
    except XmlError as error:
        return Fault(path, error.reason, str(error), found, now - found.written / 1e9 < YOUNG)
    return None


def _again(options: Options, look: Look) -> Look:
    """Read again what was written just now; a file that has changed since is young still."""
    faults: list[Fault | None] = []
    for fault in look.faults:
        second = _fault(options, fault.path, 0.0) if fault.young else fault
        faults.append(replace(second, young=second.found != fault.found) if second else None)
    return replace(look, faults=tuple(fault for fault in faults if fault is not None))


def _judged(look: Look) -> Result:
    invalid = [fault for fault in look.faults if fault.reason is Reason.CONTENT]
    numbers = {INVALID: float(len(invalid)), FILES: float(look.files)}
    if look.faults:
        first = (invalid or look.faults)[0]
        alike = sum(fault.reason is first.reason for fault in look.faults)
        more = f"{alike} of {look.files} messages fail, the newest of them " if alike > 1 else ""
        result = failed(first.reason, f"{more}{excerpt(first.path.name)} {first.message}", numbers)
        return replace(result, decisive=first.reason is Reason.CONTENT and not first.young)
    if not look.files:
        return ok("there are no messages", numbers)
    rest = f", {look.left} more have changed" if look.left else ""
    return ok(f"{look.files} message{'s are' if look.files > 1 else ' is'} valid{rest}", numbers)


def target(options: Options) -> str:
    """Return whom a run burdens, as `host:port`; nobody where files are read."""
    return http.target(options.request) if options.request is not None else ""


CHECK = CheckType("xml", Options, INVALID, probe, target)
