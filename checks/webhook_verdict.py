"""What a webhook's answers to forged and signed events say of its verifier."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from checks.result import Reason, Result, failed, ok

REFUSED = frozenset({400, 401, 403, 422})
NO_SUCH_PLACE = frozenset({404, 405, 410})

WORST_FIRST = (
    Reason.SECURITY,
    Reason.TLS,
    Reason.DNS,
    Reason.CONNECT,
    Reason.TIMEOUT,
    Reason.PROTOCOL,
    Reason.TOO_LARGE,
    Reason.INTERNAL,
    Reason.SERVER_ERROR,
    Reason.CONTENT,
    Reason.CREDENTIALS,
    Reason.CLIENT_ERROR,
    Reason.RATE_LIMITED,
    Reason.REDIRECT,
    Reason.MISMATCH,
)


@dataclass(frozen=True, slots=True)
class Trial:
    """An event that is sent to see what happens to it. `words` follow "an event with"."""

    name: str
    words: str
    forged: bool


FORGED = Trial("forged", "a forged signature", forged=True)
SHORT = Trial("short", "a signature that is too short", forged=True)
UNSIGNED = Trial("unsigned", "no signature", forged=True)
SIGNED = Trial("signed", "a correct signature", forged=False)
OLD = Trial("old", "a correct signature of ten minutes ago", forged=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """The status that a trial was answered with; `again` that of its repetition, if there was one.

    `wait` says that we were asked to stay away for a while.
    """

    trial: Trial
    status: int
    again: int | None = None
    wait: bool = False

    @property
    def last(self) -> int:
        """The status that counts."""
        return self.status if self.again is None else self.again


Finding = tuple[Reason, Answer]


def verdict(answers: Sequence[Answer], trouble: Result | None) -> Result:
    """Return the worst of what the answers say, and of the trouble that kept others away."""
    found = {f"{one.trial.name}_status": float(one.status) for one in answers}
    reasons = [(_reason(one, answers), one) for one in answers]
    findings = [(reason, one) for reason, one in reasons if reason is not None]
    if (Reason.CONTENT, SIGNED) in [(reason, one.trial) for reason, one in findings]:
        found["signed_refused"] = 1.0
    worst = min((reason for reason, _ in findings), key=WORST_FIRST.index, default=None)
    if trouble is not None and trouble.reason is not None and _worse(trouble.reason, worst):
        return replace(trouble, measurements=found)
    if worst is None:
        return ok(_praise(answers), found)
    blamed = [one for reason, one in findings if reason is worst]
    everything = len(blamed) == len(answers)
    result = failed(worst, _message(worst, blamed, everything=everything), found)
    return replace(result, decisive=worst is Reason.SECURITY)


def _worse(one: Reason, other: Reason | None) -> bool:
    return other is None or WORST_FIRST.index(one) <= WORST_FIRST.index(other)


def _taken(status: int) -> bool:
    return 200 <= status < 300


def _reason(answer: Answer, answers: Sequence[Answer]) -> Reason | None:
    """Return why an answer is not what it should be, or None when it is."""
    if answer.again is not None:
        return (
            Reason.SECURITY if _taken(answer.again) else _by_status(answer, answer.again) or Reason.MISMATCH
        )
    if answer.trial.forged:
        return _by_status(answer, answer.status)
    if answer.trial is OLD:
        if _taken(answer.status):
            return Reason.MISMATCH
        return Reason.SERVER_ERROR if answer.status >= 500 and not answer.wait else None
    if _taken(answer.status) or answer.status == 422 or _only_unknown(answer, answers):
        return None
    return Reason.CONTENT if answer.status in REFUSED else _by_status(answer, answer.status)


def _only_unknown(signed: Answer, answers: Sequence[Answer]) -> bool:
    """Say whether the signature was taken, and only the event not known.

    A wrong secret makes a signature that is like any forged one: it would have been refused in the same way.
    """
    return signed.status == 400 and any(one.trial is FORGED and one.status in {401, 403} for one in answers)


def _by_status(answer: Answer, status: int) -> Reason | None:
    if status in REFUSED:
        return None
    if status == 429 or answer.wait:
        return Reason.RATE_LIMITED
    if status == 407:
        return Reason.CREDENTIALS
    if status >= 500:
        return Reason.SERVER_ERROR
    return Reason.CLIENT_ERROR if status >= 400 else Reason.REDIRECT


def _praise(answers: Sequence[Answer]) -> str:
    signed = next((one for one in answers if one.trial is SIGNED), None)
    if signed is None:
        return "refuses forged events"
    if signed.status == 400:
        return "refuses forged events, and only does not know a correctly signed monitor.ping (400)"
    return "refuses forged events, and takes a correctly signed one"


SAID: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.SECURITY: "accepts forged events, each of them twice: {which}",
        Reason.SERVER_ERROR: "the verifier crashes on an event {which}",
        Reason.CONTENT: (
            "refuses a correctly signed event ({status}): its secret is not ours, or a proxy changes events"
        ),
        Reason.CREDENTIALS: "a proxy asks for credentials ({status})",
        Reason.CLIENT_ERROR: "does not accept our request: an event {which}",
        Reason.RATE_LIMITED: "we are asked to come back later ({status})",
        Reason.REDIRECT: "answered {status}, a redirect: vendors do not follow one",
        Reason.MISMATCH: "took an event with {words} once ({first}), and refused it right after ({status})",
    }
)


def _message(reason: Reason, blamed: Sequence[Answer], *, everything: bool) -> str:
    answer = blamed[0]
    said = SAID[reason]
    if reason is Reason.SERVER_ERROR and everything:
        said = "answers every event with an error of the server ({status})"
    elif reason is Reason.SERVER_ERROR and not answer.trial.forged:
        said = "crashes on an event {which}"
    elif reason is Reason.CLIENT_ERROR and answer.last in NO_SUCH_PLACE:
        said = "answered {status}: there is no webhook at this URL"
    elif reason is Reason.MISMATCH and answer.trial is OLD:
        said = "takes an event with {words} ({status}): no protection against replay"
    which = " and ".join(f"with {one.trial.words} ({one.last})" for one in blamed)
    return said.format(which=which, words=answer.trial.words, first=answer.status, status=answer.last)
