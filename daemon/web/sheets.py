"""What people send by a form: its fields, what is wrong with them, and that one form acts once."""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Hashable
from typing import Any

from aiohttp import web

from daemon.web import body, form
from daemon.web.answer import RefusedError
from daemon.web.patience import PATIENCE, UnsettledError, seen, settled

WHOLE = ""
"""Where it stands what is wrong with a form as a whole."""

MARKS = ("csrf", "once")
"""Fields of every form: the visitor's mark, and the name of this very form."""

REMEMBERED = 1000
"""Forms that are remembered at the most."""


class Sheet:
    """The fields of a form. What is wrong with them is kept in `errors`, by field, as sentences."""

    def __init__(self, said: dict[str, str], once: str = "") -> None:
        self.said = said
        self.once = once
        self.errors: dict[str, str] = {}

    def name(self, field: str, label: str, *, required: bool = True) -> str:
        """Return a name; an empty text where it is not one."""
        return self._tried(field, lambda: body.name({label: self._value(field)}, label, required=required))

    def note(self, field: str, label: str, *, required: bool = False) -> str:
        """Return a text as one line; an empty text where it is none."""
        return self._tried(field, lambda: body.note({label: self._value(field)}, label, required=required))

    def number(self, field: str) -> int | None:
        """Return a small whole number, None where there is none."""
        value = self.said.get(field, "")
        return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None

    def _value(self, field: str) -> str | None:
        return self.said.get(field, "").strip() or None

    def _tried(self, field: str, read: Callable[[], str]) -> str:
        try:
            return read()
        except RefusedError as refused:
            self.errors[field] = str(refused)
            return ""


async def sheet(request: web.Request, known: Collection[str]) -> Sheet:
    """Return what a form holds; refuse what it does not send."""
    said = dict(await form.read(request))
    if not {*known, *MARKS}.issuperset(said):
        raise RefusedError(400, "This address takes what its own form sends.")
    once = said.pop("once", "")
    said.pop("csrf", None)
    return Sheet({field: value.replace("\r\n", "\n") for field, value in said.items()}, once)


class Once:
    """The forms that were sent: what is sent twice, by a double press or by going back, acts once."""

    def __init__(self) -> None:
        self._sent: dict[Hashable, asyncio.Task[Any]] = {}

    async def do(
        self, request: web.Request, sheet: Sheet, act: Callable[[], Coroutine[Any, Any, None]]
    ) -> None:
        """Do what a form asks, unless just that has been done, or is still going on; raise what it raised."""
        if not sheet.once:
            await act()
            return
        sent = (request.path, sheet.once, *sorted(sheet.said.items()))
        task = self._sent.get(sent)
        if task is None or _failed(task):
            task = asyncio.create_task(act())
            task.add_done_callback(seen)
            self._remember(sent, task)
        try:
            # An act has its own patience, which ends first.
            await settled(task, PATIENCE + 1)
        except UnsettledError as unsettled:
            self._remember(sent, unsettled.task)
            raise

    def _remember(self, sent: Hashable, task: asyncio.Task[Any]) -> None:
        self._sent.pop(sent, None)
        while len(self._sent) >= REMEMBERED:
            del self._sent[next(iter(self._sent))]
        self._sent[sent] = task


def _failed(task: asyncio.Task[Any]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)


ONCE = web.AppKey("once", Once)
