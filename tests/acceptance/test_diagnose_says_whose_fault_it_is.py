"""diagnose: one look, and what is wrong, whose fault, and what to do."""

import asyncio
import json
import os
import pty
from pathlib import Path

import pytest

from daemon.demo.ports import free_port
from tests.support.process import COMMAND, Outcome, command
from tests.support.vendor import vendor

BODY = """\
hotel: {{id: h, name: Grand Harbour Hotel, timezone: UTC}}
control: ["tcp://127.0.0.1:{control}", "http://localhost:{control}/"]
integrations:
  payment:
    url: http://127.0.0.1:{payment}
  booking_engine:
    url: http://127.0.0.1:{booking}
"""


def config(directory: Path, *, control: int, payment: int, booking: int, more: str = "") -> str:
    path = directory / "c.yml"
    path.write_text(BODY.format(control=control, payment=payment, booking=booking) + more)
    return str(path)


async def diagnosed(path: str, *words: str) -> Outcome:
    return await command("--config", path, "diagnose", *words)


async def test_when_all_is_well_it_says_so_in_a_sentence(tmp_path: Path) -> None:
    async with vendor() as one:
        path = config(tmp_path, control=one.port, payment=one.port, booking=one.port)
        outcome = await diagnosed(path, "payment")
    assert outcome.code == 0
    assert outcome.out.splitlines()[0] == "All is well with payment at Grand Harbour Hotel: health is ok."
    assert "booking_engine/health, network/control" in outcome.out
    assert outcome.err == ""


@pytest.mark.parametrize(
    ("status", "code", "cause", "fault"),
    [
        (401, 2, "api-credentials-invalid", "ours"),
        (503, 2, "vendor-outage", "the vendor's"),
        (429, 1, "rate-limited", "ours"),
    ],
)
async def test_only_us_is_told_from_everybody(
    tmp_path: Path, status: int, code: int, cause: str, fault: str
) -> None:
    async with vendor() as gateway, vendor() as well:
        gateway.status = status
        path = config(tmp_path, control=well.port, payment=gateway.port, booking=well.port)
        outcome = await diagnosed(path, "payment")
    assert outcome.code == code
    assert f"{cause} (" in outcome.out
    assert f"Whose fault  {fault}" in outcome.out
    assert "  1. " in outcome.out
    assert max(map(len, outcome.out.splitlines())) <= 80
    # One run decides, and nobody is bothered more often than that.
    assert gateway.requests["/v1/status"] == 1


async def test_a_control_target_whose_name_is_gone_is_not_the_name_server_while_others_are_found(
    tmp_path: Path,
) -> None:
    async with vendor() as one:
        path = config(tmp_path, control=one.port, payment=one.port, booking=one.port)
        text = Path(path).read_text().replace(f"http://localhost:{one.port}/", "http://gone.invalid/")
        Path(path).write_text(text.replace("url: http://127.0.0.1", "url: http://localhost"))
        outcome = await diagnosed(path, "network", "--json")
    (found,) = json.loads(outcome.out)["diagnoses"]
    assert (found["cause"], found["fault"]) == ("unknown", "unknown")
    assert "getent hosts gone.invalid, " in found["steps"][0]


async def test_where_nothing_answers_it_is_the_network(tmp_path: Path) -> None:
    path = config(tmp_path, control=free_port(), payment=free_port(), booking=free_port())
    outcome = await diagnosed(path, "payment", "--json")
    assert outcome.code == 2
    answer = json.loads(outcome.out)
    assert (answer["integration"], answer["state"]) == ("payment", "critical")
    first = answer["diagnoses"][0]
    assert (first["cause"], first["fault"]) == ("local-network-down", "network")
    assert {"h/network/control", "h/payment/health", "h/booking_engine/health"} <= set(first["checks"])
    assert {
        "confidence",
        "title",
        "summary",
        "steps",
        "evidence",
        "missing",
        "runner_up",
        "next_test",
    } <= set(first)
    assert answer["checks"]["health"]["reason"] == "connect"


async def test_trouble_elsewhere_is_mentioned_and_does_not_decide(tmp_path: Path) -> None:
    async with vendor() as well, vendor() as ill:
        ill.status = 503
        path = config(tmp_path, control=well.port, payment=well.port, booking=ill.port)
        outcome = await diagnosed(path, "h/payment")
    assert outcome.code == 0
    assert "All is well with payment" in outcome.out
    assert "Other trouble in the hotel" in outcome.out
    assert "(vendor-outage)" in outcome.out


async def test_several_causes_come_one_after_the_other_the_worst_first(tmp_path: Path) -> None:
    more = """\
  spa:
    kind: generic
    checks:
      asks: {{type: http, url: "http://127.0.0.1:{slow}/"}}
      books: {{type: http, url: "http://127.0.0.1:{down}/"}}
"""
    async with vendor() as well, vendor() as slow, vendor() as down:
        slow.status, down.status = 429, 503
        own = more.format(slow=slow.port, down=down.port)
        path = config(tmp_path, control=well.port, payment=well.port, booking=well.port, more=own)
        plain, script = await diagnosed(path, "spa"), await diagnosed(path, "spa", "--json")
    assert (plain.code, script.code) == (2, 2)
    answer = json.loads(script.out)
    assert [(one["cause"], one["checks"]) for one in answer["diagnoses"]] == [
        ("vendor-outage", ["h/spa/books"]),
        ("rate-limited", ["h/spa/asks"]),
    ]
    assert "\n1. spa: " in plain.out
    assert "\n2. spa: " in plain.out


async def test_an_unknown_integration_names_those_there_are(tmp_path: Path) -> None:
    path = config(tmp_path, control=free_port(), payment=free_port(), booking=free_port())
    outcome = await diagnosed(path, "paiment")
    assert (outcome.code, outcome.out) == (3, "")
    assert outcome.err == (
        "nightporter: nothing is watched of paiment; integrations with checks: "
        "booking_engine, network, payment\n"
    )


async def test_of_several_hotels_one_has_to_be_named(tmp_path: Path) -> None:
    hotels = tmp_path / "hotels.d"
    hotels.mkdir()
    async with vendor() as one:
        for name in ("east", "west"):
            (hotels / f"{name}.yml").write_text(
                f"hotel: {{id: {name}, name: {name}, timezone: UTC}}\n"
                f"integrations: {{payment: {{url: {one.url}}}}}\n"
            )
        (tmp_path / "c.yml").write_text("hotels_dir: hotels.d\n")
        unnamed = await diagnosed(str(tmp_path / "c.yml"), "payment")
        named = await diagnosed(str(tmp_path / "c.yml"), "payment", "--hotel", "west")
    assert (unnamed.code, unnamed.err) == (
        3,
        "nightporter: several hotels have payment: say which, --hotel east, west\n",
    )
    assert named.code == 0
    assert "payment at west" in named.out


async def test_a_terminal_is_told_of_every_check_as_it_ends(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    async with vendor() as one:
        path = config(tmp_path, control=one.port, payment=one.port, booking=one.port)
        process = await asyncio.create_subprocess_exec(
            *(COMMAND, "--config", path, "diagnose", "payment"),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=theirs,
        )
        os.close(theirs)
        assert await process.wait() == 0
    seen = os.read(ours, 65536).decode().replace("\r\n", "\n")
    os.close(ours)
    assert "\r" not in seen
    assert "\x1b" not in seen
    lines = [line.split()[:2] for line in seen.splitlines() if line.endswith(" ms")]
    assert sorted(lines) == [
        ["ok", "booking_engine/health"],
        ["ok", "network/control"],
        ["ok", "payment/health"],
    ]
