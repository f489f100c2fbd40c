"""What an answer to a login says that is no XML: in JSON, or in plain words."""

import re
from collections.abc import Mapping
from typing import Any

from checks.expectation import excerpt, json_of, text_of
from checks.http_exchange import Response
from checks.result import Reason, Result, Sign, failed, ok

LOOKED_THROUGH = 500
"""Characters of a plain answer that are looked through."""

_NAY = ("success", "ok", "authenticated", "authorized", "valid")
"""Keys that tell of a failure where their value is false."""

_ERRORS = ("error", "errors", "fault", "exception")
"""Keys that tell of a failure where they hold anything."""

_BAD_STATUS = re.compile(
    r"(?:error|fail|fault|denied|refused|rejected|invalid|unauthori[sz]ed|unauthenticated|forbidden)",
    re.IGNORECASE,
)
_NOTHING = re.compile(r"\s*(?:0|no|none|null|nil|false|ok)?\s*", re.IGNORECASE)
_WHO = (
    r"(?:log-?in|sign-?in|authentication|authori[sz]ation|access|credentials?|user(?: ?name)?(?! agent)"
    r"|password|account)"
)
_HOW = r"(?:fail(?:ed|ure)|denied|refused|rejected|invalid|incorrect|wrong|bad|unknown|expired)"
_TELLS = re.compile(
    r"\A\W{0,9}(?:error|failed|failure|fault|exception|unauthori[sz]ed|forbidden|denied)\b"
    r"(?!\W{1,3}(?:0|no|none|null|false)\b)"
    rf"|\b{_HOW}\W{{1,3}}(?:\w{{1,20}}\W{{1,3}}){{0,2}}{_WHO}\b"
    rf"|\b{_WHO}\W{{1,3}}(?:(?:is|are|was|were|has|have|been|or|and|password)\W{{1,3}}){{0,3}}{_HOW}\b"
    r"|\bnot (?:authori[sz]ed|authenticated|allowed)\b",
    re.IGNORECASE,
)


def judge(response: Response) -> Result:
    """Return whether an answer that is neither XML nor a page tells of a failure."""
    kind = (response.header("content-type") or "").lower()
    try:
        document = json_of(response)
    except ValueError:
        if "json" in kind:
            return failed(Reason.CONTENT, "the answer is not JSON, though it says so")
        document = None
    if isinstance(document, dict):
        return _judge_json(document)
    text = text_of(response)[:LOOKED_THROUGH]
    return _failure(text) if _TELLS.search(text) else ok()


def _judge_json(document: Mapping[str, Any]) -> Result:
    by_name = {str(key).lower(): value for key, value in document.items()}
    errors = [by_name[name] for name in _ERRORS if _holds(by_name.get(name))]
    nay = [name for name in _NAY if by_name.get(name) is False or _is_word(by_name.get(name), "false")]
    status = by_name.get("status")
    bad = _BAD_STATUS.match(status.strip()) if isinstance(status, str) else _is_refusal(status)
    if not (errors or nay or bad):
        return ok()
    said = next((one for one in (*errors, by_name.get("message")) if one not in (None, True)), None)
    if said is not None:
        return _failure(_words(said))
    return _failure(f"{nay[0]}: false" if nay else f"status: {status}" if bad else "")


def _holds(value: object) -> bool:
    """Say whether a value tells of an error: `false`, 0, "none" and whatever is empty do not."""
    return not _NOTHING.fullmatch(value) if isinstance(value, str) else bool(value)


def _is_refusal(status: object) -> bool:
    return isinstance(status, int) and 400 <= status <= 599


def _is_word(value: object, word: str) -> bool:
    return isinstance(value, str) and value.strip().lower() == word


def _words(value: object) -> str:
    """Return what an error says: itself, or its message."""
    for _ in range(3):
        if isinstance(value, list):
            value = value[0] if value else ""
        elif isinstance(value, dict):
            named = (value.get(key) for key in ("message", "description", "title", "code"))
            value = next((one for one in named if one), "")
    return value if isinstance(value, str) else str(value)[:LOOKED_THROUGH]


def _failure(said: str) -> Result:
    words = excerpt(said)
    return failed(
        Reason.CONTENT,
        f"the answer tells of a failure: {words}" if words else "the answer tells of a failure",
        signs=(Sign.NOT_PROCESSED,),
    )
