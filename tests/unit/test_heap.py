"""Free memory goes back to the system, though pieces that stay lie between."""

import platform
import subprocess
import sys

import pytest

PROGRAM = """
from daemon.heap import give_back

def resident():
    with open("/proc/self/statm") as numbers:
        return int(numbers.read().split()[1]) * 4096

bytearray(16 * 2**20)
# In turns, so that no end of the heap is free.
pieces = [bytearray(size) for _ in range(2000) for size in (30_000, 600)]
kept, pieces = pieces[1::2], None
full = resident()
assert give_back()
print(full - resident())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be told to give memory back")
def test_what_is_free_between_pieces_that_stay_is_given_back() -> None:
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    assert int(done.stdout) > 40 * 2**20
