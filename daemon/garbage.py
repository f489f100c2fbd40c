"""The search for garbage: seldom, and never in what stays, for all stands still meanwhile.

Most of what a run makes goes by itself when the run ends. What stays is set aside: when all is built, and
again when every check has been looked at once, because the first looks leave a good deal behind. Once what is
watched has changed, what was set aside is searched once more and set aside again; one pause, a minute or two
later, when nobody waits for the reload any more, and one for all hotels that move in that time. Then memory
that is free goes back to the system, every minute anew.
"""

import asyncio
import gc
from collections.abc import Callable

from daemon.heap import give_back

SELDOM = 10_000
"""Objects after which the newest are searched: those of the runs in flight would be gone through again and
again."""

ROUND = 60.0
"""Seconds in which all that is new has been looked at: first looks are spread over half of it."""


class Garbage:
    """Sets aside what stays. `edition` tells one state of what is watched from the next.

    It looks `every` so many seconds whether there is something to set aside.
    """

    def __init__(self, edition: Callable[[], int], every: float = ROUND) -> None:
        self._edition, self._every = edition, every
        self._seen = self._searched = edition()
        self._whole = False
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Set aside what has been built, and search from now on; must be called where the event loop runs."""
        self._seen = self._searched = self._edition()
        _set_aside()
        gc.set_threshold(SELDOM)
        gc.enable()
        self._wait()

    def end(self) -> None:
        """Look no more whether there is something to set aside."""
        if self._timer is not None:
            self._timer.cancel()

    def tick(self) -> None:
        """Set aside what has come to stay, if what is watched is the same as a tick before."""
        now = self._edition()
        if now != self._seen:
            self._seen, self._whole = now, False
        elif not self._whole:
            if now != self._searched:
                # Something may have gone of what was set aside.
                gc.unfreeze()
            _set_aside()
            self._searched, self._whole = now, True

    def _wait(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._every, self._turn)

    def _turn(self) -> None:
        self.tick()
        give_back()
        self._wait()


def _set_aside() -> None:
    gc.collect()
    gc.freeze()
