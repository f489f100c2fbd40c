"""How vendors sign what they send to a webhook: with an HMAC-SHA256, in three schemes.

`hmac_sha256_hex` signs the raw body, `square` the URL of the webhook and then the body, `stripe` a time and
then the body, so that an event cannot be sent again later.
"""

import base64
import hmac
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

Scheme = Literal["hmac_sha256_hex", "square", "stripe"]

HEADER: Mapping[Scheme, str] = MappingProxyType(
    {
        "hmac_sha256_hex": "X-Webhook-Signature",
        "square": "x-square-hmacsha256-signature",
        "stripe": "Stripe-Signature",
    }
)
"""The header field that carries a signature."""

TOLERANCE = 300
"""Seconds after its time that a signature of the scheme `stripe` is good for."""

TOO_SHORT = "test-signature"


def sign(scheme: Scheme, key: bytes, url: str, body: bytes, at: int) -> str:
    """Return the signature of an event that is posted to `url`; `at` is a Unix time."""
    if scheme == "square":
        return base64.b64encode(hmac.digest(key, url.encode() + body, "sha256")).decode("ascii")
    if scheme == "stripe":
        return f"t={at},v1={hmac.digest(key, b'%d.' % at + body, 'sha256').hex()}"
    return hmac.digest(key, body, "sha256").hex()


def too_short(scheme: Scheme, at: int) -> str:
    """Return what stands where a signature should, and is shorter than any."""
    return f"t={at},v1={TOO_SHORT}" if scheme == "stripe" else TOO_SHORT
