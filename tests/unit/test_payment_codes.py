"""Whose fault a failed payment is, by its code."""

import pytest

from checks.tables.payment_codes import FAULTS, Outcome, is_probing, outcome


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("card_declined", Outcome.DECLINE),
        ("insufficient_funds", Outcome.DECLINE),
        ("expired_card", Outcome.DECLINE),
        ("invalid_card", Outcome.DECLINE),
        ("GENERIC_DECLINE", Outcome.DECLINE),
        ("CVV_FAILURE", Outcome.DECLINE),
        ("INVALID_EXPIRATION_YEAR", Outcome.DECLINE),
        ("authentication_required", Outcome.DECLINE),
        ("402", Outcome.DECLINE),
        ("GATEWAY_TIMEOUT", Outcome.TIMEOUT),
        ("timeout", Outcome.TIMEOUT),
        ("504", Outcome.TIMEOUT),
        ("INTERNAL_SERVER_ERROR", Outcome.GATEWAY),
        ("api_error", Outcome.GATEWAY),
        ("processing_error", Outcome.GATEWAY),
        ("500", Outcome.GATEWAY),
        ("HTTP 503", Outcome.GATEWAY),
        ("UNAUTHORIZED", Outcome.AUTH),
        ("ACCESS_TOKEN_REVOKED", Outcome.AUTH),
        ("authentication_failed", Outcome.AUTH),
        ("401", Outcome.AUTH),
        ("invalid_request_error", Outcome.REQUEST),
        ("EXPECTED_STRING", Outcome.REQUEST),
        ("IDEMPOTENCY_KEY_REUSED", Outcome.REQUEST),
        ("CURRENCY_MISMATCH", Outcome.REQUEST),
        ("RATE_LIMITED", Outcome.THROTTLED),
        ("rate_limit", Outcome.THROTTLED),
        ("429", Outcome.THROTTLED),
        ("AuthenticationError", Outcome.AUTH),
        ("StripePermissionError", Outcome.AUTH),
        ("stripe.error.APIConnectionError", Outcome.GATEWAY),
        ("CardError", Outcome.DECLINE),
        ("RateLimitError", Outcome.THROTTLED),
        ("InvalidRequestError", Outcome.REQUEST),
        ("ECONNRESET", Outcome.GATEWAY),
        ("ECONNREFUSED", Outcome.GATEWAY),
        ("read timeout", Outcome.TIMEOUT),
        ("ReadTimeout", Outcome.TIMEOUT),
        ("3ds_failed", Outcome.DECLINE),
        ("Invalid card details", Outcome.DECLINE),
    ],
)
def test_a_known_code_says_whose_fault_it_is(code: str, meant: Outcome) -> None:
    assert outcome(code) is meant


@pytest.mark.parametrize("code", ["Card Declined", " card-declined ", "CARD.DECLINED", "card_declined"])
def test_a_code_may_be_written_in_any_way(code: str) -> None:
    assert outcome(code) is Outcome.DECLINE


@pytest.mark.parametrize(
    "code", [None, "", "???", "E-1234", "5xx", "\uff15\uff10\uff13", "500000", "x" * 10_000, "\x00"]
)
def test_a_code_nobody_knows_is_neither_fault_nor_decline(code: str | None) -> None:
    assert outcome(code) is Outcome.UNKNOWN


def test_a_guests_card_is_no_fault_and_everything_else_known_is() -> None:
    assert set(Outcome) - FAULTS == {Outcome.DECLINE, Outcome.UNKNOWN}


@pytest.mark.parametrize(
    ("code", "probing"),
    [("cvv_failure", True), ("invalid_card", True), ("card_declined", False), (None, False)],
)
def test_stolen_cards_are_refused_in_ways_of_their_own(code: str | None, probing: bool) -> None:
    assert is_probing(code) is probing
    assert not probing or outcome(code) is Outcome.DECLINE


@pytest.mark.parametrize(("code", "probing"), [("card_declined", True), ("expired_card", False)])
def test_over_tiny_amounts_plain_declines_are_probing_too(code: str, probing: bool) -> None:
    assert is_probing(code, over_little=True) is probing
