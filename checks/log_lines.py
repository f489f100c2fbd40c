"""Log lines of any format: how they are cut out, and what they say."""

import re
from collections.abc import Iterator, Sequence

from checks import log_cards
from checks.http_request import PROBE_HEADER, PROBE_NAME

MAX_LINE = 8192
"""Bytes of a line that are looked at."""
QUOTED = 120
"""Characters of a line that a message quotes at the most."""
_SYSLOG_ERROR = 3
"""The severity of an error in syslog; less is worse."""

_OURS = re.compile(rf"{PROBE_HEADER}|{PROBE_NAME}/\d", re.IGNORECASE)
_COLOUR = re.compile(rb"\x1b\[[0-9;]*[A-Za-z]")
_WORD = r"(?:errors?|fail(?:ed|ures?|s)?|exceptions?|refused|rejected)"
_ZERO = r"0+(?:\.0+)?(?![\w.,]*\d)"
_SAYS = re.compile(
    r"error|fail|(?<![a-z])exceptions?(?![a-z])|(?-i:[a-z]Exceptions?(?![a-z]))|refused|rejected",
    re.IGNORECASE,
)
_NOTHING = {"0", "no", "zero", "without", "none", "nothing", "never"}
_BEFORE = 40
"""Characters before a word of failure in which something may deny it."""
_DENIED_AFTER = re.compile(
    rf"{_WORD}[a-z_]{{0,16}}[\"']?\s*[:=]\s*[\"']?"
    rf"(?:{_ZERO}|null|none|false|nil|\[0?\]|\{{\}}|[\"'](?=[\s,}}]|$))"
    rf"|(?:errors|failures|exceptions)\s+{_ZERO}|{_WORD}\s+{_ZERO}(?=\s*(?:[,;.)\]|]|$))"
    r"|error-?free|fail-?over|fail-?safe",
    re.IGNORECASE,
)
_LEVEL = re.compile(
    r"(?:^|[\s\[<|(=:])(?:FATAL|FTL|ERR|CRIT|CRITICAL|SEVERE|ALERT|EMERG|EMERGENCY|PANIC)(?=[\s\]>|):,]|$)"
    r"|\b(?:level|severity|lvl)[\"']?\s*[:=]\s*[\"']?"
    r"(?:fatal|err|ftl|crit|critical|severe|alert|emerg|emergency|panic|[56]0\b)",
)
_PRIORITY = re.compile(r"<(\d{1,3})>")
_GOES_ON_WITH = (b" ", b"\t", b".", b"C", b"T")
_GOES_ON = re.compile(rb"\s|\.\.\.|Caused by|Traceback \(")
_ADDRESS = re.compile(r"([\w.+-])[\w.+-]{0,63}@[\w-]+(?:\.[\w-]+)*")
_SECRET = re.compile(
    r"((?:password|passwd|pwd|token|secret|api[-_]?key|authorization)[\"']?\s*[:=]\s*[\"']?)"
    r"(?:(?:bearer|basic)\s+)?[^\s\"',;&]+|(\bbearer\s+)[^\s\"',;&]+",
    re.IGNORECASE,
)
_GUEST = re.compile(
    r"((?:(?:guest|customer|travell?er|passenger|holder|booker)s?(?:[ _-]?(?:first|last|full)?[ _-]?name)?"
    r"|(?:first|last|full|sur|given|family)[ _-]?name)[\"']?\s*"
    r"(?:[:=]\s*(?!\d)(?=[\"'\w])|(?=[\"'])))"
    r"(?:\"[^\"]{1,80}\"|'[^']{1,80}'|[^\s\"',;&:=]+"
    r"(?:(?: (?:d[aeiou]s?|del|van|von|de[nr]|la|le)){0,2} (?-i:[^\W\d_a-z])[\w.\u2019-]*){0,3})",
    re.IGNORECASE,
)
"""What is said to be the name of a guest, behind a word that says so."""


def cut(raw: bytes) -> str:
    """Return a line's text: without colours and what holes read as, bounded, whatever its bytes are."""
    line = raw.lstrip(b"\0")[:MAX_LINE]
    if b"\x1b" in line:
        line = _COLOUR.sub(b"", line)
    return line.decode("utf-8", "replace").strip("\r\n")


def goes_on(raw: bytes) -> bool:
    """Say whether a line looks like one of a stack trace, which belongs to the line before it."""
    return raw[:1] in _GOES_ON_WITH and _GOES_ON.match(raw) is not None


def is_ours(text: str) -> bool:
    """Say whether the line shows the mark of our own probes."""
    return _OURS.search(text) is not None


def says_failure(text: str) -> bool:
    """Say whether the line is at level ERROR or worse, or tells of an error; "0 errors" tells of none."""
    if _LEVEL.search(text, 0, 200) or (_LEVEL.search(text) and text.startswith("{")):
        return True
    if (priority := _PRIORITY.match(text)) and int(priority[1]) % 8 <= _SYSLOG_ERROR:
        return True
    return any(not _denied(text, found.start()) for found in _SAYS.finditer(text))


def denies(text: str, begin: int, end: int) -> bool:
    """Say whether there are words of failure in a part of the text, and all are denied: `0 failed logins`."""
    words = list(_SAYS.finditer(text, begin, end))
    return bool(words) and all(_denied(text, word.start()) for word in words)


def _denied(text: str, at: int) -> bool:
    """Say whether what stands around a word says that there was none of it: `0 errors`, `error=null`."""
    if _DENIED_AFTER.match(text, at):
        return True
    before = text[max(0, at - _BEFORE) : at]
    if not before[-1:].isspace():
        return before[-3:].lower() == "on_"
    words = before.lower().split()[-4:]
    return _is_nothing(words) or (words[-1].isalnum() and _is_nothing(words[:-1]))


def _is_nothing(words: Sequence[str]) -> bool:
    """Say whether the words end with `no`, or `0 of 50`."""
    last = words[-1].lstrip("([{\"'") if words else ""
    if last in _NOTHING:
        return True
    return last.isdigit() and len(words) > 2 and words[-2] == "of" and words[-3].lstrip("([{\"'") == "0"


def masked(text: str) -> str:
    """Return the beginning of a line without card numbers, names and addresses of guests, and secrets."""
    shown = _SECRET.sub(r"\1\2[hidden]", log_cards.hide(text)[: 4 * QUOTED])
    return _GUEST.sub(r"\1[name]", _ADDRESS.sub(r"\1***@…", shown))


def quote(text: str) -> str:
    """Return the line as a message may show it: without what is nobody's business, and not long."""
    shown = " ".join(masked(text).split())
    return shown if len(shown) <= QUOTED else shown[: QUOTED - 1] + "…"


def newest_first(data: bytes, words: Sequence[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield where lines begin and what they are, last first: those with one of the words, or else all.

    The words are lower-case; case makes no difference.
    """
    low = data.lower() if words else data
    found = dict.fromkeys(words or (b"\n",), len(low))
    end = len(low)
    while end > 0:
        if words:
            for word, at in found.items():
                if at >= end:
                    found[word] = low.rfind(word, 0, end)
            at = max(found.values())
            if at < 0:
                return
        else:
            at = end - 1
        start = low.rfind(b"\n", 0, at) + 1
        stop = low.find(b"\n", at, end)
        line = data[start : end if stop < 0 else stop]
        if line.strip():
            yield start, line
        end = start
