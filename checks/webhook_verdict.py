"""What a webhook's answers to forged and signed events say of its verifier."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from checks.result import Reason, Result, Sign, failed, ok
from checks.webhook_trial import FORGED, OLD, SIGNED, Answer, Trial, taken

REFUSED = frozenset({400, 401, 403, 422})
NO_SUCH_PLACE = frozenset({404, 405, 410})
UNKNOWN_EVENT = frozenset({400, 404, 422})
"""What a signed event may be refused with because it is not known, where forgeries are refused as such."""

ONLY_UNKNOWN = "refuses forged events, and only does not know a correctly signed monitor.ping ({status})"


@dataclass(frozen=True, eq=False, slots=True)
class Fault:
    """Something that is wrong, and how it is said."""

    reason: Reason
    said: str


FORGERY = Fault(Reason.SECURITY, "accepts forged events, each of them twice: {which}")
UNCONFIRMED = Fault(
    Reason.MISMATCH, "took a forged event ({first}) that could not be confirmed ({again}): one with {words}"
)
PAGE = Fault(Reason.CONTENT, "a web page answers, no webhook ({status})")
DOWN = Fault(Reason.SERVER_ERROR, "answers every event with an error of the server ({status})")
CRASH = Fault(Reason.SERVER_ERROR, "the verifier crashes on an event {which}")
CRASH_OF_MORE = Fault(Reason.SERVER_ERROR, "crashes on an event {which}")
BLOCKED = Fault(Reason.FORBIDDEN, "something in front blocks every event ({status})")
ALIKE = Fault(
    Reason.FORBIDDEN,
    "refuses every event in the same way, a correctly signed one too ({status}):"
    " something in front blocks them, or its secret is not ours",
)
SECRET = Fault(
    Reason.CONTENT,
    "refuses a correctly signed event ({status}): its secret is not ours, or a proxy changes events",
)
PROXY = Fault(Reason.CREDENTIALS, "a proxy asks for credentials ({status})")
NOWHERE = Fault(Reason.CLIENT_ERROR, "answered {status}: there is no webhook at this URL")
REQUEST = Fault(Reason.CLIENT_ERROR, "does not accept our request: an event {which}")
LATER = Fault(Reason.RATE_LIMITED, "we are asked to come back later ({status})")
ELSEWHERE = Fault(Reason.REDIRECT, "answered {status}, a redirect: vendors do not follow one")
ONCE = Fault(
    Reason.MISMATCH, "took an event with {words} once ({first}), and refused it right after ({status})"
)
REPLAY = Fault(Reason.MISMATCH, "takes an event with {words} ({status}): no protection against replay")

WORST_FIRST: tuple[Fault | Reason, ...] = (
    FORGERY,
    UNCONFIRMED,
    Reason.TLS,
    Reason.DNS,
    Reason.CONNECT,
    Reason.TIMEOUT,
    Reason.PROTOCOL,
    Reason.TOO_LARGE,
    Reason.INTERNAL,
    PAGE,
    CRASH,
    BLOCKED,
    ALIKE,
    SECRET,
    PROXY,
    REQUEST,
    LATER,
    ELSEWHERE,
    ONCE,
    REPLAY,
)
"""Faults of the webhook, and what an answer fails to come for."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What there is to judge: this run's answers, and those of earlier ones that still count.

    `page` says that what answered was a web page, `acknowledges` that events are verified after the answer.
    """

    trials: tuple[Trial, ...]
    answers: Sequence[Answer]
    earlier: Sequence[Answer] = ()
    trouble: Result | None = None
    page: bool = False
    acknowledges: bool = False

    @property
    def counting(self) -> list[Answer]:
        """All answers that count: in trouble nobody knows whether earlier ones still hold."""
        told = {one.trial for one in self.answers if one.tells}
        earlier = () if self.trouble is not None else self.earlier
        return [*self.answers, *(one for one in earlier if one.trial not in told)]

    @property
    def left(self) -> int:
        """How many trials nothing is known of."""
        return len(self.trials) - len({one.trial for one in self.counting if one.tells})


def fate(status: int) -> str:
    """Return what became of an event that was answered so; nothing where that does not tell."""
    if taken(status):
        return f"taken ({status})"
    return f"refused ({status})" if status in REFUSED else ""


def verdict(seen: Seen) -> Result:
    """Return the worst of what the answers say, and of the trouble that kept others away."""
    answers = seen.counting
    found = {f"{one.trial.name}_status": float(one.status) for one in reversed(answers)}
    overall = _overall(seen)
    faults = [(overall or _fault(one, seen), one) for one in answers]
    signs = frozenset(_signs(faults))
    if any(fault in {SECRET, ALIKE} and one.trial is SIGNED for fault, one in faults):
        found["signed_refused"] = 1.0
    worst = min((fault for fault, _ in faults if fault is not None), key=WORST_FIRST.index, default=None)
    trouble = seen.trouble
    if trouble is not None and trouble.reason is not None and _worse(trouble.reason, worst):
        return replace(trouble, measurements=found, signs=trouble.signs | signs)
    if worst is None:
        return ok(_praise(seen), found)
    blamed = [one for fault, one in faults if fault is worst]
    said = _as_a_whole(worst, blamed, answers).said
    result = failed(worst.reason, _message(said, blamed), found, signs=signs)
    return replace(result, decisive=worst is FORGERY)


def _signs(faults: Sequence[tuple[Fault | None, Answer]]) -> Iterator[Sign]:
    """Yield what the faults of all answers are signs of, not only the worst."""
    told = [(fault, one) for fault, one in faults if one.tells]
    forged = [(fault, one) for fault, one in told if one.trial.forged]
    if any(fault is FORGERY for fault, _ in forged):
        yield Sign.FORGERY_ACCEPTED
    elif any(fault in {SECRET, ALIKE} and one.trial is SIGNED for fault, one in told):
        yield Sign.SIGNED_REFUSED
    if any(fault is CRASH for fault, _ in forged) and any(fault is not CRASH for fault, _ in told):
        yield Sign.VERIFIER_CRASHES
    if told and all(_is_elsewhere(fault, one) for fault, one in told):
        yield Sign.NO_WEBHOOK_HERE


def _is_elsewhere(fault: Fault | None, answer: Answer) -> bool:
    return fault in {PAGE, ELSEWHERE} or (fault is REQUEST and answer.last in NO_SUCH_PLACE)


def _worse(one: Reason, other: Fault | None) -> bool:
    return other is None or WORST_FIRST.index(one) < WORST_FIRST.index(other)


def _overall(seen: Seen) -> Fault | None:
    """Return what is wrong with all answers together, where all trials were answered in the same way."""
    told = [one for one in seen.counting if one.tells]
    if seen.left or len({one.status for one in told}) > 1:
        return None
    if seen.page:
        return PAGE
    if told[0].status != 403:
        return None
    if all(one.guarded for one in told):
        return BLOCKED
    if SIGNED not in seen.trials:
        return None
    return BLOCKED if all(one.guarded or "html" in one.kind for one in told) else ALIKE


def _fault(answer: Answer, seen: Seen) -> Fault | None:
    """Return what is wrong with an answer, or None when it is as it should be."""
    if answer.let_in:
        return None if seen.acknowledges else _let_in(answer)
    if answer.sent_away:
        return LATER if seen.left or not any(one.tells for one in seen.answers) else None
    return _by_status(answer.status) if answer.trial.forged else _genuine(answer, seen)


def _genuine(answer: Answer, seen: Seen) -> Fault | None:
    """Return what is wrong with the answer to an event that the vendor could have signed."""
    if answer.status >= 500:
        return CRASH
    if answer.trial is OLD:
        return REPLAY if taken(answer.status) and not seen.acknowledges else None
    if taken(answer.status) or _only_unknown(answer, seen):
        return None
    return SECRET if answer.status in REFUSED else _by_status(answer.status)


def _let_in(answer: Answer) -> Fault:
    if answer.twice:
        return FORGERY
    return ONCE if answer.again in REFUSED else UNCONFIRMED


def _only_unknown(signed: Answer, seen: Seen) -> bool:
    """Say whether the signature was taken, and only the event not known.

    A wrong secret makes a signature that is like any forged one: it would have been refused in the same way.
    """
    every = (*seen.answers, *seen.earlier)
    forged = [one.status for one in every if one.trial is FORGED and one.tells]
    return signed.status in UNKNOWN_EVENT and any(status in {401, 403} for status in forged)


def _by_status(status: int) -> Fault | None:
    if status in REFUSED:
        return None
    if status == 407:
        return PROXY
    if status >= 500:
        return CRASH
    return REQUEST if status >= 400 else ELSEWHERE


def _praise(seen: Seen) -> str:
    told = [one for one in seen.counting if one.tells]
    signed = next((one for one in told if one.trial is SIGNED), None)
    if any(one.let_in for one in told):
        said = "answers before it verifies: whether it takes forged events cannot be judged from outside"
    elif SIGNED not in seen.trials:
        said = "refuses every event we may send; that a real one is taken is not known"
    elif signed is None:
        said = "refuses forged events"
    elif taken(signed.status):
        said = "refuses forged events, and takes a correctly signed one"
    else:
        said = ONLY_UNKNOWN.format(status=signed.status)
    return f"{said}; {seen.left} of {len(seen.trials)} trials follow in the next run" if seen.left else said


def _as_a_whole(fault: Fault, blamed: Sequence[Answer], answers: Sequence[Answer]) -> Fault:
    """Return the fault as it is best said, given which of the answers show it."""
    told = [one for one in answers if one.tells]
    if fault is CRASH and len(blamed) == len(told):
        return DOWN
    if fault is CRASH and not blamed[0].trial.forged:
        return CRASH_OF_MORE
    if fault is REQUEST and len(blamed) == len(told) and all(one.last in NO_SUCH_PLACE for one in blamed):
        return NOWHERE
    return fault


def _message(said: str, blamed: Sequence[Answer]) -> str:
    answer = blamed[0]
    which = " and ".join(f"with {one.trial.words} ({one.last})" for one in blamed)
    return said.format(
        which=which,
        words=answer.trial.words,
        first=answer.status,
        status=answer.last,
        again="no answer" if answer.again is None else answer.again,
    )
