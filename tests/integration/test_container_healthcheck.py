"""The container's health check asks where the porter listens, and costs next to nothing."""

import asyncio
import resource
import runpy
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.servers import free_port, http, nothing, server

SCRIPT = Path(__file__).parents[2] / "deploy" / "docker" / "healthcheck.py"
PROGRAM = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("healthcheck", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
module.WITHIN = 0.5
sys.exit(module.main(sys.argv[2]))
"""


@dataclass(frozen=True)
class Said:
    """How a check ended, and what it said."""

    code: int
    text: str


async def looked(directory: Path, *command: str, env: dict[str, str] | None = None) -> Said:
    """Run the check against a first process with this command line."""
    words = directory / "cmdline"
    words.write_bytes(b"\0".join(word.encode() for word in command) + b"\0")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-IS", "-c", PROGRAM, str(SCRIPT), str(words),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, env=env or {},
    )  # fmt: skip
    out, _ = await process.communicate()
    assert process.returncode is not None
    return Said(process.returncode, out.decode())


@pytest.mark.parametrize(
    "listen",
    [
        "listen: 127.0.0.1:{port}",
        "listen: 0.0.0.0:{port}   # in a container",
        "listen: '0.0.0.0:{port}'",
        '"listen": "localhost:{port}"',
        "listen: ${{HOST}}:{port}",
        'hotel: {{id: h}}\nlog: {{level: info}}\nlisten:  "${{HOST}}:{port}"\nweb: {{token_file: t}}',
    ],
)
async def test_it_asks_where_the_configuration_says(tmp_path: Path, listen: str) -> None:
    async with server(http("200 OK", b"ok")) as porter:
        file = tmp_path / "porter.yml"
        file.write_text(listen.format(port=porter.port) + "\n")
        found = await looked(
            tmp_path, "python", "nightporter", "--config", str(file), "run", env={"HOST": "127.0.0.1"}
        )
        assert (found.code, porter.connections) == (0, 1), found.text
        assert porter.requests[0].startswith(b"GET /-/healthy HTTP/1.1\r\n")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("hotel: {id: h}\n", ("127.0.0.1", 9187)),
        ("listen: '[::]:9200'\n", ("::1", 9200)),
        ('listen: "[2001:db8::7]:9200"  # one address\n', ("2001:db8::7", 9200)),
        ("web:\n  listen: 10.0.0.1:1\n# listen: 10.0.0.1:2\nlisten: 0.0.0.0:9201\n", ("127.0.0.1", 9201)),
    ],
)
def test_it_knows_where_to_ask_one_that_listens_everywhere_and_on_ipv6(
    text: str, where: tuple[str, int]
) -> None:
    assert runpy.run_path(str(SCRIPT))["address"](text) == where


@pytest.mark.parametrize("name", ["--config=FILE", "NIGHTPORTER_CONFIG"])
async def test_it_reads_the_configuration_that_the_porter_reads(tmp_path: Path, name: str) -> None:
    async with server(http("200 OK", b"ok")) as porter:
        file = tmp_path / "porter.yml"
        file.write_text(f"listen: 127.0.0.1:{porter.port}\n")
        by_word = name.startswith("--")
        words = [name.replace("FILE", str(file))] if by_word else []
        env = {} if by_word else {name: str(file)}
        found = await looked(tmp_path, "nightporter", *words, "run", env=env)
        assert found.code == 0, found.text


@pytest.mark.parametrize("status", ["503 Service Unavailable", "404 Not Found", "302 Found"])
async def test_another_answer_is_not_healthy(tmp_path: Path, status: str) -> None:
    async with server(http(status)) as porter:
        file = tmp_path / "porter.yml"
        file.write_text(f"listen: 127.0.0.1:{porter.port}\n")
        found = await looked(tmp_path, "nightporter", "--config", str(file), "run")
    assert found.code == 1
    assert status in found.text


async def test_no_answer_is_not_healthy(tmp_path: Path) -> None:
    file = tmp_path / "porter.yml"
    async with server(nothing) as porter:
        file.write_text(f"listen: 127.0.0.1:{porter.port}\n")
        silent = await looked(tmp_path, "nightporter", "--config", str(file), "run")
    file.write_text(f"listen: 127.0.0.1:{free_port()}\n")
    refused = await looked(tmp_path, "nightporter", "--config", str(file), "run")
    missing = await looked(tmp_path, "nightporter", "--config", str(tmp_path / "nothing.yml"), "run")
    assert (silent.code, refused.code, missing.code) == (1, 1, 1)
    assert "timed out" in silent.text
    assert "refused" in refused.text
    assert "nothing.yml" in missing.text


async def test_it_costs_a_tenth_of_what_the_command_line_costs(tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-IES", str(SCRIPT), stderr=asyncio.subprocess.DEVNULL
    )
    assert await process.wait() == 1
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.1
