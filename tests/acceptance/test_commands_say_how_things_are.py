"""validate, check, status and schema: what they print and how they end."""

import asyncio
import json
from pathlib import Path

import pytest

from daemon.demo.ports import free_port
from tests.acceptance.bodies import payment_only, watching
from tests.support.inbox import inbox
from tests.support.process import COMMAND, command, porter
from tests.support.servers import http, server
from tests.support.vendor import vendor


async def test_validate_lists_what_is_watched_and_what_could_be(tmp_path: Path) -> None:
    async with vendor() as gateway, porter(tmp_path, watching(gateway.url, 25), start=False) as one:
        outcome = await command("--config", str(one.config), "validate")
    assert outcome.code == 0
    assert "grand-harbour/payment/health" in outcome.out
    assert "grand-harbour/door_locks/gateway" in outcome.out
    assert "Not watched; what to add" in outcome.out


async def test_validate_names_every_problem_with_its_line(tmp_path: Path) -> None:
    config = tmp_path / "c.yml"
    config.write_text("hotel: {id: A B, name: X, timezone: Mars/Olympus}\nlisten: nowhere\ncolour: blue\n")
    outcome = await command("--config", str(config), "validate")
    assert outcome.code == 2
    lines = outcome.err.splitlines()
    assert [line.split(": ")[0:2] for line in lines[:4]] == [
        [f"{config}:1", "hotel.id"],
        [f"{config}:1", "hotel.timezone"],
        [f"{config}:2", "listen"],
        [f"{config}:3", "colour"],
    ]


async def test_a_missing_configuration_is_named(tmp_path: Path) -> None:
    outcome = await command("--config", str(tmp_path / "none.yml"), "validate")
    assert outcome.code == 2
    assert "none.yml: there is no such file" in outcome.err


async def test_the_environment_names_the_configuration(tmp_path: Path) -> None:
    outcome = await command("validate", env={"NIGHTPORTER_CONFIG": str(tmp_path / "elsewhere.yml")})
    assert "elsewhere.yml" in outcome.err


@pytest.mark.parametrize(
    ("status", "code", "word"), [(200, 0, "healthy"), (429, 1, "degraded"), (500, 2, "unhealthy")]
)
async def test_check_prints_the_owners_json_and_ends_by_the_worst(
    tmp_path: Path, status: int, code: int, word: str
) -> None:
    async with vendor() as gateway, porter(tmp_path, payment_only(gateway.url, 25), start=False) as one:
        gateway.status = status
        outcome = await command("--config", str(one.config), "check", "--json")
    assert outcome.code == code, outcome.err
    answer = json.loads(outcome.out)
    assert list(answer) == ["payment"]
    assert answer["payment"]["status"] == word
    assert answer["payment"]["response_time"] > 0


async def test_check_prints_a_table_without_colours_into_a_pipe(tmp_path: Path) -> None:
    async with vendor() as gateway, porter(tmp_path, watching(gateway.url, 25), start=False) as one:
        outcome = await command("--config", str(one.config), "check", "door_locks")
    assert outcome.code == 0
    assert "grand-harbour/door_locks/gateway" in outcome.out
    assert "payment" not in outcome.out
    assert "\x1b" not in outcome.out + outcome.err


async def test_check_of_an_unknown_integration_names_the_known_ones(tmp_path: Path) -> None:
    async with vendor() as gateway, porter(tmp_path, payment_only(gateway.url, 25), start=False) as one:
        outcome = await command("--config", str(one.config), "check", "paiment")
    assert outcome.code == 3
    assert "payment" in outcome.err


async def test_status_asks_the_porter_and_ends_as_check_does(tmp_path: Path) -> None:
    async with (
        vendor() as gateway,
        inbox() as mails,
        porter(tmp_path, payment_only(gateway.url, mails.port)) as one,
    ):
        await one.poll("/api/v1/status", lambda answer: answer["status"] == "healthy")
        plain = await command("--config", str(one.config), "status")
        script = await command("--config", str(one.config), "status", "--json")
    assert plain.code == script.code == 0
    assert "grand-harbour/payment" in plain.out
    assert json.loads(script.out)["hotels"]["grand-harbour"]["integrations"]["payment"]["status"] == "healthy"


async def test_status_without_a_porter_ends_with_three(tmp_path: Path) -> None:
    async with porter(tmp_path, payment_only(f"http://127.0.0.1:{free_port()}", 25), start=False) as one:
        outcome = await command("--config", str(one.config), "status")
    assert outcome.code == 3
    assert "no porter answers" in outcome.err


async def test_schema_is_a_json_schema() -> None:
    outcome = await command("schema")
    assert outcome.code == 0
    assert json.loads(outcome.out)["$schema"].endswith("2020-12/schema")


@pytest.mark.parametrize("name", ["grand-harbour/door_locks/gateway", "grand-harbour/door_locks"])
async def test_check_takes_the_names_it_prints(tmp_path: Path, name: str) -> None:
    async with vendor() as gateway, porter(tmp_path, watching(gateway.url, 25), start=False) as one:
        outcome = await command("check", name, "--config", str(one.config))
    assert outcome.code == 0
    assert "door_locks/gateway" in outcome.out
    assert "payment" not in outcome.out


@pytest.mark.parametrize("body", ["[]", "{}", '"x"', '{"status": "healthy"}', "<html>"])
async def test_what_is_no_porter_is_none(tmp_path: Path, body: str) -> None:
    async with server(http("200 OK", body.encode())) as other:
        config = tmp_path / "c.yml"
        config.write_text(f"hotel: {{id: h, name: H, timezone: UTC}}\nlisten: 127.0.0.1:{other.port}\n")
        outcome = await command("--config", str(config), "status")
    assert outcome.code == 3
    assert outcome.err == f"nightporter: what answers on 127.0.0.1:{other.port} is not Night Porter\n"


async def test_nobody_reading_and_no_room_are_no_crash(tmp_path: Path) -> None:
    err = b""
    async with vendor() as gateway, porter(tmp_path, payment_only(gateway.url, 25), start=False) as one:
        for redirect in ("| (exec 0<&-; sleep 0.2)", "> /dev/full"):
            line = f'PYTHONUNBUFFERED= "{COMMAND}" --config "{one.config}" validate {redirect}'
            shell = await asyncio.create_subprocess_shell(
                f"set -o pipefail; {line}",
                executable="/bin/bash",
                stderr=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
            )
            _, err = await shell.communicate()
            assert shell.returncode in {0, 1}
            assert b"Exception" not in err
            assert b"Traceback" not in err
    assert b"the output cannot be written: No space left on device" in err


async def test_a_terminal_that_cannot_show_a_letter_stops_nothing(tmp_path: Path) -> None:
    config = tmp_path / "c.yml"
    config.write_text("hotel: {id: h, name: H, timezone: UTC}\nlog: {level: 総}\n")
    outcome = await command("--config", str(config), "validate", env={"PYTHONIOENCODING": "ascii"})
    assert outcome.code == 2
    assert "log.level: must be" in outcome.err
