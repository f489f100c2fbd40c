"""Card numbers in text: found, so that somebody is told, and taken out before anything is shown."""

import re

HIDDEN = "[card number]"

_ALL_DIGITS_ZERO = bytes.maketrans(b"123456789", b"000000000")
_SHORTEST = b"0" * 13
_STARTS = (_SHORTEST, b"0000 0000 0000", b"0000-0000-0000", b"0000 000000 0000", b"0000-000000-0000")
_WRITTEN = rb"""
    (?<![0-9A-Za-z_.])
    (?: [0-9]{13,19}
      | [0-9]{4} (?P<dash>[ -]) [0-9]{4} (?P=dash) [0-9]{4} (?P=dash) [0-9]{1,4} (?: (?P=dash) [0-9]{3} )?
      | [0-9]{4} (?P<mark>[ -]) [0-9]{6} (?P=mark) [0-9]{4,5} )
    (?![0-9A-Za-z_])
"""
_CARD = re.compile(_WRITTEN, re.VERBOSE)
_FIRST = b"2345689"
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


def find(data: bytes) -> list[int]:
    """Return where card numbers begin: 13 to 19 digits, in groups or not, with a right check digit."""
    if _SHORTEST not in data.translate(_ALL_DIGITS_ZERO, b" -"):
        return []
    zeros = data.translate(_ALL_DIGITS_ZERO)
    return sorted({at for start in _STARTS for at in _beginning_with(start, data, zeros)})


def _beginning_with(start: bytes, data: bytes, zeros: bytes) -> list[int]:
    found, at = [], zeros.find(start)
    while at >= 0:
        end = at + 1
        if data[at] in _FIRST and (match := _CARD.match(data, at)):
            end = match.end()
            if _is_card(match[0]):
                found.append(at)
        at = zeros.find(start, end)
    return found


def hide(text: str) -> str:
    """Return the text without its card numbers."""
    raw = text.encode("utf-8", "surrogatepass")
    if not find(raw):
        return text
    return _CARD.sub(lambda match: HIDDEN.encode() if _is_card(match[0]) else match[0], raw).decode(
        "utf-8", "replace"
    )


def _is_card(written: bytes) -> bool:
    digits = written.translate(None, b" -")
    if _issued(digits):
        return True
    groups = re.split(rb"[ -]", written)
    return len(groups) == 5 and _issued(b"".join(groups[:4]))


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
