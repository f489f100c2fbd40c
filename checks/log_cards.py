"""Card numbers in text: found, so that somebody is told, and taken out before anything is shown.

A number is taken for a card's by how it begins and by its check digit, unless what stands around it says that
it is something else: an id, a hash, an IBAN, a list of room numbers.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

HIDDEN = "[card number]"
BETWEEN = b" \t.+_-%\xc2\xa0\xe2\x80\x93"
"""The bytes of all that may stand between the groups of a number."""

Span = tuple[int, int]
"""Where a number begins and ends, in bytes."""

_SEPARATOR = rb"(?:[ \t.+_-]|%20|\xc2\xa0|\xe2\x80\x93){1,2}"
_NUMBER = re.compile(rb"[0-9]+")
_GROUPS = re.compile(
    rb"[0-9]{4}(?P<by>" + _SEPARATOR + rb")[0-9]{4}(?:(?P=by)[0-9]{4}(?![0-9]))+"
    rb"(?P<rest>(?P=by)[0-9]{3}(?![0-9]))?"
)
_AMEX = re.compile(rb"[0-9]{4}(?P<by>" + _SEPARATOR + rb")[0-9]{6}(?P=by)[0-9]{4,5}(?![0-9])")
_ISSUERS = {
    13: re.compile(rb"4"),
    14: re.compile(rb"30|3[689]"),
    15: re.compile(rb"3[47]|2131"),
    16: re.compile(rb"3[0568]|[456]|2(?:2[2-6]|20[0-4]|7[01]|720|[3-6])|8[12]|9792"),
    17: re.compile(rb"5[06-8]|6"),
    18: re.compile(rb"5[06-8]|6"),
    19: re.compile(rb"4|5[06-8]|6"),
}
"""How the numbers of card issuers begin, by their length. Without it, one in ten of all long numbers (times
in milliseconds, order numbers) would pass for a card."""

_FIRST = b"2345689"
_LONG = 17
"""So many digits in one are more often the id of a trace than a card: they need a word that says so."""
_NEAR = 40
_CARD_WORD = re.compile(rb"card|(?<![a-z])(?:pan|cc|track[12]?|visa|maestro)(?![a-z])", re.IGNORECASE)
_ID_BEFORE = re.compile(
    rb"(?:trace|span|order|booking|request|reservation|confirmation|correlation|session|event|message)"
    rb"(?:[-_. ]?(?:id|no|nr|number|ref)\.?)?[\"']?[ \t]*[:=#]{0,2}[ \t]*[\"'#]?$"
    rb"|(?<![a-z_])(?:txn|req|res|ord|bkg?|inv|ref|msg|evt|u?id)[\"']?[-_:=# ]{1,2}[\"']?$",
    re.IGNORECASE,
)
_IBAN_BEFORE = re.compile(rb"\b[A-Z]{2}[0-9]{2}" + _SEPARATOR + rb"$")
_LIST_BEFORE = re.compile(rb"(?:rooms|numbers|ids|codes)[\"']?[ \t]*[:=]?[ \t]*[\[(]?$", re.IGNORECASE)
_ESCAPE_BEFORE = re.compile(
    rb"(?:(?:\x1b|\#033|\\x1b|\\u001b|\\033|\^\[)\[[0-9;]*m|\\[bfnrtv]|%B|%[0-9A-Fa-f]{2})$", re.IGNORECASE
)
_WORD_BEFORE = re.compile(rb"[0-9A-Za-z]+$")
_NO_WORD = re.compile(rb"(?!cc$|CC$)[0-9A-Fa-f]*|.*[0-9].*")
_MORE_AFTER = re.compile(rb"(?!D[0-9]{4})[0-9A-Za-z_]")

_ZEROS = bytes(48 if 48 <= one <= 57 else 45 if one in b" \t.+_-" else one for one in range(256))
"""Digits as 0, and what stands between groups as -."""
_SHORTEST = b"0" * 13
_WIDE = ((b"%20", b"---"), (b"\xc2\xa0", b"--"), (b"\xe2\x80\x93", b"---"))
_STARTS = tuple(
    group.replace(b"-", b"-" * width)
    for width in range(1, 7)
    for group in (b"0000-0000-0000-0000", b"0000-000000-0000")
)


def find(data: bytes) -> list[Span]:
    """Return where card numbers stand: 13 to 19 digits, in groups or not, with a right check digit."""
    if _SHORTEST not in data.translate(_ZEROS, BETWEEN):
        return []
    marked = data
    for wide, mark in _WIDE:
        if wide in data:
            marked = marked.replace(wide, mark)
    zeros = marked.translate(_ZEROS)
    found = set(_in_one(data, zeros))
    for start in _STARTS if b"0--0" in zeros or marked is not data else _STARTS[:2]:
        found.update(_in_groups(start, data, zeros))
    return sorted(found)


def hide(text: str) -> str:
    """Return the text without its card numbers."""
    raw = text.encode("utf-8", "surrogatepass")
    spans = find(raw)
    if not spans:
        return text
    kept, end = [], 0
    for begin, after in spans:
        kept.append(raw[end:begin])
        end = max(end, after)
    kept.append(raw[end:])
    return HIDDEN.encode().join(kept).decode("utf-8", "replace")


def _in_one(data: bytes, zeros: bytes) -> Iterator[Span]:
    """Yield the numbers written without gaps."""
    at = zeros.find(_SHORTEST)
    while at >= 0:
        end = at + len(_SHORTEST)
        # In an address, a blank or a quotation mark before the number is written as two more digits.
        begin = at + 2 if data[at - 1 : at] == b"%" else at
        if data[begin] in _FIRST and (match := _NUMBER.match(data, begin)):
            end = match.end()
            told = end - begin < _LONG or _CARD_WORD.search(_before(data, begin))
            if told and _issued(match[0]) and _stands_alone(data, begin, end):
                yield begin, end
        at = zeros.find(_SHORTEST, end)


def _in_groups(start: bytes, data: bytes, zeros: bytes) -> Iterator[Span]:
    """Yield the numbers whose groups are as far apart as in `start`."""
    pattern, next_group = (_AMEX if b"000000" in start else _GROUPS), start.index(b"-0") + 1
    at = zeros.find(start)
    while at >= 0:
        end = at + next_group
        if not _inside(data, at) and (match := pattern.match(data, at)):
            end = match.end()
            yield from _among(match, data)
        at = zeros.find(start, end)


def _among(match: re.Match[bytes], data: bytes) -> Iterator[Span]:
    """Yield the numbers in a row of groups, in which a room, a year or a check code may stand with them."""
    begin, by = match.start(), match["by"]
    if _IBAN_BEFORE.search(_before(data, begin)):
        return
    if match.re is _AMEX:
        if _issued(match[0].replace(by, b"")) and _stands_alone(data, *match.span()):
            yield match.span()
        return
    groups = match[0].split(by)
    rest = groups.pop() if match["rest"] else b""
    if _is_list(groups) or (len(groups) > 4 and _LIST_BEFORE.search(_before(data, begin))):
        return
    step = 1 if len(groups) < 7 else 4
    first = 0
    while first + 4 <= len(groups):
        number = b"".join(groups[first : first + 4])
        here = begin + first * (4 + len(by))
        end = here + 16 + 3 * len(by)
        whole = rest and first + 4 == len(groups) and _issued(number + rest)
        end += len(by) + 3 if whole else 0
        if (whole or _issued(number)) and _stands_alone(data, here, end):
            yield here, end
            first += 4
        else:
            first += step


def _is_list(groups: list[bytes]) -> bool:
    """Say whether the numbers go up in small steps, or are those of rooms on one floor."""
    numbers = [int(one) for one in groups]
    climbing = all(0 < after - before < 200 for before, after in pairwise(numbers))
    one_floor = len({one // 100 for one in numbers}) == 1 and len(set(numbers)) == len(numbers)
    return climbing or one_floor


def _before(data: bytes, at: int) -> bytes:
    return data[max(0, at - _NEAR) : at].rpartition(b"\n")[2]


def _stands_alone(data: bytes, begin: int, end: int) -> bool:
    """Say whether a number is no part of something longer, and nothing says that it is an id."""
    if _MORE_AFTER.match(data, end) or _inside(data, begin):
        return False
    before = _before(data, begin)
    if _ID_BEFORE.search(before):
        return False
    before = _ESCAPE_BEFORE.sub(b"", before)
    if before[-1:] == b"." and before[-2:-1].isdigit() and b"." not in data[begin:end]:
        return False
    word = _WORD_BEFORE.search(before)
    return word is None or not _NO_WORD.fullmatch(word[0])


def _inside(data: bytes, at: int) -> bool:
    """Say whether a digit stands before, and not as the end of what an address writes as `%20`."""
    return data[at - 1 : at].isdigit() and data[max(0, at - 3) : max(0, at - 2)] != b"%"


def _issued(digits: bytes) -> bool:
    issuers = _ISSUERS.get(len(digits))
    return issuers is not None and issuers.match(digits) is not None and _checks_out(digits)


def _checks_out(digits: bytes) -> bool:
    """Say whether the last digit is the check digit of the others (Luhn, ISO/IEC 7812)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = digit - 48
        total += sum(divmod(2 * value, 10)) if place % 2 else value
    return total % 10 == 0
