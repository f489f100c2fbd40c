"""The audit of the torture: it finds nothing wrong where all went well, and each thing that can go wrong."""

from dataclasses import replace

import pytest

from tests.support.clock import START
from tests.support.torture_audit import Crash, Evidence, audit
from tests.support.torture_house import Staff
from tests.support.torture_relay import Kept
from tests.support.torture_state import Case, Letter, Picture

STAFF = Staff("h0")
NIGHT, DAY = STAFF.support


def letter(number: int, kind: str, recipient: str, state: str = "sent", bundle: str | None = None) -> Letter:
    name = f"<{kind}.{recipient}>"
    message = f"Message-ID: {name}\r\nX-Nightporter-Severity: critical\r\n\r\n{kind}\r\n".encode()
    return Letter(number, f"id{number}", "i1", 1, kind, recipient, state, message, name, bundle)


LETTERS = tuple(
    letter(number, kind, recipient)
    for number, (kind, recipient) in enumerate(
        (kind, recipient) for kind in ("problem", "resolved") for recipient in (NIGHT, DAY, STAFF.desk)
    )
)
CASE = Case("i1", "h0/i0/reach", "h0", "resolved", "critical", 1, START, START)


def kept(one: Letter, at: float = 0.0, *, answered: bool = True) -> Kept:
    began = at or float(one.number)
    return Kept(began, began + 0.1, one.recipient, one.message, answered)


WELL = Evidence(
    Picture(LETTERS, (CASE,)),
    tuple(kept(one) for one in LETTERS),
    (),
    {"h0": STAFF.first},
)


def with_letter(one: Letter, evidence: Evidence = WELL) -> Evidence:
    """Return the evidence with another row in place of the one of that number, or with one more."""
    others = [each for each in evidence.picture.letters if each.number != one.number]
    return replace(evidence, picture=replace(evidence.picture, letters=(*others, one)))


def with_case(*cases: Case) -> Evidence:
    return replace(WELL, picture=replace(WELL.picture, cases=cases))


def also_kept(*more: Kept) -> Evidence:
    return replace(WELL, kept=(*WELL.kept, *more))


def not_kept(number: int) -> Evidence:
    return replace(WELL, kept=tuple(kept(one) for one in LETTERS if one.number != number))


def without(*numbers: int) -> Evidence:
    """Return the evidence without these letters, in the state and at the relay."""
    left = tuple(one for one in LETTERS if one.number not in numbers)
    return replace(WELL, picture=replace(WELL.picture, letters=left), kept=tuple(map(kept, left)))


FIRST, LAST = LETTERS[0], LETTERS[-1]
AGAIN = kept(FIRST, 2.5)
CRASH = Crash(2.0, frozenset({FIRST.message_id}), frozenset({FIRST.message_id}))
OTHER_BYTES = replace(AGAIN, content=AGAIN.content + b"more\r\n")


def test_where_all_went_well_nothing_is_wrong() -> None:
    verdict = audit(WELL)
    assert verdict.wrong == []
    assert verdict.figures["letters"] == verdict.figures["sent"] == verdict.figures["kept by the relays"] == 6
    assert (verdict.figures["incidents"], verdict.figures["openings"], verdict.figures["repeats"]) == (
        1,
        1,
        0,
    )


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        (with_letter(replace(FIRST, state="pending")), "is still pending"),
        (not_kept(FIRST.number), "is marked as sent, and no relay has it"),
        (with_letter(replace(FIRST, state="dead")), "was given up, and a relay would have taken it"),
        (
            with_letter(letter(0, "problem", NIGHT, "bundled", "d")),
            "was bundled, and its digest was not sent",
        ),
        (also_kept(kept(letter(9, "update", NIGHT))), "was sent, and never committed"),
        (replace(WELL, kept=(*WELL.kept[1:], OTHER_BYTES)), "was sent as other bytes than were committed"),
        (replace(WELL, kept=(*WELL.kept[1:], replace(AGAIN, recipient=DAY))), f"was sent to ['{DAY}']"),
        (also_kept(AGAIN), "was sent again though it had been answered, with no crash"),
        (replace(also_kept(AGAIN), crashes=(replace(CRASH, at=9.0),)), "with no crash"),
        (replace(also_kept(AGAIN), crashes=(replace(CRASH, unmarked=frozenset()),)), "with no crash"),
        (
            replace(also_kept(AGAIN), crashes=(replace(CRASH, at=1.0, unmarked=frozenset()), CRASH)),
            "with no crash",
        ),
        (
            replace(also_kept(AGAIN), crashes=(replace(CRASH, handed_over=frozenset()),)),
            "went out before the journal said so",
        ),
        (also_kept(kept(FIRST, 99.0)), "overtook problem"),
        (with_case(replace(CASE, state="open")), "is open"),
        (with_case(CASE, replace(CASE, id="i2")), "2 incidents have the key h0/i0/reach"),
        (without(0, 3), f"{NIGHT} was not told"),
        (without(3), f"{NIGHT} was told, and not of its end"),
        (without(0), f"{NIGHT} was told of its end alone"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_goes_wrong_is_said(evidence: Evidence, said: str) -> None:
    wrong = audit(evidence).wrong
    assert any(said in one for one in wrong), wrong


@pytest.mark.parametrize(
    ("evidence", "figure", "count"),
    [
        (replace(also_kept(AGAIN), crashes=(CRASH,)), "repeats", 1),
        (
            replace(WELL, kept=(kept(FIRST, answered=False), *WELL.kept[1:], AGAIN)),
            "repeats after a lost answer",
            1,
        ),
        (with_letter(letter(0, "problem", NIGHT, "superseded")), "superseded", 1),
        (replace(with_letter(letter(0, "problem", NIGHT, "dead")), refused=frozenset({NIGHT})), "dead", 1),
    ],
    ids=[
        "a repeat after a crash",
        "a repeat after a lost answer",
        "a superseded letter",
        "a refused recipient",
    ],
)
def test_what_may_happen_is_counted_and_no_wrong(evidence: Evidence, figure: str, count: int) -> None:
    verdict = audit(evidence)
    assert verdict.wrong == []
    assert verdict.figures[figure] == count


def test_a_bundled_letter_is_told_by_its_digest() -> None:
    digest = replace(letter(9, "digest", NIGHT), incident="", epoch=0, id="d")
    evidence = with_letter(letter(0, "problem", NIGHT, "bundled", "d"), with_letter(digest, not_kept(0)))
    assert audit(replace(evidence, kept=(*evidence.kept, kept(digest)))).wrong == []


def test_another_incident_may_have_the_key_of_one_that_is_over_when_that_is_found_out_later() -> None:
    told = tuple(
        replace(one, number=one.number + 10, id=f"{one.id}b", incident="i2", message_id=f"{one.message_id}b")
        for one in LETTERS
    )
    later = replace(CASE, id="i2", explained=True)
    both = Picture((*LETTERS, *(replace(one, state="superseded") for one in told)), (CASE, later))
    assert audit(replace(WELL, picture=both)).wrong == []
    assert audit(replace(WELL, picture=replace(both, cases=(CASE, replace(later, explained=False))))).wrong


def test_nobody_is_told_by_mail_that_their_mail_does_not_arrive() -> None:
    alone = replace(without(0, 3), refused={NIGHT}, lasting={CASE.key})
    assert audit(alone).wrong == []
    assert audit(replace(alone, lasting=())).wrong


def test_what_lasts_may_be_open_at_the_end() -> None:
    left = with_case(replace(CASE, state="open"))
    assert audit(replace(left, lasting={CASE.key})).wrong == []


def test_a_warning_is_not_for_the_front_desk() -> None:
    assert audit(without(2, 5)).wrong == [f"incident i1 (h0/i0/reach), opening 1: {STAFF.desk} was not told"]
    assert audit(warned(replace(CASE, severity="warning"))).wrong == []


def test_what_came_back_until_it_was_critical_was_a_warning_at_first() -> None:
    twice = warned(replace(CASE, epoch=2))
    assert f"incident i1 (h0/i0/reach), opening 2: {STAFF.desk} was not told" in audit(twice).wrong
    assert not any("opening 1" in one for one in audit(twice).wrong)


def warned(case: Case) -> Evidence:
    """Return the evidence of letters of a warning, of which the desk was not told."""
    letters = tuple(
        replace(one, message=one.message.replace(b"critical", b"warning"))
        for one in LETTERS
        if one.recipient != STAFF.desk
    )
    return replace(WELL, picture=Picture(letters, (case,)), kept=tuple(map(kept, letters)))


def test_every_figure_that_says_lost_is_zero_only_where_nothing_is() -> None:
    assert audit(WELL).figures["lost"] == 0
    assert audit(not_kept(FIRST.number)).figures["lost"] == 1
    assert audit(also_kept(OTHER_BYTES)).figures["repeats that differ"] == 1
