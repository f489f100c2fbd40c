"""Card numbers are found in whatever way they are written, and long numbers that are none are left alone."""

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


@pytest.mark.parametrize("card", CARDS)
@pytest.mark.parametrize("around", ["%s", "charge of %s fails", '{"pan":"%s"}', "card=%s;", "%s\n", "%s 123"])
def test_a_card_number_is_found_and_hidden(card: str, around: str) -> None:
    text = around % card
    assert log_cards.find(text.encode()) == [text.index(card)]
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
    text = log_cards.hide(f"{before} 4111111111111111 {after}")
    assert "4111111111111111" not in text or "4111111111111111" in before + after
