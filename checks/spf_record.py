"""SPF records as text: their terms, and what is wrong with them (RFC 7208, sections 4.6, 5, 6 and 12)."""

import ipaddress
import re
from dataclasses import dataclass

from checks.mail_records import clip

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LOOKING_UP = frozenset({"include", "a", "mx", "ptr", "exists"})
"""The mechanisms that cost a look-up; so does `redirect`."""

LONGEST = 4096
MOST_TERMS = 450
"""Characters and terms of a record that are read; receivers are asked to cope with 450 characters or so."""

_VERSION = re.compile(r"v=spf1(?= |$)", re.IGNORECASE)
_MODIFIER = re.compile(r"([A-Za-z][A-Za-z0-9_.-]*)=(.*)", re.DOTALL)
_DIRECTIVE = re.compile(r"([+?~-]?)([A-Za-z][A-Za-z0-9_.-]*)([:/].*)?", re.DOTALL)
_SIZES = re.compile(
    r"(?::(?P<domain>.+?))?(?:/(?P<v4>0|[1-9][0-9]?))?(?://(?P<v6>0|[1-9][0-9]{0,2}))?", re.DOTALL
)
_MACROS = re.compile(
    r"(?:[\x21-\x24\x26-\x7e]|%[%_-]|%\{[slodiphcrtv][0-9]{0,3}r?[.+,/_=-]*\})*", re.IGNORECASE
)
_TOP_LABEL = re.compile(r".*\.(?=[A-Za-z0-9-]*[A-Za-z-])[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.?")
_NETWORK = re.compile(r":[0-9A-Fa-f:.]{2,45}(?:/(?:0|[1-9][0-9]{0,2}))?")


class SpfError(Exception):
    """A record that receivers give up on ("permerror"); the text says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """A name that a term points to. One with macros depends on the mail, and is left alone."""

    name: str

    @property
    def fixed(self) -> bool:
        """Whether it is the same name for every mail."""
        return "%" not in self.name


@dataclass(frozen=True, slots=True)
class Term:
    """A mechanism: whom it matches, and what is said of them. Without a target it means its own domain."""

    qualifier: str
    name: str
    target: Target | None = None
    network: Network | None = None
    v4: int = 32
    v6: int = 128

    @property
    def everybody(self) -> bool:
        """Whether it lets the whole world in."""
        anyone = self.name == "all" or (self.network is not None and self.network.prefixlen == 0)
        return anyone and self.qualifier == "+"


@dataclass(frozen=True, slots=True)
class Record:
    """The mechanisms up to `all`, and where to go on when none matches."""

    terms: tuple[Term, ...]
    redirect: Target | None


def is_spf(text: str) -> bool:
    """Say whether a TXT record is an SPF record."""
    return _VERSION.match(text) is not None


def parse(text: str) -> Record:
    """Return what a record says; raises `SpfError`."""
    terms: list[Term] = []
    modifiers: dict[str, Target] = {}
    for word in _words(text):
        modifier = _MODIFIER.fullmatch(word)
        if modifier is None:
            terms.append(_mechanism(word))
            continue
        name = modifier[1].lower()
        if name in {"redirect", "exp"}:
            if name in modifiers:
                raise SpfError(f"it has {name}= twice")
            modifiers[name] = _target(modifier[2], word)
        elif not _MACROS.fullmatch(modifier[2]):
            raise SpfError(f'"{clip(word)}" is malformed')
    last = next((i for i, term in enumerate(terms) if term.name == "all"), None)
    if last is None:
        return Record(tuple(terms), modifiers.get("redirect"))
    return Record(tuple(terms[: last + 1]), None)


def _words(text: str) -> list[str]:
    if len(text) > LONGEST:
        raise SpfError(f"there are {len(text)} characters, too long to be evaluated by receivers")
    words = [word for word in text[len("v=spf1") :].split(" ") if word]
    if len(words) > MOST_TERMS:
        raise SpfError(f"there are {len(words)} terms, too many to be evaluated by receivers")
    return words


def _mechanism(word: str) -> Term:
    match = _DIRECTIVE.fullmatch(word)
    if match is None:
        raise SpfError(f'"{clip(word)}" is not a term of SPF')
    qualifier, name, rest = match[1] or "+", match[2].lower(), match[3] or ""
    if name == "all" and not rest:
        return Term(qualifier, name)
    if name in {"ip4", "ip6"}:
        return Term(qualifier, name, network=_network(name, rest, word))
    if name in {"include", "exists"} and rest.startswith(":"):
        return Term(qualifier, name, _target(rest[1:], word))
    if name == "ptr" and (not rest or rest.startswith(":")):
        return Term(qualifier, name, _target(rest[1:], word) if rest else None)
    if name in {"a", "mx"}:
        return _with_sizes(qualifier, name, rest, word)
    what = "is malformed" if name in LOOKING_UP or name == "all" else "is not a mechanism of SPF"
    raise SpfError(f'"{clip(word)}" {what}')


def _with_sizes(qualifier: str, name: str, rest: str, word: str) -> Term:
    match = _SIZES.fullmatch(rest)
    if match is None:
        raise SpfError(f'"{clip(word)}" is malformed')
    v4, v6 = int(match["v4"] or 32), int(match["v6"] or 128)
    if v4 > 32 or v6 > 128:
        raise SpfError(f'"{clip(word)}" has a network size that cannot be')
    domain = match["domain"]
    return Term(qualifier, name, _target(domain, word) if domain else None, v4=v4, v6=v6)


def _network(name: str, rest: str, word: str) -> Network:
    network = ipaddress.IPv4Network if name == "ip4" else ipaddress.IPv6Network
    try:
        # Python also takes netmasks and zones, which SPF does not know.
        return network(rest[1:] if _NETWORK.fullmatch(rest) else "", strict=False)
    except ValueError as error:
        raise SpfError(f'"{clip(word)}" does not name an address or network') from error


def _target(text: str, word: str) -> Target:
    """Return the target of a term; without a macro at its end it must end like a host name."""
    sound = _MACROS.fullmatch(text) is not None
    if not sound or not (text.endswith("}") or _TOP_LABEL.fullmatch(text)):
        raise SpfError(f'"{clip(word)}" does not name a domain')
    return Target(text.removesuffix(".").lower())
