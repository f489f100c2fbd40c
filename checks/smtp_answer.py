"""What a refusal of an SMTP server means: judged by enhanced code and text, never by three digits alone.

The texts are those of Google and of the common servers; what no rule knows falls back on the code's class.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from checks.expectation import excerpt
from checks.result import Reason, Sign
from checks.smtp_dialogue import Reply

LONGEST_TEXT = 1000
"""Characters of a refusal that are looked at."""


class Stage(StrEnum):
    """What a server was asked when it refused."""

    GREETING = "the greeting"
    EHLO = "EHLO"
    STARTTLS = "STARTTLS"
    LOGIN = "the login"
    NOOP = "NOOP"


@dataclass(frozen=True, slots=True)
class Rule:
    """Refusals of one meaning: codes that match `codes` (as `535 5.7.8`) with a text that matches `text`."""

    reason: Reason
    says: str
    codes: re.Pattern[str]
    text: re.Pattern[str]
    stage: Stage | None = None
    sign: Sign | None = None

    def holds(self, stage: Stage, codes: str, text: str) -> bool:
        """Say whether a refusal is one of these."""
        if self.stage not in {None, stage}:
            return False
        return self.codes.match(codes) is not None and self.text.search(text) is not None


class Meaning(NamedTuple):
    """Why a server refuses, and the words for it."""

    reason: Reason
    says: str
    signs: tuple[Sign, ...] = ()


def _rule(reason: Reason, says: str, codes: str, text: str = "", stage: Stage | None = None) -> Rule:
    patterns = re.compile(codes, re.ASCII), re.compile(text, re.IGNORECASE)
    return Rule(reason, says, *patterns, stage, _SIGNS.get(says))


_TLS_FIRST = (
    r"\b(must|needs?|requires?|issue|use)\b.{0,40}\b(starttls|tls|ssl|encrypt)"
    r"|\b(tls|encryption) (is )?required"
)
_TOO_OFTEN = r"too many.{0,40}(log[io]n|auth)|(log[io]n|auth).{0,40}too (many|often)"
_BLOCKED = (
    r"block(ed|ing|list)|blacklist|denylist|spamhaus|spamcop|\brbl\b|dnsbl|poor reputation"
    r"|\b(ip|address|host)\b.{0,30}\b(banned|rejected|denied)"
)
_UNSOLICITED = r"unusual rate|unsolicited|rate limited"
_LATER = r"try again later.{0,5}closing connection"
_APP = "the account needs an app password"
_LOCKED = "the account is locked, and wants a login through a web browser first"
_REFUSED = "user name or password is not accepted"
_BUSY = r"too many|too fast|too quickly|try (again )?less|slow down|throttl|rate limit|exceeded|concurrent"
_TEMPORARY = r"temporary (system|authentication|lookup|internal|server)|temporar(y|ily) (failure|unavailable)"

_TLS = "it wants TLS first"
_ATTEMPTS = "too many login attempts"
_DAILY = "the daily sending quota is used up"
_LIMITED = "it limits our address for unsolicited mail"
_SHUT_OUT = "it blocks our address"
_SIGNS = {
    _TLS: Sign.TLS_MODE,
    _ATTEMPTS: Sign.LOGIN_THROTTLED,
    _LOCKED: Sign.LOGIN_THROTTLED,
    _APP: Sign.APP_PASSWORD_NEEDED,
    _DAILY: Sign.QUOTA_USED_UP,
    _LIMITED: Sign.ADDRESS_BLOCKED,
    _SHUT_OUT: Sign.ADDRESS_BLOCKED,
}
"""What a meaning is a sign of, by its words."""

RULES: tuple[Rule, ...] = (
    _rule(Reason.TLS, "it cannot do TLS just now", r"4\d\d 4\.7\.|454", stage=Stage.STARTTLS),
    _rule(Reason.TLS, _TLS, r"[45]", _TLS_FIRST),
    _rule(Reason.TLS, _TLS, r"538|5\d\d 5\.7\.11\b", stage=Stage.LOGIN),
    _rule(Reason.RATE_LIMITED, _ATTEMPTS, r"[45]", _TOO_OFTEN),
    _rule(Reason.SERVER_ERROR, "it cannot check logins just now", r"4", _TEMPORARY, Stage.LOGIN),
    _rule(Reason.RATE_LIMITED, _ATTEMPTS, r"454 4\.7\.0\b", stage=Stage.LOGIN),
    _rule(Reason.CREDENTIALS, _APP, r"5\d\d 5\.7\.9\b", stage=Stage.LOGIN),
    _rule(Reason.CREDENTIALS, _APP, r"53", r"app(lication)?.specific password", Stage.LOGIN),
    _rule(Reason.CREDENTIALS, _LOCKED, r"5\d\d 5\.7\.14\b", stage=Stage.LOGIN),
    _rule(Reason.CREDENTIALS, _LOCKED, r"53", r"web browser|weblogin", Stage.LOGIN),
    _rule(Reason.CREDENTIALS, "the account is disabled", r"525|5\d\d 5\.7\.13\b", stage=Stage.LOGIN),
    _rule(Reason.CREDENTIALS, "the password must be changed", r"432|\d+ [45]\.7\.12\b", stage=Stage.LOGIN),
    _rule(Reason.CREDENTIALS, _REFUSED, r"53[45]|5\d\d 5\.7\.8\b", stage=Stage.LOGIN),
    _rule(Reason.PROTOCOL, "it does not know this way to log in", r"50[0-4]", stage=Stage.LOGIN),
    _rule(Reason.RATE_LIMITED, _DAILY, r"\d+ [45]\.4\.5\b", "limit|quota"),
    _rule(Reason.RATE_LIMITED, "mail goes out faster than it allows", r"450 4\.2\.1\b"),
    _rule(Reason.RATE_LIMITED, _LIMITED, r"4", _UNSOLICITED),
    _rule(Reason.FORBIDDEN, _SHUT_OUT, r"[45]", _BLOCKED),
    _rule(Reason.RATE_LIMITED, "it asks us to slow down", r"4", _BUSY),
    _rule(Reason.RATE_LIMITED, "it turns us away for a while", r"421 4\.7\.0\b", _LATER),
    _rule(Reason.PROTOCOL, "it does not understand the command", r"50[0-4]"),
)
"""In the order they are tried: the first that holds is what a refusal means."""


def meaning(stage: Stage, reply: Reply) -> Meaning:
    """Return the reason and the words for a refusal of what was asked.

    What a server says once a password was sent is not quoted: it could be that password.
    """
    codes, text = reply.codes, reply.text[:LONGEST_TEXT]
    for rule in RULES:
        if rule.holds(stage, codes, text):
            signs = (rule.sign,) if rule.sign else ()
            return Meaning(rule.reason, f"{_scene(stage)}: {rule.says} ({codes})", signs)
    quoted = "" if stage in {Stage.LOGIN, Stage.NOOP} else f": {excerpt(text)}"
    if reply.code < 400:
        said = f"the answer to {stage} is not what the protocol allows ({codes}){quoted}"
        return Meaning(Reason.PROTOCOL, said)
    lasting = " for now" if reply.code < 500 else ""
    return Meaning(Reason.SERVER_ERROR, f"{_scene(stage)}{lasting} ({codes}){quoted}")


def _scene(stage: Stage) -> str:
    return "the server turns us away" if stage is Stage.GREETING else f"the server refuses {stage}"
