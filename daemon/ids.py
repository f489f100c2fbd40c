"""Names of what comes into being: incidents, silences, wishes."""

import secrets

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id() -> str:
    """Return a fresh id: ten characters that can be read out on the telephone."""
    return "".join(secrets.choice(ALPHABET) for _ in range(10))
