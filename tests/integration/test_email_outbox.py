"""From a committed row to a mailbox: a real state, a real outbox, a real relay, and crashes in between."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from alerts.change import Change
from alerts.incident import IncidentState
from alerts.notification import MAIL, Kind, Notification
from alerts.notifiers.email import MailRoute, Tempo
from alerts.options import Relay
from alerts.outbox import Outbox
from checks.lookup import Lookups
from daemon.clock import Clock
from daemon.store import Store
from daemon.store.queue import LEASE
from tests.support.clock import START, FakeClock
from tests.support.outbox import Counted
from tests.support.polling import until
from tests.support.sending import PATIENT, SENDER, relay
from tests.support.smtp import Scripted, Trick, post, scripted
from tests.support.stored import incident, notification, opened, opening, url_of

LETTER = b"Message-ID: <first@hotel.example>\r\nSubject: x\r\n\r\n.The gateway\r\n..rejects us.\r\n"

SEND_AND_HANG = """
import asyncio, sys
from pathlib import Path
from alerts.notification import MAIL
from daemon.clock import SystemClock
from daemon.store import Store
from tests.integration.test_email_outbox import letter, outbox_over
from tests.support.sending import relay
from tests.support.stored import opening

async def main():
    store = await Store.open(sys.argv[1], SystemClock())
    await store.commit(opening(letter("first"), letter("second", seconds=1)))
    await outbox_over(store, SystemClock(), relay(int(sys.argv[2]))).deliver_due()
    await asyncio.Event().wait()

asyncio.run(main())
"""


def letter(name: str, *, seconds: float = 0, kind: Kind = Kind.PROBLEM) -> Notification:
    """Return a notification that carries a whole message."""
    message = LETTER.replace(b"first", name.encode())
    return replace(notification(name, seconds=seconds, kind=kind), message=message)


def outbox_over(store: Store, clock: Clock, *relays: Relay) -> Outbox:
    """Return an outbox of a store that delivers over these relays."""
    route = MailRoute(relays, SENDER, Lookups(), Tempo(clock.monotonic, lambda: 0.5), PATIENT)
    return Outbox(store, {MAIL: route}, clock.now, lambda: 0.5, Counted())


async def deliver(outbox: Outbox) -> None:
    """Begin what is due, and wait until no conversation goes on."""
    await outbox.deliver_due()
    await until(lambda: not outbox._workers, 10, "the conversations to end")


async def states(store: Store) -> list[str]:
    return [str(one.state) for one in await store.notifications_of("a", 1)]


@asynccontextmanager
async def killed_after(server: Scripted, directory: Path, what: str) -> AsyncIterator[None]:
    """Run a process that sends, and kill it when the server has got so far."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SEND_AND_HANG, url_of(directory), str(server.port)
    )
    try:
        await until(lambda: server.messages if what == "." else what in server.commands, 30, what)
        yield
    finally:
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()


async def test_what_is_committed_arrives_as_it_was_written(tmp_path: Path) -> None:
    clock = FakeClock()
    async with opened(tmp_path, clock) as store, post() as server:
        await store.commit(opening(letter("first")))
        await deliver(outbox_over(store, clock, relay(server.port)))
        assert await states(store) == ["sent"]
        assert await store.pending() == (0, None, "", 0)
    assert [got.content for got in server.received] == [LETTER]


async def test_the_resolved_mail_takes_the_place_of_a_problem_mail_that_is_deferred(tmp_path: Path) -> None:
    clock = FakeClock()
    async with opened(tmp_path, clock) as store, post() as server:
        server.on_rcpt = ["451 4.7.1 greylisted", "451 4.7.1 greylisted"]
        await store.commit(opening(letter("first"), letter("second", seconds=1, kind=Kind.RESOLVED)))
        outbox = outbox_over(store, clock, relay(server.port))
        clock.advance(1)
        await deliver(outbox)
        assert await states(store) == ["superseded", "pending"]
        clock.advance(5)
        await deliver(outbox)
        assert await states(store) == ["superseded", "sent"]
        assert server.offered == [notification().recipient] * 3
    assert [got.content.split(b"@")[0] for got in server.received] == [b"Message-ID: <second"]


async def test_a_connection_lost_after_the_final_dot_repeats_the_very_same_bytes(tmp_path: Path) -> None:
    clock = FakeClock()
    async with opened(tmp_path, clock) as store, scripted({".": Trick.DROP}) as server:
        await store.commit(opening(letter("first")))
        outbox = outbox_over(store, clock, relay(server.port))
        await deliver(outbox)
        assert await states(store) == ["pending"]
        server.answers["."] = "250 kept"
        clock.advance(5)
        await deliver(outbox)
        (one,) = await store.notifications_of("a", 1)
    assert (str(one.state), one.attempts) == ("sent", 2)
    first, again = server.messages
    assert first == again


async def test_a_restart_before_the_attempt_keeps_the_bytes(tmp_path: Path) -> None:
    clock = FakeClock()
    async with post() as server:
        async with opened(tmp_path, clock) as store:
            await store.commit(opening(letter("first")))
            server.on_data = ["451 later"]
            await deliver(outbox_over(store, clock, relay(server.port)))
        async with opened(tmp_path, clock) as store:
            clock.advance(5)
            await deliver(outbox_over(store, clock, relay(server.port)))
    assert [got.content for got in server.received] == [LETTER]


async def test_a_crash_before_the_message_went_out_loses_and_repeats_nothing(tmp_path: Path) -> None:
    clock = FakeClock(START + timedelta(days=3650))
    async with scripted({"RCPT": Trick.HANG}) as hanging, post() as server:
        async with killed_after(hanging, tmp_path, "RCPT TO:<team@hotel.example>"):
            pass
        async with opened(tmp_path, clock) as store:
            assert await store.resume() == 1
            await outbox_over(store, clock, relay(server.port)).drain(20)
            assert await states(store) == ["sent", "sent"]
    assert hanging.messages == []
    assert [got.content for got in server.received] == [LETTER, LETTER.replace(b"first", b"second")]


async def test_a_crash_after_the_final_dot_repeats_the_same_message_once(tmp_path: Path) -> None:
    clock = FakeClock(START + timedelta(days=3650))
    async with scripted({".": Trick.HANG}) as hanging, post() as server:
        async with killed_after(hanging, tmp_path, "."):
            pass
        async with opened(tmp_path, clock) as store:
            assert await store.resume() == 1
            await outbox_over(store, clock, relay(server.port)).drain(20)
            assert await states(store) == ["sent", "sent"]
    assert hanging.messages == [LETTER.replace(b"\r\n.", b"\r\n..") + b".\r\n"]
    assert [got.content for got in server.received] == [LETTER, LETTER.replace(b"first", b"second")]


async def test_a_wall_clock_that_jumps_does_not_make_two_of_one(tmp_path: Path) -> None:
    clock = FakeClock()
    async with opened(tmp_path, clock) as store, scripted({".": Trick.HANG}) as server:
        await store.commit(opening(letter("first")))
        outbox = outbox_over(store, clock, relay(server.port))
        await outbox.deliver_due()
        await until(lambda: server.messages, 10, "the message")
        clock.jump(2 * LEASE.total_seconds())
        assert await outbox.deliver_due() == 0
        await outbox.drain(0.05)
    assert len(server.messages) == 1


async def test_a_stop_while_the_relay_is_saying_goodbye_leaves_the_letter_sent(tmp_path: Path) -> None:
    clock = FakeClock()
    async with opened(tmp_path, clock) as store, scripted({"QUIT": Trick.HANG}) as server:
        await store.commit(opening(letter("first")))
        outbox = outbox_over(store, clock, relay(server.port))
        await outbox.deliver_due()
        await until(lambda: "QUIT" in server.commands, 10, "the farewell")
        await outbox.drain(0.01)
        assert await states(store) == ["sent"]


async def test_a_letter_superseded_while_it_waits_is_not_sent(tmp_path: Path) -> None:
    clock = FakeClock()
    async with opened(tmp_path, clock) as store, post() as server:
        server.on_rcpt = ["451 later"]
        await store.commit(opening(letter("first")))
        outbox = outbox_over(store, clock, relay(server.port))
        await deliver(outbox)
        ended = replace(incident(), state=IncidentState.RESOLVED, resolved_at=clock.now())
        story = letter("story", seconds=1, kind=Kind.RESOLVED)
        await store.commit(Change(incidents=(ended,), notifications=(story,), superseded=("first",)))
        clock.advance(5)
        await deliver(outbox)
        assert await states(store) == ["superseded", "sent"]
    assert [got.content for got in server.received] == [LETTER.replace(b"first", b"story")]
