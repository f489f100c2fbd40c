"""How much memory the C library keeps for later: what is free among that which stays is given back.

A run over TLS takes a buffer of 256 KiB for the milliseconds that it lasts. glibc takes it from its heap,
where small pieces that stay settle between: it grows to the most that was ever in flight, full of holes.
To have such buffers apart from it costs each run a tenth more.
"""

import ctypes


def give_back() -> bool:
    """Give free memory back to the system; return whether the C library knows how."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return trim is not None and trim(0) in {0, 1}
