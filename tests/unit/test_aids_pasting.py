"""What a person may paste into the PMS: nothing that others chose gets out of its quotes."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from alerts.aids.pasting import ROOM, close, literal, see, unset, waiting
from alerts.message_text import clean
from checks.findings import Gap

LITERAL = r"(?:'[^'\\\s]*'|convert_from\(decode\('[0-9a-f]*', 'hex'\), 'UTF8'\))"
STATEMENTS = re.compile(
    rf"SELECT [a-z_, ]+ FROM [a-z_]+ WHERE (?:resolved_at IS NULL|status IN \('pending', 'failed'\)) "
    rf"AND [a-z_]+ IN \({LITERAL}(?:, {LITERAL})*\) ORDER BY created_at;"
)
HOSTILE = st.text(st.sampled_from("';\\\"\n\r\t-/* )($E:%\0\u2019\u202e") | st.characters(), max_size=64)


def meant(quoted: str) -> str:
    """Return the text that PostgreSQL makes of a literal."""
    if quoted.startswith("'"):
        return quoted[1:-1]
    return bytes.fromhex(quoted.split("'")[1]).decode()


@given(HOSTILE)
@example("'; DROP TABLE reservations; --")
@example("\\'; DROP TABLE reservations; --")
@example("two  blanks")
def test_a_literal_is_one_whatever_is_in_it(value: str) -> None:
    quoted = literal(value)
    assert re.fullmatch(LITERAL, quoted)
    assert clean(quoted, 1000) == quoted, "it is shown as it is"
    assert meant(quoted) == value.encode("utf-8", "replace").decode()


@given(st.lists(HOSTILE, max_size=12), st.booleans())
def test_a_question_is_one_whatever_ids_it_asks_for(ids: list[str], changes: bool) -> None:
    query = waiting(ids, changes=changes)
    assert len(query) <= ROOM
    assert not query or STATEMENTS.fullmatch(query)


def test_an_id_that_is_too_long_for_a_line_is_left_out_whole() -> None:
    query = waiting(["é" * 64, "BE-1", "O'Brien"], changes=False)
    assert "IN ('BE-1', convert_from(decode('4f27427269656e', 'hex'), 'UTF8'))" in query
    assert waiting(["é" * 64], changes=True) == ""


@pytest.mark.parametrize(
    ("gap", "sql", "fill"),
    [
        (
            Gap("DLX", 6, pms=True),
            (
                "INSERT INTO room_type_mappings (pms_room_type_id, booking_engine_room_type_id, is_active) "
                "VALUES ('DLX', :'booking_engine_code', true);"
            ),
            r" (first, in psql: \set booking_engine_code CODE, the booking engine's code)",
        ),
        (
            Gap("be-9", 6),
            (
                "INSERT INTO room_type_mappings (pms_room_type_id, booking_engine_room_type_id, is_active) "
                "VALUES (:'pms_room_type', 'be-9', true);"
            ),
            r" (first, in psql: \set pms_room_type TYPE, the PMS's room type)",
        ),
        (
            Gap("DLX", 6, pms=True, off=True),
            (
                "UPDATE room_type_mappings SET is_active = true WHERE 'DLX' IN (pms_room_type_id, "
                "booking_engine_room_type_id) AND NOT is_active;"
            ),
            "",
        ),
    ],
)
def test_a_gap_is_closed_with_what_is_known(gap: Gap, sql: str, fill: str) -> None:
    assert (close(gap), unset(gap)) == (sql, fill)
    assert see(gap).endswith(f"WHERE '{gap.code}' IN (pms_room_type_id, booking_engine_room_type_id);")
