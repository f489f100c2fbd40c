"""schemathesis reads the document, asks the porter a thousand things, and every answer is as described."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from checks import heartbeat
from checks.check import Check
from checks.result import CheckId
from tests.support.web import HEALTH, House, on_shift

SCHEMATHESIS = Path(sys.executable).parent / "schemathesis"
HOW = Path(__file__).parent / "schemathesis.toml"
WITHIN = 60.0
"""Seconds for all of it, though ten will do: two cores may be shared."""

BEARER = {"Authorization": "Bearer secret"}
BEATING = Check(
    CheckId("h", "jobs", "nightly"), "generic", heartbeat.CHECK, heartbeat.Options(), interval=30, timeout=10
)
THERE = {
    "id": ["id1", "new1", "new2", "new3", "drill1", "not-there"],
    "hotel": ["h"],
    "task": ["review-logs", "test-backups"],
    "integration": ["jobs"],
    "check": ["nightly", "not-there"],
    "kind": ["daily", "weekly", "not-there"],
}
"""What the addresses are about, so that those who ask get further than the door."""


async def document(house: House) -> dict[str, Any]:
    """Return the document as it is served, but for what the addresses are about."""
    async with (
        ClientSession(house.url) as session,
        session.get("/api/v1/openapi.json", headers=BEARER) as answer,
    ):
        found: dict[str, Any] = await answer.json()
    for methods in found["paths"].values():
        for one in methods["parameters"]:
            one["schema"] = {"type": "string", "enum": THERE[one["name"]]}
    drills = found["paths"]["/api/v1/drills"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    drills["properties"]["hotel"] = {"type": "string", "enum": [*THERE["hotel"], "not-there"]}
    return found


async def silenced(house: House, times: int) -> None:
    """Add some silences, whose ids are `new1` and so on."""
    wanted = {"match": {"hotel": "h"}, "to": "2026-12-01T10:00:00Z", "by": "Ada", "reason": "a try"}
    async with ClientSession(house.url) as session:
        for _ in range(times):
            async with session.post("/api/v1/silences", json=wanted, headers=BEARER) as answer:
                assert answer.status == 201


async def drilled(house: House) -> None:
    """Hold a drill of level 3, whose id is `drill1`."""
    async with (
        ClientSession(house.url) as session,
        session.post(
            "/api/v1/drills", json={"hotel": "h", "level": 3.0, "by": "Ada"}, headers=BEARER
        ) as answer,
    ):
        assert answer.status == 201
        assert (await answer.json())["level"] == "3"


async def tried(document: Path, url: str) -> tuple[int | None, str]:
    """Return how schemathesis ended, and what it said."""
    options = ("--url", url, "--header", f"Authorization: {BEARER['Authorization']}")
    process = await asyncio.create_subprocess_exec(
        SCHEMATHESIS,
        "--config-file",
        str(HOW),
        "--no-color",
        "run",
        str(document),
        *options,
        cwd=document.parent,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(WITHIN):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode, said.decode()


async def test_whatever_it_is_asked_it_answers_as_it_says(tmp_path: Path) -> None:
    async with on_shift(tmp_path) as shift:
        shift.night.watch([HEALTH, BEATING])
        shift.house.token = "secret"
        await silenced(shift.house, 3)
        await drilled(shift.house)
        told = await document(shift.house)
        (tmp_path / "openapi.json").write_text(json.dumps(told))
        code, said = await tried(tmp_path / "openapi.json", shift.house.url)
        answered = {one for one, times in shift.house.answered.items() if times}
    assert code == 0, said
    for path, methods in told["paths"].items():
        for method in methods.keys() - {"parameters"}:
            reached = {status for how, where, status in answered if (how, where) == (method.upper(), path)}
            assert reached & {200, 201, 202}, f"{method} {path} was answered {reached} only"
            assert 401 in reached, f"{method} {path} was never asked without the token"
