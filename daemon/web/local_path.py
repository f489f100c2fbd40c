"""Addresses of our own pages that somebody is sent back to."""

import re

LONGEST = 1000
_LOCAL = re.compile(r"/(?![/\\])[!-\[\]-~]*", re.ASCII)
"""A path of ours, in visible ASCII: no `//host`, no scheme, no backslash, which browsers take for `/`."""

DOORS = ("/login", "/logout")


def local_path(address: str) -> str:
    """Return an address if it is one of ours to come back to, else that of the status page."""
    fits = len(address) <= LONGEST and _LOCAL.fullmatch(address) is not None
    return address if fits and address.partition("?")[0] not in DOORS else "/"
