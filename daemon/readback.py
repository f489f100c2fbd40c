"""Whether a mail has arrived in a mailbox: looked up by its Message-ID over IMAP, changing nothing there."""

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.drill_options import Mailbox
from alerts.message_text import MONTHS, clean
from checks.connection import Connector, Unreachable, place
from checks.context import Trace
from checks.values import TlsTrust
from daemon.imap_dialogue import ImapDialogue, ImapError, quoted

AGAIN = 1.0
"""Seconds between two looks within one visit."""

VISIT = 15.0
"""Seconds of one visit at the most."""

SLACK = timedelta(days=2)
"""By how much a server's clock and zone may differ from ours: it knows a mail by the day it came."""

PARTING = 0.5
_FOUND = re.compile(r"\* SEARCH( [0-9]{1,10})*\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ReadBack:
    """Looks into mailboxes, over kept SSL contexts; `now` is held against certificates."""

    connector: Connector
    now: Callable[[], datetime]
    visit: float = VISIT
    again: float = AGAIN

    async def __call__(self, mailbox: Mailbox, message_id: str) -> bool:
        """Tell whether a mail is there, waiting for it a while; raise ImapError when that cannot be told."""
        dialogue = ImapDialogue()
        ends = asyncio.get_running_loop().time() + self.visit
        try:
            async with asyncio.timeout_at(ends):
                await self._enter(dialogue, mailbox)
            return await self._wait_for(dialogue, message_id, ends)
        except TimeoutError:
            raise ImapError(f"{mailbox.host} does not answer within {self.visit:g} s") from None
        except (Unreachable, OSError, ValueError) as error:
            # Such as a file of certificates that is gone: a drill ends all the same, and says why.
            raise ImapError(clean(str(error), 200) or type(error).__name__) from None
        finally:
            dialogue.end()

    async def _enter(self, dialogue: ImapDialogue, mailbox: Mailbox) -> None:
        trace, trust = Trace(), TlsTrust(verify=mailbox.verify, ca_file=mailbox.ca_file)
        secured, plain = (place(mailbox.host, mailbox.port, one) for one in (trust, None))
        to = secured if mailbox.security == "tls" else plain
        dialogue.transport = await self.connector.open(to, dialogue, trace, self.now())
        await dialogue.greeting()
        if mailbox.security == "starttls":
            await dialogue.ask("STARTTLS")
            if dialogue.pending or dialogue.transport is None:
                # What comes in plain text now would be taken for an answer given under TLS.
                raise ImapError("the server speaks on in plain text after STARTTLS")
            dialogue.transport = await self.connector.upgrade(
                dialogue.transport, dialogue, secured, trace, self.now()
            )
        password = mailbox.password.get_secret_value()
        await dialogue.ask(f"LOGIN {quoted(mailbox.username)} {quoted(password)}", secret=True)
        # Unlike SELECT it leaves everything as it is: whoever reads the mailbox, too, misses nothing.
        await dialogue.ask(f"EXAMINE {quoted(mailbox.folder)}")

    async def _wait_for(self, dialogue: ImapDialogue, message_id: str, ends: float) -> bool:
        """Look until the mail is there or the time is up; raise TimeoutError when nothing was answered."""
        loop, looked = asyncio.get_running_loop(), False
        while True:
            try:
                async with asyncio.timeout_at(ends):
                    found = await self._sees(dialogue, message_id)
            except TimeoutError:
                if looked:
                    return False
                raise
            looked = True
            if found or loop.time() + self.again >= ends:
                with suppress(TimeoutError, ImapError):
                    async with asyncio.timeout(PARTING):
                        await dialogue.ask("LOGOUT")
                return found
            await asyncio.sleep(self.again)

    async def _sees(self, dialogue: ImapDialogue, message_id: str) -> bool:
        # A server tells of what has come since only when it is asked for something.
        await dialogue.ask("NOOP")
        # By the day first: of a million mails it would read the header of each otherwise.
        day = self.now() - SLACK
        since = f"{day.day}-{MONTHS[day.month - 1]}-{day.year}"
        said = await dialogue.ask(f"SEARCH SINCE {since} HEADER Message-ID {quoted(message_id)}")
        return any(_FOUND.fullmatch(line) and line.strip()[-1].isdigit() for line in said)
