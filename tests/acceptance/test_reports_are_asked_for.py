"""report: what a porter reports is printed, kept as a page, and mailed when asked."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alerts.reports.plain_text import plain_text
from alerts.reports.report import Kind
from alerts.reports.report_json import read_report
from daemon.demo.ports import free_port
from tests.support.outline import Outline
from tests.support.process import Outcome, command
from tests.support.reporting import several
from tests.support.reports import hostile
from tests.support.servers import http, server
from tests.support.web import House, serving

HOTEL = "hotel: {id: grand-harbour, name: Grand Harbour Hotel, timezone: Europe/Lisbon}"


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with serving() as one:
        one.reporter.made += several("grand-harbour")
        yield one


async def said(directory: Path, port: int, *words: str) -> Outcome:
    """Return how the command ended, asking whoever listens on a port."""
    config = directory / "c.yml"
    config.write_text(
        f"{HOTEL}\nlisten: 127.0.0.1:{port}\nstate: sqlite:///{directory}/state.db\n"
        'control: ["tcp://127.0.0.1:9", "http://localhost:9/"]\n'
    )
    return await command("--config", str(config), "report", *words)


@pytest.mark.parametrize("kind", Kind)
async def test_a_report_as_of_now_is_printed(house: House, tmp_path: Path, kind: Kind) -> None:
    outcome = await said(tmp_path, house.port, kind.value)
    assert outcome.code == 0, outcome.err
    assert outcome.out == plain_text(await house.reporter.now("grand-harbour", kind))
    assert max(map(len, outcome.out.splitlines())) <= 80


@pytest.mark.parametrize(
    "which", [["--stored"], ["--to", "2026-11-30 06:00"], ["--to", "2026-11-30T07:00:00+01:00"]]
)
async def test_a_report_is_printed_as_it_was_made(house: House, tmp_path: Path, which: list[str]) -> None:
    outcome = await said(tmp_path, house.port, "daily", *which)
    assert outcome.code == 0, outcome.err
    assert outcome.out == plain_text(house.reporter.made[0])
    script = await said(tmp_path, house.port, "daily", *which, "--json")
    assert read_report(script.out) == read_report(json.dumps(json.loads(script.out)))
    assert read_report(script.out).ends == house.reporter.made[0].ends


async def test_a_report_is_kept_as_a_page_all_of_it_or_nothing(house: House, tmp_path: Path) -> None:
    file = tmp_path / "week.html"
    file.write_text("of last week")
    outcome = await said(tmp_path, house.port, "weekly", "--stored", "--html", str(file))
    assert outcome.code == 0, outcome.err
    assert "Weekly report of Hotel, week of Monday 23 Nov: written to" in outcome.out
    pictures = Outline(file.read_text("utf-8")).all("img")
    assert len(pictures) == 4
    assert all((one["src"] or "").startswith("data:image/png;base64,") for one in pictures)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["c.yml", "week.html"]


@pytest.mark.parametrize(("name", "why"), [("nowhere/week.html", "No such file"), (".", "is no file")])
async def test_a_file_that_cannot_be_written_is_said(
    house: House, tmp_path: Path, name: str, why: str
) -> None:
    outcome = await said(tmp_path, house.port, "weekly", "--html", str(tmp_path / name))
    assert (outcome.code, outcome.out) == (1, "")
    assert why in outcome.err


async def test_it_is_mailed_in_the_name_of_who_asks(house: House, tmp_path: Path) -> None:
    outcome = await said(tmp_path, house.port, "daily", "--mail", "--by", "Ada")
    assert outcome.code == 0, outcome.err
    assert " ".join(outcome.out.split()) == (
        "The daily report of Grand Harbour Hotel is on its way to a@hotel.example, b@hotel.example."
    )
    assert house.reporter.asked == [("grand-harbour", Kind.DAILY, "Ada")]
    house.reporter.people = ()
    outcome = await said(tmp_path, house.port, "daily", "--mail", "--by", "Ada")
    assert (outcome.code, outcome.out) == (1, "")
    assert "There is nobody to mail it to" in outcome.err


async def test_what_cannot_be_had_is_said_in_a_sentence(house: House, tmp_path: Path) -> None:
    house.reporter.made.clear()
    for words, why in (
        (["daily", "--stored"], "no daily report of grand-harbour was made yet"),
        (["daily", "--to", "2026-11-30 06:00"], "There is no report that ends then"),
        (["daily", "--to", "yesterday"], "--to: 'yesterday' is no time"),
        (["daily", "--hotel", "spa"], "there is no hotel 'spa'; there are grand-harbour"),
        (["hourly"], "invalid choice: 'hourly'"),
    ):
        outcome = await said(tmp_path, house.port, *words)
        assert (outcome.code, outcome.out) == (1, ""), words
        assert why in outcome.err


async def test_without_a_porter_nothing_is_reported(tmp_path: Path) -> None:
    outcome = await said(tmp_path, free_port(), "daily")
    assert (outcome.code, outcome.out) == (1, "")
    assert "no porter answers on 127.0.0.1" in outcome.err
    assert "is `nightporter run` up?" in outcome.err


async def test_a_hostile_report_shows_nothing_that_a_terminal_obeys(house: House, tmp_path: Path) -> None:
    house.reporter.made[:] = [hostile()]
    plain = await said(tmp_path, house.port, "daily", "--stored")
    assert plain.code == 0, plain.err
    assert not any(char in plain.out for char in "\x1b\x9b\u202e\x07")


@pytest.mark.parametrize(
    "body", ["[]", '{"version": 1}', '{"version": 1, "kind": "daily", "hotel": 7}', "null"]
)
async def test_an_answer_that_is_no_report_is_said(tmp_path: Path, body: str) -> None:
    answer = f"200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    async with server(http(answer)) as one:
        outcome = await said(tmp_path, one.port, "daily")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.endswith("is not Night Porter\n")
