"""A relay that misbehaves: a seed draws the mood of each conversation, and what is kept is counted."""

import asyncio
import ssl
import time
from collections import Counter
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from random import Random

HOST = "127.0.0.1"
LARGEST = 1 << 20


class Mood(Enum):
    """How one conversation goes. Only the first three, and the last, keep the message."""

    WILLING = "takes the message"
    DROPS_AFTER_DOT = "keeps the message, and closes the connection in place of an answer"
    SILENT_AFTER_DOT = "keeps the message, and says nothing more"
    GREYLISTS = "asks at the first RCPT to come back later"
    DROPS_IN_DATA = "closes the connection before the message ends"
    SILENT = "says nothing more from some command on"
    STALLS_IN_TLS = "agrees to STARTTLS, and never shakes hands"
    HANGS_AT_QUIT = "takes the message, and does not answer QUIT"


WEIGHTS: dict[Mood, int] = {
    Mood.WILLING: 44,
    Mood.GREYLISTS: 14,
    Mood.DROPS_IN_DATA: 10,
    Mood.DROPS_AFTER_DOT: 10,
    Mood.SILENT: 5,
    Mood.SILENT_AFTER_DOT: 5,
    Mood.STALLS_IN_TLS: 5,
    Mood.HANGS_AT_QUIT: 8,
}
SILENCES = (0.5, 0.5, 2.0, 2.0, 15.0, 90.0)
"""Seconds after which a silent relay closes the connection; the last two outlast everybody's patience."""

SILENT_FROM = ("", "EHLO", "MAIL", "RCPT", "DATA")
"""Where a silent conversation may end; "" is the greeting."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A message that was kept, and with it the duty to deliver it. `answered` says whether we said so.

    `began` is when the conversation began and `at` when the message was kept, both monotonic; `content` is
    without dot-stuffing.
    """

    began: float
    at: float
    recipient: str
    content: bytes
    answered: bool


@dataclass(frozen=True, slots=True)
class Conversation:
    """What is drawn for one conversation."""

    mood: Mood
    silent_from: str
    silence: float


def drawn(seed: int | None, number: int, weights: dict[Mood, int]) -> Conversation:
    """Return what the conversation of a number is like: the same whenever it takes place."""
    random = Random(f"{seed}:{number}")  # noqa: S311 - no secret, but the same each time
    (mood,) = random.choices(list(weights), list(weights.values()))
    return Conversation(mood, random.choice(SILENT_FROM), random.choice(SILENCES))


class EndError(Exception):
    """The conversation is over."""


@dataclass
class Relay:
    """Every conversation has a mood of its own; all are willing without a seed, and once `good` is set.

    `refused` are refused for ever (550). No silence lasts longer than `patience` seconds.
    """

    seed: int | None
    tls: ssl.SSLContext
    refused: Collection[str] = ()
    patience: float = 90.0
    weights: dict[Mood, int] = field(default_factory=lambda: dict(WEIGHTS))
    good: bool = False
    ports: list[int] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    moods: Counter[Mood] = field(default_factory=Counter)
    refusals: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _silences: set[asyncio.Timeout] = field(default_factory=set)

    @property
    def conversations(self) -> int:
        """How many there were."""
        return self.moods.total()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hold one conversation."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        bad = self.seed is not None and not self.good
        one = drawn(self.seed, self.conversations, self.weights if bad else {Mood.WILLING: 1})
        self.moods[one.mood] += 1
        with suppress(EndError, ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            await _Talk(self, one, reader, writer).hold()
        writer.transport.abort()

    async def be_silent(self, reader: asyncio.StreamReader, seconds: float) -> None:
        """Say nothing until the other side leaves, or the seconds are over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(min(seconds, self.patience)) as silence:
                self._silences.add(silence)
                try:
                    while await reader.read(4096):
                        pass
                finally:
                    self._silences.discard(silence)
        raise EndError

    def heal(self) -> None:
        """Be good from now on, and end what is silent."""
        self.good = True
        now = asyncio.get_running_loop().time()
        for silence in self._silences:
            silence.reschedule(now)

    async def close(self) -> None:
        """End every conversation."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)


@dataclass
class _Talk:
    """One conversation."""

    relay: Relay
    plan: Conversation
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    secure: bool = False
    recipient: str = ""
    began: float = field(default_factory=time.monotonic)

    async def hold(self) -> None:
        """Answer command after command, until one of us has enough."""
        await self._say("", "220 relay.test")
        while True:
            line = (await self.reader.readuntil(b"\r\n")).decode("ascii", "replace").strip()
            await self._obey(line.split(" ")[0].upper(), line)

    async def _obey(self, command: str, line: str) -> None:
        match command:
            case "EHLO":
                await self._say(
                    command, "250 relay.test" if self.secure else "250-relay.test\r\n250 STARTTLS"
                )
            case "STARTTLS":
                await self._shake_hands()
            case "MAIL":
                await self._say(command, "250 go on")
            case "RCPT":
                await self._rcpt(line[line.index("<") + 1 : line.index(">")])
            case "DATA":
                await self._say(command, "354 go on")
                await self._data()
            case "QUIT":
                await self._quit()
            case _:
                await self._say(command, "500 what?")

    async def _shake_hands(self) -> None:
        await self._say("STARTTLS", "220 go on")
        if self.plan.mood is Mood.STALLS_IN_TLS:
            await self.relay.be_silent(self.reader, self.plan.silence)
        await self.writer.start_tls(self.relay.tls)
        self.secure = True

    async def _rcpt(self, recipient: str) -> None:
        if recipient in self.relay.refused:
            self.relay.refusals += 1
            await self._say("RCPT", "550 no such person")
        elif self.plan.mood is Mood.GREYLISTS:
            await self._say("RCPT", "451 come back later")
        else:
            self.recipient = recipient
            await self._say("RCPT", "250 go on")

    async def _data(self) -> None:
        if self.plan.mood is Mood.DROPS_IN_DATA:
            await self.reader.readexactly(200)
            raise EndError
        content = (await self.reader.readuntil(b"\r\n.\r\n"))[:-3]
        answered = self.plan.mood not in {Mood.DROPS_AFTER_DOT, Mood.SILENT_AFTER_DOT}
        if answered:
            self.writer.write(b"250 kept\r\n")
        self.relay.kept.append(
            Kept(self.began, time.monotonic(), self.recipient, _unstuffed(content), answered)
        )
        if self.plan.mood is Mood.SILENT_AFTER_DOT:
            await self.relay.be_silent(self.reader, self.plan.silence)
        if not answered:
            raise EndError

    async def _quit(self) -> None:
        if self.plan.mood is Mood.HANGS_AT_QUIT:
            await self.relay.be_silent(self.reader, self.plan.silence)
        await self._say("QUIT", "221 bye")
        raise EndError

    async def _say(self, command: str, answer: str) -> None:
        if self.plan.mood is Mood.SILENT and command == self.plan.silent_from:
            await self.relay.be_silent(self.reader, self.plan.silence)
        self.writer.write(f"{answer}\r\n".encode())
        await self.writer.drain()


def _unstuffed(content: bytes) -> bytes:
    return content.replace(b"\r\n..", b"\r\n.")


@asynccontextmanager
async def relay(
    seed: int | None,
    tls: ssl.SSLContext,
    *,
    refused: Collection[str] = (),
    patience: float = 90.0,
    listeners: int = 1,
    ports: Sequence[int] = (),
) -> AsyncIterator[Relay]:
    """Serve on so many ports while the context lasts; on these `ports`, if they are given."""
    found = Relay(seed, tls, refused, patience)
    async with AsyncExitStack() as stack:
        for port in ports or [0] * listeners:
            server = await asyncio.start_server(found.serve, HOST, port, limit=LARGEST)
            found.ports.append(server.sockets[0].getsockname()[1])
            stack.push_async_callback(server.wait_closed)
            stack.callback(server.close)
        stack.push_async_callback(found.close)
        yield found
