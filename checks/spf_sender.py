"""What an SPF record says of one sending address (RFC 7208, sections 4.6 and 5)."""

import ipaddress

from checks.spf_record import Record, SpfError, Term
from checks.spf_survey import Records

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

PASS, NEUTRAL = "pass", "neutral"
VERDICTS = {"+": PASS, "-": "fail", "~": "softfail", "?": NEUTRAL}
MOST_NAMES = 10


class Sender:
    """An address that sends. The record must have been surveyed: its limits hold and it ends.

    `macros` says that a term that lets senders in was left alone because it depends on the single mail.
    """

    def __init__(self, records: Records, address: Address) -> None:
        self._records, self._ask = records, records.ask
        mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
        self._address: Address = mapped or address
        self._kind = "A" if self._address.version == 4 else "AAAA"
        self.macros = False

    async def verdict(self, domain: str) -> str:
        """Return `pass`, `fail`, `softfail` or `neutral`; raises `SpfError` and `Unanswered`."""
        record = await self._records.of(domain)
        if record is None:
            raise SpfError(f"{domain} has no SPF record")
        return await self._verdict(domain, record)

    async def _verdict(self, domain: str, record: Record) -> str:
        for term in record.terms:
            await self._records.step()
            if term.target is not None and not term.target.fixed:
                self.macros |= term.qualifier == "+"
            elif await self._matches(term, term.target.name if term.target else domain):
                return VERDICTS[term.qualifier]
        if record.redirect is None:
            return NEUTRAL
        if not record.redirect.fixed:
            self.macros = True
            return NEUTRAL
        return await self.verdict(record.redirect.name)

    async def _matches(self, term: Term, name: str) -> bool:
        if term.network is not None:
            return self._address in term.network
        match term.name:
            case "include":
                return await self.verdict(name) == PASS
            case "exists":
                return bool((await self._ask.find(name, "A")).records)
            case "a" | "mx":
                hosts = await self._records.mail_hosts(name) if term.name == "mx" else [name]
                return any([await self._is_at(host, term) for host in hosts])
            case "ptr":
                return await self._is_named(name)
        return term.name == "all"

    async def _is_at(self, host: str, term: Term) -> bool:
        """Say whether the address is one of a host's, or in the network around it."""
        size = term.v4 if self._kind == "A" else term.v6
        records = await self._ask.all(host, self._kind)
        await self._records.step(len(records))
        return any(
            self._address in ipaddress.ip_network(f"{record}/{size}", strict=False) for record in records
        )

    async def _is_named(self, domain: str) -> bool:
        """Say whether the address has a name in the domain that leads back to it."""
        names = (await self._ask.find(self._address.reverse_pointer, "PTR")).records[:MOST_NAMES]
        for name in names:
            inside = name == domain or name.endswith("." + domain)
            if inside and str(self._address) in (await self._ask.find(name, self._kind)).records:
                return True
        return False
