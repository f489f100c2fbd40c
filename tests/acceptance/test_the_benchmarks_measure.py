"""The benchmarks run by one command, and keep what their page is made of; how fast it was is no matter."""

import asyncio
import json
import sys
from pathlib import Path

from tests.support.nginx import needed

ROOT = Path(__file__).parents[2]


async def test_a_fault_is_followed_to_the_inbox_in_both_its_parts(tmp_path: Path) -> None:
    needed("nginx")
    output = tmp_path / "results.json"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks", "--quick", "--only", "mails", "--output", str(output),
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, said = await process.communicate()
    assert process.returncode == 0, said.decode()
    assert "mails ..." in said.decode()

    found = json.loads(output.read_text())
    assert found["quick"] is True
    assert found["machine"]["cores"] >= 1
    assert set(found["machine"]) >= {"processor", "kernel", "python", "packages", "libraries"}
    assert set(found["loads"]) == {"mails"}
    seconds = found["mails"]["at_once"]
    assert [len(seconds[part]) for part in ("whole", "floor", "own")] == [2, 2, 2]
    for whole, floor, own in zip(seconds["whole"], seconds["floor"], seconds["own"], strict=True):
        assert floor > 0
        assert abs(floor + own - whole) < 0.01
