"""Signatures of webhooks, against known ones and against verifiers written as vendors tell to."""

import base64
import hashlib
import hmac

import pytest

from checks.webhook_signing import HEADER, TOLERANCE, TOO_SHORT, Scheme, sign, too_short

SCHEMES: tuple[Scheme, ...] = ("hmac_sha256_hex", "square", "stripe")
URL = "https://pms.hotel.com/api/webhooks/payment"
SQUARE_BODY = (
    b'{"merchant_id":"M1","type":"payment.updated","event_id":"e-1","created_at":"2026-11-22T08:00:00Z"}'
)


def test_the_owners_scheme_signs_the_body_in_hex() -> None:
    signature = sign("hmac_sha256_hex", b"seed-secret", URL, b'{"event":"monitor.ping","id":"probe"}', 0)
    assert signature == "dd179cc02ea84b016d49c34e81dc4ddd11cc378f5167714a94494effa9068dee"


def test_square_signs_url_and_body_in_base64() -> None:
    signature = sign("square", b"test-signature-key", URL, SQUARE_BODY, 0)
    assert signature == "tDx9Fb3i6J+mStAX+X9cwTIHVEzArryongPHrXkfeV0="


def test_stripe_signs_time_and_body_in_hex() -> None:
    signature = sign("stripe", b"whsec_test", URL, b'{"id":"evt_1"}', 1_790_000_000)
    v1 = "e32657f3e678d33b41ec084c16ac0e125d25480a06cb3902286dc5942c6fd259"
    assert signature == f"t=1790000000,v1={v1}"


def test_a_signature_of_square_holds_for_one_url_only() -> None:
    assert sign("square", b"key", URL, b"{}", 0) != sign("square", b"key", f"{URL}/", b"{}", 0)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("key", [b"\x00\xff", "schlüssel".encode(), b"k" * 500])
def test_any_key_makes_a_well_formed_signature(scheme: Scheme, key: bytes) -> None:
    signature = sign(scheme, key, URL, b"\xff\x00 {}", 1_790_000_000).rpartition("v1=")[2]
    digest = base64.b64decode(signature, validate=True) if scheme == "square" else bytes.fromhex(signature)
    assert len(digest) == hashlib.sha256().digest_size


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_is_too_short_stands_where_a_verifier_looks(scheme: Scheme) -> None:
    value = too_short(scheme, 1_790_000_000)
    parts = (
        dict(part.partition("=")[::2] for part in value.split(",")) if scheme == "stripe" else {"v1": value}
    )
    assert parts["v1"] == TOO_SHORT
    assert len(parts["v1"]) < len(sign(scheme, b"key", URL, b"{}", 0).rpartition("v1=")[2])
    assert not hmac.compare_digest(parts["v1"], sign(scheme, b"key", URL, b"{}", 0))


def test_every_scheme_has_its_header_and_only_one_a_tolerance() -> None:
    assert HEADER == {
        "hmac_sha256_hex": "X-Webhook-Signature",
        "square": "x-square-hmacsha256-signature",
        "stripe": "Stripe-Signature",
    }
    assert TOLERANCE == 300
