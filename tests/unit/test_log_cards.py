"""Card numbers are found in whatever way they are written, and long numbers that are none are left alone."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import log_cards

CARDS = [
    "4111111111111111",
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "3782 822463 10005",
    "3782-822463-10005",
    "30569309025904",
    "6011111111111117",
    "3530111333300000",
    "6200000000000005",
    "4222222222222",
]
OTHERS = [
    "4111111111111112",
    "1700000000000",
    "1705329000123",
    "1705329000123456789",
    "550e8400-e29b-41d4-a716-446655440000",
    "2024-01-15 14:30:00.123",
    "20240115143000123",
    "411111111111",
    "41111111111111111111",
    "a4111111111111111",
    "0.4111111111111111",
    "0000000000000000",
    "4111 1111-1111 1111",
    "",
]

WITH_CARDS = [
    ("\x1b[33m4111111111111111\x1b[39m declined", 1),
    ("#033[33m4111111111111111#033[39m declined", 1),
    ("payment failed room 2101 4111 1111 1111 1111", 1),
    ("exp 01/2027 4111 1111 1111 1111", 1),
    ("4111 1111 1111 1111 2027", 1),
    ("rooms 12 and 14, card 4111 1111 1111 1111", 1),
    ('{"note":"card\\n4111111111111111 exp"}', 1),
    ("%B4111111111111111^DOE/JOHN^27121010000", 1),
    (";4111111111111111=27121010000", 1),
    ("4111111111111111D2712", 1),
    ("card_4111111111111111", 1),
    ("card4111111111111111", 1),
    ("cc4111111111111111", 1),
    ("pan=%204111111111111111&x=1", 1),
    ("pan%3D4111111111111111", 1),
    ("4111%201111%201111%201111", 1),
    ("4111+1111+1111+1111", 1),
    ("4111.1111.1111.1111", 1),
    ("4111_1111_1111_1111", 1),
    ("4111\t1111\t1111\t1111", 1),
    ("4111\u00a01111\u00a01111\u00a01111", 1),
    ("4111\u20131111\u20131111\u20131111", 1),
    ("4111  1111  1111  1111", 1),
    ("5555555555554444|12|2027", 1),
    ("card 6304000000000000000", 1),
    ("4111 1111 1111 1111 5555 5555 5555 4444", 2),
    ("4111111111111111 4111111111111111", 2),
    ("1705329000123 4111111111111111", 1),
    ('{"amount":100,"pan":"4111111111111111","order_id":"77"}', 1),
    ("Karte 4242 4242 4242 4242", 1),
]
WITHOUT = [
    "dd.trace_id=4111111111111111 dd.span_id=5555555555554444",
    '"traceId":"4111111111111111"',
    "trace 6304000000000000000 done",
    "dd.trace_id=6304000000000000000",
    "order 4111111111111111 sent",
    "order_id: 4111111111111111",
    "booking id=4111111111111111",
    '{"request_id":"4111111111111111"}',
    "req_4111111111111111",
    "reservation no. 4111111111111111",
    "rooms 6927 6928 6929 6930 6931",
    "rooms 4012 4013 4014 4016",
    "availability of 4010 4007 4012 4001 sent",
    "rooms 4111 1111 1111 1111 2027",
    "numbers 2101 4111 1111 1111 1111 3456 3457",
    "DE12 5001 0000 0000 0000 09 refunded",
    "IBAN DE89 4111 1111 1111 1111 00",
    "sha 3f4111111111111111",
    "sha 4111111111111111ab",
    "0.4111111111111111",
    "x9k4111111111111111",
    "12345678-1234-4111-1111-111111111111",
    "94111 1111 1111 1111",
    "4111 1111 1111 11111",
    "411111******1111",
    "2024-01-15_14-30-00.123 4111",
    "4111-1111 1111-1111",
]


@pytest.mark.parametrize(("text", "count"), WITH_CARDS)
def test_a_card_number_is_found_whatever_stands_around_it(text: str, count: int) -> None:
    raw = text.encode()
    for data in (raw, b"before\n" + raw + b"\nafter"):
        assert len(log_cards.find(data)) == count
    shown = log_cards.hide(text)
    assert shown.count(log_cards.HIDDEN) == count
    assert not any(part in shown for part in ("1111", "4444", "000000000000"))


@pytest.mark.parametrize("text", WITHOUT)
def test_a_number_that_says_what_else_it_is_is_no_card(text: str) -> None:
    assert log_cards.find(f"before\n{text}\nafter".encode()) == []
    assert log_cards.hide(text) == text


def test_traces_of_any_number_raise_no_alarm() -> None:
    chance = random.Random(1)  # noqa: S311 - numbers, not secrets
    for _ in range(2000):
        trace, span = chance.getrandbits(64), chance.getrandbits(63)
        assert log_cards.find(b"payment ok dd.trace_id=%d dd.span_id=%d" % (trace, span)) == []


def test_rooms_in_their_order_raise_no_alarm() -> None:
    for first in range(4000, 7000):
        rooms = " ".join(str(first + number) for number in range(5))
        assert log_cards.find(f"availability sync {rooms}".encode()) == []


@pytest.mark.parametrize("card", CARDS)
@pytest.mark.parametrize("around", ["%s", "charge of %s fails", '{"pan":"%s"}', "card=%s;", "%s\n", "%s 123"])
def test_a_card_number_is_found_and_hidden(card: str, around: str) -> None:
    text = around % card
    begin = text.index(card)
    assert log_cards.find(text.encode()) == [(begin, begin + len(card))]
    assert card not in log_cards.hide(text)
    assert log_cards.HIDDEN in log_cards.hide(text)


@pytest.mark.parametrize("other", OTHERS)
def test_other_numbers_are_left_alone(other: str) -> None:
    text = f"number {other} here"
    assert log_cards.find(text.encode()) == []
    assert log_cards.hide(text) == text


def test_every_card_number_in_a_text_is_found() -> None:
    text = "one 4111111111111111, two 5555-5555-5555-4444, three 378282246310005"
    assert len(log_cards.find(text.encode())) == 3
    assert not any(digit in log_cards.hide(text) for digit in "123456789")


def test_numbers_on_two_lines_are_two_numbers() -> None:
    assert log_cards.find(b"4111 1111\n1111 1111") == []


@given(st.binary(max_size=300))
def test_any_bytes_can_be_searched(data: bytes) -> None:
    log_cards.find(data)


@given(st.text(max_size=100), st.text(max_size=100))
def test_any_text_can_be_cleaned(before: str, after: str) -> None:
    # On a line of its own: before it on the same line could stand that it is an id.
    text = log_cards.hide(f"{before}\ncard 4111111111111111 {after}")
    assert "4111111111111111" not in text or "4111111111111111" in before + after
