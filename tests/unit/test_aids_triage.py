"""The triage list: who arrives first, how many in all, and what frees most of them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.aids.aid import Aid
from alerts.aids.telling import LINE
from alerts.aids.triage import triage
from checks.findings import MOST_STUCK, Findings, Gap, Stuck, Trouble
from checks.result import Reason, Sign
from tests.support.aiding import failed_imports, listed, sight, stuck, unmapped
from tests.support.facts import failing

SIX = listed(
    stuck("BE-X1", 0, "DLX"),
    stuck("BE-X2", 0, "DLX"),
    stuck("BE-X3", 1, "DLX"),
    stuck("BE-X4", 9, "STE"),
    stuck("BE-X5", 9, "DLX"),
    stuck("BE-X6", None, "DLX"),
    gaps=(Gap("DLX", 5, pms=True), Gap("STE", 1, pms=True, off=True)),
)


def made(found: Findings) -> Aid:
    aid = triage(sight(failed_imports(found)))
    assert aid is not None
    return aid


def test_the_first_lines_say_how_many_when_and_what_frees_them() -> None:
    assert made(SIX).lines[:3] == (
        (
            "6 bookings are not in the PMS: 2 arrive today, 1 tomorrow, 2 on Fri 4 Dec, 1 on a day that "
            "nobody "
            "knows (it may be today)."
        ),
        "Fixing the mapping of DLX frees 5, of STE frees 1 of them.",
        (
            "The first to arrive: BE-X1 (today, DLX not mapped), BE-X2 (today, DLX not mapped), BE-X3 "
            "(tomorrow, "
            "DLX not mapped), BE-X4 (Fri 4 Dec, STE not mapped), BE-X5 (Fri 4 Dec, DLX not mapped); "
            "and 1 more."
        ),
    )


def test_every_gap_comes_with_what_shows_and_closes_it() -> None:
    lines = made(SIX).lines
    assert [line.partition(":")[0] for line in lines[3:8]] == [
        "What there is of DLX",
        r"To map it (first, in psql",
        "What there is of STE",
        "To map it",
        "What waits",
    ]
    assert lines[8] == "BE-X6: arrival not known, DLX not mapped, since 07:00."


def test_the_desk_hears_who_arrives_today_and_tomorrow() -> None:
    assert made(SIX).desk == (
        "2 guests arrive today whose bookings are not in the PMS: BE-X1, BE-X2.",
        "1 guest arrives tomorrow whose booking is not in the PMS: BE-X3.",
        "For 1 of them nobody knows the day of arrival: it may be today.",
        (
            "Look them up in the extranet of the travel site or of the booking engine, keep a room for "
            "each, and "
            "enter it by hand if the guest arrives before it is in the PMS."
        ),
    )


def test_nobody_soon_is_said_too() -> None:
    desk = made(listed(stuck("BE-1", 5, trouble=Trouble.NO_INVENTORY))).desk
    assert desk[0].startswith(
        "None of the guests whose bookings are missing in the PMS is known to arrive today"
    )


def test_a_list_that_is_cut_tells_how_many_there_are() -> None:
    found = listed(*(stuck(f"BE-{nr}", nr // 10) for nr in range(MOST_STUCK)), in_all=1001)
    assert made(found).lines[0] == (
        "At least 1,001 bookings are not in the PMS: 10 arrive today, 10 tomorrow, 10 on Fri 27 Nov, "
        "10 on Sat 28 Nov, 10 on Sun 29 Nov, 951 after these."
    )


def test_stays_that_have_begun_and_changes_are_told_as_what_they_are() -> None:
    changes = listed(
        stuck("EXP-1", -1, trouble=Trouble.ORIGINAL_MISSING, change=True),
        stuck("EXP-2", 0, trouble=Trouble.ORIGINAL_MISSING, change=True),
    )
    fact = failing("expedia/modification_orphans", Reason.MISSING, Sign.ORIGINAL_MISSING, type_="orphans")
    aid = triage(sight(replace(fact, findings=changes)))
    assert aid is not None
    assert aid.lines[0] == (
        "2 changes of bookings are not in the PMS: 1 arrives today, 1 should have arrived already."
    )
    assert aid.lines[1] == (
        "They are: change of EXP-2 (today, booking not in the PMS), change of EXP-1 (Tue 24 Nov, booking "
        "not in the PMS)."
    )
    assert "FROM ota_modification_queue" in aid.lines[2]
    assert aid.desk[0] == "1 guest arrives today whose booking is not in the PMS: EXP-2."
    rejected = listed(stuck("EXP-3", 0, trouble=Trouble.INVALID, change=True))
    assert made(rejected).desk[0] == "1 guest arrives today whose booking is not right in the PMS: EXP-3."


def test_no_list_is_no_aid() -> None:
    assert triage(sight(failed_imports(Findings()))) is None
    assert triage(sight(unmapped())) is None


@given(
    st.lists(
        st.builds(
            stuck,
            st.text(max_size=64),
            st.none() | st.integers(-3, 400),
            st.sampled_from(("", "DLX", "ste.2")),
            st.sampled_from(Trouble),
        ),
        min_size=1,
        max_size=MOST_STUCK,
    ),
    st.integers(0, 1001),
)
def test_whatever_is_stuck_it_is_told_in_whole_lines(rows: list[Stuck], in_all: int) -> None:
    aid = made(listed(*rows, in_all=max(in_all, len(rows)), gaps=(Gap("DLX", 3), Gap("ste.2", 1))))
    assert all(len(line) <= LINE for line in (*aid.lines[:2], *aid.lines[3:], *aid.desk[2:]))
    assert len(aid.desk) <= 4


@pytest.mark.parametrize("count", [1, 3])
def test_words_are_in_their_number(count: int) -> None:
    aid = made(listed(*(stuck(f"BE-{nr}", 0) for nr in range(count))))
    assert aid.lines[0].startswith(("1 booking is not", "3 bookings are not")[count > 1])
