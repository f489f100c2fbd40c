"""`nightporter run`: the daemon, in the foreground."""

import argparse
import asyncio
import gc
import os
import signal
import sys
import threading
from functools import partial

import structlog

from daemon import logs
from daemon.app import App
from daemon.cli.command import CommandError
from daemon.cli.loading import loop_factory, settings
from daemon.clock import SystemClock
from daemon.garbage import Garbage
from daemon.settings import Settings, load
from daemon.store import StateError, Store
from daemon.store.aside import set_aside
from daemon.watchdog import ServiceManager
from daemon.web.front import ListenError

log = structlog.get_logger()

LEAVE_WITHIN = 9.5
"""Seconds from SIGTERM to the end, whatever hangs: a thread in a system call that does not return, say."""

TURN = 0.001
"""Seconds after which a thread has to let another go on: what is written must not wait for the event loop."""


def main(arguments: argparse.Namespace) -> int:
    """Be on duty until a signal ends it."""
    # Until there is something to reload, that signal must not end us.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    # What is built now is there for good: to look for garbage in it takes a third of the time.
    gc.disable()
    configuration = settings(arguments)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(_run(arguments, configuration))


async def _run(arguments: argparse.Namespace, configuration: Settings) -> int:
    redactor = logs.Redactor(configuration.secrets)
    logs.configure(configuration.log.level, configuration.log.format, redactor)
    clock = SystemClock()
    manager = ServiceManager.of(os.environ, os.getpid())
    try:
        if arguments.new_state:
            _start_over(configuration, clock)
        # A large state of an earlier version takes its time.
        async with manager.patient("opening the state"):
            store = await Store.open(configuration.state, clock)
    except StateError as error:
        raise CommandError(redactor(str(error))) from error
    try:
        read = partial(load, arguments.config, os.environ)
        app = App(configuration, store, clock, redactor, read, manager=manager)
        await _on_duty(app)
    except StateError as error:
        # It was there when it was opened, and is not any more.
        raise CommandError(redactor(str(error))) from error
    except ListenError as error:
        host, port = configuration.listen
        raise CommandError(f"cannot listen on {host}:{port}: {error}; change `listen`") from error
    finally:
        await store.close()
    return 0


def _start_over(configuration: Settings, clock: SystemClock) -> None:
    moved = set_aside(configuration.state, clock.now())
    if moved is None:
        log.warning("state.new", reason="there was none to move aside")
    else:
        log.warning("state.moved_aside", to=str(moved))


async def _on_duty(app: App) -> None:
    sys.setswitchinterval(TURN)
    loop = asyncio.get_running_loop()
    stop, left, reloads = asyncio.Event(), threading.Event(), set[asyncio.Task[object]]()

    def reload() -> None:
        task: asyncio.Task[object] = asyncio.create_task(app.reload())
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    def leave() -> None:
        stop.set()
        last_resort = threading.Timer(LEAVE_WITHIN, lambda: os._exit(0 if left.is_set() else 1))
        last_resort.daemon = True
        last_resort.start()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, leave)
    loop.add_signal_handler(signal.SIGHUP, reload)
    garbage = Garbage(lambda: app.board.edition)
    await app.run(stop, garbage.begin)
    garbage.end()
    left.set()
