"""Probe of XML messages: that they are well-formed, and keep to their schema."""

import asyncio
import stat
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any, Self

from pydantic import Field, PrivateAttr, ValidationError, model_validator

from checks import http, off_loop, ota_answer, xml_answer, xml_folder
from checks.check import CheckType
from checks.context import Context
from checks.expectation import excerpt
from checks.http_exchange import Response
from checks.result import Reason, Result, Sign, failed, ok
from checks.values import FilePath, HttpUrl, TlsTrust
from checks.xml_document import LIMIT, SchemaFile, XmlError, parse

INVALID, FILES = "invalid", "files"
QUIET = 0.3
"""Seconds after which an invalid file that was written just now is read again: it may not have been whole."""
YOUNG = 5.0
"""Seconds for which a file counts as written just now; what is wrong with it decides nothing."""
READING, READING_AGAIN = 0.5, 0.1
"""The parts of its time a look reads on for; what it does not get to is read next time."""


class Options(TlsTrust):
    """Which messages to look at, and the schema they must keep to."""

    path: FilePath | None = Field(
        None, description="a file, or a folder of which those files are read that changed since the last look"
    )
    url: HttpUrl | None = Field(None, description="where to ask for the message, in place of `path`")
    schema_: SchemaFile | None = Field(
        None, description="the XSD that it must keep to; without it that it is well-formed is enough"
    )

    model_config = TlsTrust.model_config | {"alias_generator": lambda name: name.removesuffix("_")}

    _request: http.Options | None = PrivateAttr(None)

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if self.path is None and self.url is None:
            raise ValueError("needs either `path` or `url`")
        if self.path is not None and self.url is not None:
            raise ValueError("give either `path` or `url`, not both")
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

    file: xml_folder.Found
    reason: Reason
    message: str
    young: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at the files saw. `left` is how many nobody has read yet; links are not followed."""

    faults: tuple[Fault, ...] = ()
    files: int = 0
    left: int = 0
    links: int = 0


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
        invalid = error.reason is Reason.CONTENT
        signs = (Sign.MESSAGE_INVALID,) if invalid else ()
        return failed(error.reason, f"the answer {error}", {INVALID: float(invalid)}, signs=signs)
    said = ota_answer.judge(root)
    return replace(said, message=said.message or "answers with a valid message", measurements={INVALID: 0.0})


async def _look(options: Options, context: Context) -> Look:
    """Read what is due, and again what was written just now; raise OSError, XmlError or StillLooking."""
    look, remembered = await off_loop.run(partial(_read, options, context), context)
    context.memory.keep(remembered)
    if any(fault.young for fault in look.faults):
        await asyncio.sleep(QUIET)
        look = await off_loop.run(partial(_again, options, context, look), context)
    return look


def _read(options: Options, context: Context) -> tuple[Look, dict[str, Any]]:
    """Read the file, or the files of the folder that are due; also return what to remember.

    Raise OSError, or XmlError.
    """
    until = perf_counter() + READING * context.timeout
    path, now = Path(options.path or ""), context.tools.now().timestamp()
    info = path.stat()
    if stat.S_ISREG(info.st_mode):
        fault = _fault(options, xml_folder.of(path, info), now)
        return Look((fault,) if fault else (), 1), {}
    if not stat.S_ISDIR(info.st_mode):
        raise XmlError(Reason.MISSING, "is neither a file nor a folder")
    since = int((now - context.interval) * 1e9)
    due = xml_folder.due(path, context.memory.value, since, int(now * 1e9))
    done, faults = _read_due(options, due.reading, now, until)
    wrong = [fault.file for fault in faults if fault.file in done]
    young = [fault.file for fault in faults if fault.young]
    return Look(tuple(faults), len(done), due.left(done), due.links), due.noted(done, wrong, young)


def _read_due(
    options: Options, files: Iterable[xml_folder.Found], now: float, until: float
) -> tuple[set[xml_folder.Found], list[Fault]]:
    """Return which files could be read in time, at least the first; and what is wrong, the newest first."""
    done: set[xml_folder.Found] = set()
    faults = []
    for one in files:
        if done and perf_counter() > until:
            break
        fault = _fault(options, one, now)
        if fault is not None:
            faults.append(fault)
            if fault.reason is Reason.QUERY:
                # There is no schema to hold any against: all of them wait for it.
                break
        done.add(one)
    return done, sorted(faults, key=lambda fault: fault.file.written, reverse=True)


def _fault(options: Options, one: xml_folder.Found, now: float) -> Fault | None:
    """Return what is wrong with a file; one that has gone meanwhile was sent off, and is fine."""
    try:
        data, found = xml_folder.read(one.path, follow=one.path == options.path)
    except FileNotFoundError:
        return None
    except OSError as error:
        return Fault(one, Reason.PERMISSION, f"cannot be read: {error.strerror}")
    try:
        with off_loop.turn():
            parse(data, schema=options.schema_)
    except XmlError as error:
        return Fault(one, error.reason, str(error), now - found.written / 1e9 < YOUNG)
    return None


def _again(options: Options, context: Context, look: Look) -> Look:
    """Read again what was written just now; what there is no time for stays as it was seen."""
    until = perf_counter() + READING_AGAIN * context.timeout
    now = context.tools.now().timestamp()
    faults = [
        _fault(options, fault.file, now) if fault.young and perf_counter() < until else fault
        for fault in look.faults
    ]
    return replace(look, faults=tuple(fault for fault in faults if fault is not None))


def _judged(look: Look) -> Result:
    invalid = [fault for fault in look.faults if fault.reason is Reason.CONTENT]
    numbers = {INVALID: float(len(invalid)), FILES: float(look.files)}
    if look.faults:
        settled = [fault for fault in invalid if not fault.young]
        told = settled or invalid or look.faults
        alike = sum(fault.reason is told[0].reason for fault in told)
        more = f"{alike} of {look.files} messages fail, the newest of them " if alike > 1 else ""
        what = f"{more}{excerpt(told[0].file.path.name)} {told[0].message}"
        signs = (Sign.MESSAGE_INVALID,) if invalid else ()
        return replace(failed(told[0].reason, what, numbers, signs=signs), decisive=bool(settled))
    files, left, links = look.files, look.left, look.links
    parts = [f"{files} message{'s are' if files > 1 else ' is'} valid" if files else "there are no messages"]
    if left:
        parts.append(f"{left} more {'have' if left > 1 else 'has'} not been read yet")
    if links:
        parts.append(f"{links} symbolic link{'s are' if links > 1 else ' is'} not followed")
    return ok(", ".join(parts), numbers)


def target(options: Options) -> str:
    """Return whom a run burdens, as `host:port`; nobody where files are read."""
    return http.target(options.request) if options.request is not None else ""


CHECK = CheckType("xml", Options, INVALID, probe, target)
