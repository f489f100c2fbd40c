"""What a line says: success or failure, ours or not; and how lines are cut out of bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.log_lines import MAX_LINE, QUOTED, cut, is_ours, newest_first, quote, says_failure


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-15T14:30:00Z ERROR [ota] rate update",
        "2024-01-15T14:30:00Z FATAL out of memory",
        "2024-01-15T14:30:00Z [CRITICAL] payment",
        "2024-01-15T14:30:00Z INFO rate update failed for room 101",
        "rate update refused by the channel",
        "modification rejected: 436",
        "java.lang.NullPointerException at sync",
        '{"level":50,"msg":"sync"}',
        '{"level":"fatal","msg":"sync"}',
        "level=critical msg=sync",
        "10 failed, 3 updated",
        "sync: 0 rejected, 1 error",
        "errors: 3",
    ],
)
def test_a_failure_is_known_by_its_level_or_its_words(text: str) -> None:
    assert says_failure(text)


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-15T14:30:00Z INFO [ota] rate update accepted",
        "2024-01-15T14:30:00Z WARN slow sync",
        "availability sync done: 120 updated, 0 failed",
        "sync done without errors",
        "no errors",
        "sync ok, errors=0, rejected: 0",
        '{"level":30,"msg":"sync","error":null,"errors":[]}',
        "critical mass of bookings reached",
        "",
    ],
)
def test_all_else_is_a_success(text: str) -> None:
    assert not says_failure(text)


def test_our_own_probes_are_known_by_their_mark() -> None:
    assert is_ours("x-monitor-probe: nightporter")
    assert is_ours('"POST /hook" 401 "NightPorter/1.2"')
    assert not is_ours("a night in port")


def test_lines_come_newest_first_and_only_those_with_a_word() -> None:
    data = b"one EMAIL sent\ntwo\nthree smtp email\n\nfour Smtp"
    assert list(newest_first(data, (b"email", b"smtp"))) == [
        (37, b"four Smtp"),
        (19, b"three smtp email"),
        (0, b"one EMAIL sent"),
    ]
    assert [line for _, line in newest_first(data, ())] == [
        b"four Smtp",
        b"three smtp email",
        b"two",
        b"one EMAIL sent",
    ]


LINES = st.lists(st.binary(max_size=40).map(lambda line: line.replace(b"\n", b"")), max_size=20)


@given(LINES, st.booleans())
def test_lines_are_found_as_splitting_finds_them(lines: list[bytes], ends: bool) -> None:
    data = b"\n".join(lines) + (b"\n" if ends and lines else b"")
    kept = [line for line in lines if line.strip()]
    assert [line for _, line in newest_first(data, ())][::-1] == kept
    with_a = [line for line in kept if b"a" in line.lower()]
    assert [line for _, line in newest_first(data, (b"a",))][::-1] == with_a
    assert all(data[at:].startswith(line) for at, line in newest_first(data, ()))


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"plain\r", "plain"),
        (b"\0\0\0after a hole", "after a hole"),
        (b"caf\xe9 \xff\xfe", "caf\ufffd \ufffd\ufffd"),
        ("Zimmer für zwei".encode(), "Zimmer für zwei"),
    ],
)
def test_whatever_the_bytes_there_is_a_text(raw: bytes, text: str) -> None:
    assert cut(raw) == text


def test_a_long_line_is_cut() -> None:
    assert len(cut(b"x" * 1_000_000)) == MAX_LINE
    assert len(quote("x" * 1000)) == QUOTED


def test_a_quote_is_cleaned_before_it_is_cut() -> None:
    text = "x" * (QUOTED - 10) + " 4111111111111111"
    assert "4111" not in quote(text)
