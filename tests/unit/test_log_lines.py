"""What a line says: success or failure, ours or not; and how lines are cut out of bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.log_lines import MAX_LINE, QUOTED, cut, goes_on, is_ours, newest_first, quote, says_failure


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
        "errorCode=5",
        "errorCode=0 but the sync failed",
        "failed 10",
        "errors: 0.5",
        "0 of 50 updated, 3 failed",
        "sync failed 0 rooms updated",
        "db_exception raised",
        "java.lang.NullPointerException: null",
        "[12:00:00 ERR] sync down",
        "[12:00:00 FTL] sync",
        "2024-01-15 ERR sync",
        "<3>sync down",
        "<131>Jan 15 14:30:00 host sync",
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
        "rate update for Exceptional Suite accepted",
        'payment ok {"errorCode":0}',
        "payment ok errorCode=0",
        'payment ok {"error_code":"000","errorMessage":null}',
        'payment ok {"failureReason":null}',
        "failover to secondary done: sync ok",
        "fail-safe mode left",
        "sync ok, error-free",
        "never failed",
        "none failed",
        "0 of 50 failed",
        "failed_rows: 0",
        "errors_total=0",
        "errors 0, sync ok",
        "12 updated, failed 0",
        '{"hasError":false}',
        '{"failed":0.0}',
        "errorRate=0.0%",
        "failures: [0]",
        "<134>Jan 15 14:30:00 host sync",
        "",
    ],
)
def test_all_else_is_a_success(text: str) -> None:
    assert not says_failure(text)


def test_our_own_probes_are_known_by_their_mark() -> None:
    assert is_ours("x-monitor-probe: nightporter")
    assert is_ours('"POST /hook" 401 "NightPorter/1.2"')
    assert not is_ours("a night in port")
    assert not is_ours("smtp 550 delivery failed from=<nightporter@hotel.example>")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("mail to john.smith@gmail.com bounced", "mail to j***@… bounced"),
        ("password=Hunter22 refused", "password=[hidden] refused"),
        ('{"api_key": "k-1", "room": 7}', '{"api_key": "[hidden]", "room": 7}'),
        ("token: abc.def; room 7", "token: [hidden]; room 7"),
        ("Authorization: Bearer abc.def sent", "Authorization: [hidden] sent"),
        ("sent bearer abc.def", "sent bearer [hidden]"),
        ("charge of 4111111111111111 failed", "charge of [card number] failed"),
        ("guest: Maria da Silva not found", "guest: [name] not found"),
        ("import failed for guest 'Ada Lovelace'", "import failed for guest [name]"),
        ('{"guest_name": "Ada Lovelace", "room": 7}', '{"guest_name": [name], "room": 7}'),
        ("lastName=Lovelace; room 7", "lastName=[name]; room 7"),
        ("customer: 4711 not found", "customer: 4711 not found"),
        ("guest not found: DLX", "guest not found: DLX"),
    ],
)
def test_a_quote_names_no_guest_and_no_secret(text: str, shown: str) -> None:
    assert quote(text) == shown


@pytest.mark.parametrize(
    "raw", [b"    at Pay.java:1", b"\tat x", b"... 12 more", b"Caused by: x", b"Traceback (most"]
)
def test_lines_of_a_trace_are_known(raw: bytes) -> None:
    assert goes_on(raw)
    assert not goes_on(b"2024-01-15 Caused by")


def test_colours_hide_no_level() -> None:
    assert says_failure(cut(b"\x1b[31mERR\x1b[0m sync"))


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
