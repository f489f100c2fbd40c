"""A walk through an SPF record and all it includes, as for a sender that nothing matches (RFC 7208, 4.6.4).

Receivers stop at the first match; the limits must hold for the sender that is met last. So the walk goes
everywhere.
"""

import asyncio
from dataclasses import dataclass, field
from typing import NamedTuple

from checks.mail_records import clip
from checks.resolver import Lookups
from checks.spf_record import LOOKING_UP, Record, SpfError, Target, Term, is_spf, parse

MOST_LOOKUPS = 10
MOST_VOIDS = 2
MOST_MAIL_HOSTS = 10
TERMS_AT_ONCE = 200
"""Terms and addresses that are looked at before others may run."""
COUNTED = 50
"""Where counting ends: a record that needs this many look-ups is not followed further."""


class Records:
    """The SPF records of domains, each read once a run."""

    def __init__(self, ask: Lookups) -> None:
        self.ask = ask
        self._read: dict[str, Record | None] = {}
        self._since = 0

    async def step(self, steps: int = 1) -> None:
        """Let others run every so many steps: records may be long and the senders many."""
        self._since += steps
        if self._since >= TERMS_AT_ONCE:
            self._since = 0
            await asyncio.sleep(0)

    async def of(self, domain: str) -> Record | None:
        """Return the record of a domain, None if it has none; raises `SpfError` and `Unanswered`."""
        if domain not in self._read:
            self._read[domain] = await self._of(domain)
        return self._read[domain]

    async def _of(self, domain: str) -> Record | None:
        texts = [text for text in await self.ask.all(domain, "TXT") if is_spf(text)]
        if len(texts) > 1:
            raise SpfError(f"{clip(domain)} has {len(texts)} SPF records, and only one is allowed")
        try:
            record = parse(texts[0]) if texts else None
        except SpfError as error:
            raise SpfError(f"in the record of {clip(domain)} {error}") from error
        await self.step(len(record.terms) if record else 1)
        return record

    async def mail_hosts(self, domain: str) -> list[str]:
        """Return the hosts of a domain's MX records; raises `SpfError` when they are too many."""
        records = await self.ask.all(domain, "MX")
        if len(records) > MOST_MAIL_HOSTS:
            raise SpfError(f"{clip(domain)} has {len(records)} MX records, and {MOST_MAIL_HOSTS} are allowed")
        return [host for host in (record.partition(" ")[2] for record in records) if host]


class Step(NamedTuple):
    """Where the walk is: whose record, the way to it, and what a match there means.

    `passing` says that everybody it lets in passes; `last` that it speaks of senders nothing else matches.
    """

    path: tuple[str, ...]
    passing: bool = True
    last: bool = True

    @property
    def domain(self) -> str:
        """Whose record it is."""
        return self.path[-1]


@dataclass(slots=True)
class Survey:
    """What the walk found: look-ups in all, names without an answer, what is included, and who may send.

    `ends` says that the record speaks of senders that nothing matches.
    """

    lookups: int = 0
    voids: list[str] = field(default_factory=list)
    included: set[str] = field(default_factory=set)
    open_to_all: bool = False
    ends: bool = False

    async def walk(self, records: Records, domain: str) -> bool:
        """Walk from a domain; return False when it has no record; raises `SpfError` and `Unanswered`."""
        record = await records.of(domain.lower())
        if record is None:
            return False
        await self._through(records, record, Step((domain.lower(),)))
        if self.lookups > MOST_LOOKUPS:
            raise SpfError(f"it needs {self.lookups} DNS look-ups, and {MOST_LOOKUPS} are allowed")
        if len(self.voids) > MOST_VOIDS:
            names = ", ".join(clip(name, 40) for name in self.voids[:3])
            raise SpfError(
                f"{len(self.voids)} of its names have no answer, and {MOST_VOIDS} are allowed: {names}"
            )
        return True

    async def _through(self, records: Records, record: Record, at: Step) -> None:
        for term in record.terms:
            await records.step()
            self.open_to_all |= at.passing and term.everybody
            self.ends |= at.last and term.name == "all"
            if term.name in LOOKING_UP:
                self._count()
                await self._look_up(records, term, at)
        if record.redirect is not None:
            self._count()
            self.ends |= at.last and not record.redirect.fixed
            await self._follow(records, record.redirect, at, at.passing, at.last)

    async def _look_up(self, records: Records, term: Term, at: Step) -> None:
        if term.name == "include" and term.target is not None:
            await self._follow(records, term.target, at, at.passing and term.qualifier == "+", False)
        elif self.lookups <= MOST_LOOKUPS and (term.target is None or term.target.fixed):
            name = term.target.name if term.target else at.domain
            if await self._is_void(records, term, name):
                self.voids.append(f"{term.name}:{name}")

    def _count(self) -> None:
        self.lookups += 1
        if self.lookups > COUNTED:
            raise SpfError(f"it needs more than {COUNTED} DNS look-ups, and {MOST_LOOKUPS} are allowed")

    async def _follow(self, records: Records, target: Target, at: Step, *meaning: bool) -> None:
        if not target.fixed:
            return
        name = target.name
        if name in at.path:
            raise SpfError(f"{clip(at.domain)} leads to {clip(name)}, which leads back to it")
        self.included.add(name)
        record = await records.of(name)
        if record is None:
            raise SpfError(f"{clip(at.domain)} includes {clip(name)}, which has no SPF record")
        await self._through(records, record, Step((*at.path, name), *meaning))

    async def _is_void(self, records: Records, term: Term, name: str) -> bool:
        """Say whether a term's question has no answer, whatever the sender's address."""
        ask = records.ask
        if term.name == "mx":
            return not await records.mail_hosts(name)
        if term.name == "exists":
            return not (await ask.find(name, "A")).records
        if term.name == "a":
            return not ((await ask.find(name, "A")).records or (await ask.find(name, "AAAA")).records)
        return False
