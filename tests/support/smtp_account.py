"""An account at a mail host, looked at again and again by checks that remember."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from checks.context import Tools
from checks.memory import LOGINS, Memories
from checks.result import CheckId, Result
from checks.smtp_restraint import secondhand
from daemon.clock import SystemClock
from daemon.gate import Gate
from daemon.runner import Runner
from tests.support.polling import until
from tests.support.probing import a_check, look
from tests.support.smtp_host import HOST, MailHost


class Account:
    """Looks at one server again and again, remembering."""

    def __init__(self, host: MailHost) -> None:
        self.host = host
        self.memories = Memories()

    @property
    def options(self) -> Mapping[str, Any]:
        """The configuration of the check."""
        return {
            "host": HOST,
            "port": self.host.port,
            "security": "none",
            "username": "porter",
            "password": "hunter2",
            "allow_plaintext_auth": True,
            "login": True,
        }

    async def look(self, minutes: float = 0, **changed: Any) -> Result:
        """Look, so many minutes from now."""
        later = timedelta(minutes=minutes)
        return await look("smtp", memories=self.memories, later=later, **{**self.options, **changed})

    async def look_by(self, *ids: CheckId) -> list[Result | None]:
        """Have several checks look at once."""
        clock = SystemClock()
        runner = Runner(Tools.new(clock.now), self.memories, clock, Gate(), lambda text: text)
        check = a_check("smtp", 5.0, **self.options)
        return list(await asyncio.gather(*(runner.run(replace(check, id=one)) for one in ids)))

    @property
    def stored(self) -> dict[str, Any]:
        """What is remembered of logins, as it comes back from the state."""
        return dict(json.loads(json.dumps(dict(self.memories.of(LOGINS).value))))

    def restart(self, *, secondhanded: bool = False) -> None:
        """Forget everything but what is stored."""
        stored = self.stored
        self.memories = Memories()
        self.memories.restore({LOGINS: secondhand(stored) if secondhanded else stored})

    async def begin(self, minutes: float, tried: int) -> None:
        """Begin to look, and break that off once the host has seen so many logins."""
        run = asyncio.ensure_future(self.look(minutes))
        await until(lambda: self.host.count("AUTH") == tried, 5, "the login")
        run.cancel()
        await asyncio.wait((run,))
