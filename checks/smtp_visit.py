"""One run against one SMTP server: greeting, EHLO, STARTTLS, EHLO again, perhaps a login, NOOP, QUIT.

No mail is ever sent.
"""

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from checks.certificate import Certificate, ends_of
from checks.connection import NOT_TLS, Place, Unreachable, peer_certificate, place
from checks.context import Context, Trace
from checks.findings import set_up
from checks.result import RESPONSE_TIME, Phase, Reason, Result, Sign, failed, ok
from checks.smtp_answer import Stage, meaning
from checks.smtp_dialogue import Dialogue, Reply
from checks.smtp_restraint import Account
from checks.values import SmtpServer, TlsTrust

QUIET = 0.7
"""The share of the time left after which a server that says nothing is tried with TLS: with the usual ten
seconds well after the six that servers wait to catch those who speak first."""

PARTING = 0.5
"""Seconds that the answer to QUIT is waited for at the most."""

APP_PASSWORD = 16
"""Letters of a Google app password, its blanks not counted."""

Offers = Mapping[str, frozenset[str]]


class Refused(Unreachable):
    """The server answered, and not as it should."""

    def __init__(self, stage: Stage, reply: Reply, advice: str = "") -> None:
        reason, says, signs = meaning(stage, reply)
        wanting = (Sign.APP_PASSWORD_NEEDED,) if advice and reason is Reason.CREDENTIALS else ()
        super().__init__(reason, says + advice, *signs, *wanting)


class Visit:
    """One run against one server; with an account, it logs in if that is due."""

    def __init__(self, server: SmtpServer, context: Context, account: Account | None = None) -> None:
        self._server = server
        self._account = account
        trust = TlsTrust(verify=server.verify, ca_file=server.ca_file)
        self._secured = place(server.host, server.port, trust)
        self._plain = place(server.host, server.port)
        self._context = context
        self._connector = context.tools.connector
        self._ends = asyncio.get_running_loop().time() + context.timeout
        self._logged_in = False
        self._settings: dict[str, str] = {}

    async def result(self) -> Result:
        """Hold the conversation, and return what it led to."""
        trace, dialogue, certificate = self._context.trace, Dialogue(), None
        try:
            offers = await self._ready(dialogue)
            certificate = peer_certificate(dialogue.transport) if dialogue.transport else None
            self._learn(dialogue.transport, certificate)
            if self._account is not None:
                await self._login(dialogue, offers, self._account)
            _expect(250, Stage.NOOP, await dialogue.ask("NOOP"))
            trace.end()
            await self._part(dialogue)
            result = ok(self._praise())
        except Refused as refused:
            trace.end()
            result = failed(refused.reason, str(refused), signs=refused.signs)
        except Unreachable as unreachable:
            return replace(unreachable.result(trace), certificate_expiry=ends_of(certificate))
        finally:
            dialogue.end()
        time = round(sum(trace.phases.values()) * 1000, 3)
        return replace(
            result,
            measurements={RESPONSE_TIME: time},
            certificate_expiry=ends_of(certificate),
            findings=set_up(self._settings),
        )

    def _learn(self, transport: asyncio.Transport | None, certificate: Certificate | None) -> None:
        """Note how the server is set up."""
        tls = transport.get_extra_info("ssl_object") if transport else None
        self._settings["tls"] = (tls.version() if tls is not None else None) or "none"
        self._settings |= certificate.settings if certificate else {}

    async def _ready(self, dialogue: Dialogue) -> Offers:
        """Get to where mail could be sent; return what is offered there."""
        context = self._context
        if self._server.security != "starttls":
            return await self._greeted(dialogue, context.trace)
        transport = await self._until_tls(dialogue, context.trace)
        dialogue.transport = await self._connector.upgrade(
            transport, dialogue, self._secured, context.trace, context.tools.now(), again=self._again
        )
        context.trace.enter(Phase.PROCESSING)
        return await _ehlo(dialogue)

    async def _greeted(self, dialogue: Dialogue, trace: Trace) -> Offers:
        to = self._secured if self._server.security == "tls" else self._plain
        try:
            dialogue.transport = await self._connector.open(to, dialogue, trace, self._context.tools.now())
        except Unreachable as unreachable:
            if getattr(unreachable.__cause__, "reason", None) in NOT_TLS:
                said = _wants(to, "plain text", "starttls")
                raise Unreachable(Reason.TLS, said, Sign.TLS_MODE) from unreachable
            raise
        trace.enter(Phase.PROCESSING)
        greeting = await self._greeting(dialogue)
        _expect(220, Stage.GREETING, greeting)
        self._settings["banner"] = (greeting.text.split() or ["-"])[0].lower()
        return await _ehlo(dialogue)

    async def _greeting(self, dialogue: Dialogue) -> Reply:
        """Return the greeting; a server that keeps silent may be waiting for TLS."""
        when = "instead of a greeting"
        if self._server.security == "tls":
            return await dialogue.reply(when)
        with suppress(TimeoutError):
            async with asyncio.timeout(QUIET * self._left()):
                return await dialogue.reply(when)
        with suppress(TimeoutError):
            async with asyncio.timeout(QUIET * self._left()):
                if await self._connector.peek(self._plain) is not None:
                    said = _wants(self._secured, "TLS from the start", "tls")
                    raise Unreachable(Reason.TLS, said, Sign.TLS_MODE)
        return await dialogue.reply(when)

    async def _until_tls(self, dialogue: Dialogue, trace: Trace) -> asyncio.Transport:
        offers = await self._greeted(dialogue, trace)
        if "STARTTLS" not in offers:
            message = f"{self._secured} does not offer STARTTLS, so that nothing can be sent safely"
            raise Unreachable(Reason.PROTOCOL, message, Sign.TLS_MODE)
        _expect(220, Stage.STARTTLS, await dialogue.ask("STARTTLS"))
        if dialogue.pending or dialogue.transport is None:
            # What comes in plain text now would be taken for an answer given under TLS.
            raise Unreachable(Reason.PROTOCOL, "the server speaks on in plain text after STARTTLS")
        return dialogue.transport

    async def _again(self) -> tuple[asyncio.Transport, asyncio.Protocol]:
        dialogue, transport = Dialogue(), None
        try:
            transport = await self._until_tls(dialogue, Trace())
        finally:
            if transport is None:
                dialogue.end()
        return transport, dialogue

    async def _login(self, dialogue: Dialogue, offers: Offers, account: Account) -> None:
        ways = offers.get("AUTH", frozenset())
        if not ways & {"PLAIN", "LOGIN"}:
            known = f"only {', '.join(sorted(ways)[:5])}" if ways else "none at all"
            raise Unreachable(Reason.PROTOCOL, f"the server offers no way to log in that we know: {known}")
        if not account.begin():
            return
        user, password = self._server.username or "", ""
        if self._server.password is not None:
            password = self._server.password.get_secret_value()
        if "PLAIN" in ways:
            reply = await dialogue.confide(f"AUTH PLAIN {_coded(chr(0).join(('', user, password)))}")
        else:
            reply = await dialogue.confide("AUTH LOGIN")
            for word in (user, password):
                if reply.code == 334:
                    reply = await dialogue.confide(_coded(word))
        if reply.code != 235:
            raise Refused(Stage.LOGIN, reply, _advice(self._server.host, password))
        account.worked()
        self._logged_in = True

    async def _part(self, dialogue: Dialogue) -> None:
        """Say goodbye; trouble with that is no failure."""
        with suppress(Unreachable, TimeoutError):
            async with asyncio.timeout(min(PARTING, self._left() / 2)):
                await dialogue.ask("QUIT")

    def _left(self) -> float:
        return max(self._ends - asyncio.get_running_loop().time(), 0.0)

    def _praise(self) -> str:
        how = "without TLS" if self._server.security == "none" else "over TLS"
        if self._logged_in:
            return f"answers {how} and lets us log in"
        return f"answers {how}{self._account.word if self._account else ''}"


async def _ehlo(dialogue: Dialogue) -> Offers:
    """Introduce ourselves; return the extensions on offer, and their parameters."""
    reply = await dialogue.ask(f"EHLO {dialogue.name}")
    _expect(250, Stage.EHLO, reply)
    offers: dict[str, frozenset[str]] = {}
    for line in reply.lines[1:]:
        word, *parameters = line.upper().replace("AUTH=", "AUTH ", 1).split() or [""]
        offers[word] = offers.get(word, frozenset()).union(parameters)
    return offers


def _expect(code: int, stage: Stage, reply: Reply) -> None:
    if reply.code != code:
        raise Refused(stage, reply)


def _wants(to: Place, speaks: str, security: str) -> str:
    return f"{to} seems to speak {speaks}, which is not what is configured: try `security: {security}`"


def _advice(host: str, password: str) -> str:
    """Return what catches the eye about a password that a server refused."""
    google = host.lower().rstrip(".").endswith((".gmail.com", ".google.com"))
    if google and len("".join(password.split())) != APP_PASSWORD:
        return f"; an app password of Google has {APP_PASSWORD} letters, the configured one has not"
    return ""


def _coded(text: str) -> str:
    return b64encode(text.encode(errors="surrogateescape")).decode()
