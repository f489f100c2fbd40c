"""How reports look: in text and in HTML, as the golden files show; `UPDATE_GOLDEN=1` writes them anew."""

import os
import re
from pathlib import Path

import pytest

from alerts.reports.columns import table, wide
from alerts.reports.page import Pages, breaking
from alerts.reports.plain_text import WIDTH, plain_text, sparkline
from alerts.reports.report import Kind, Point, Table, Tone
from alerts.reports.tidy import tidied
from tests.support.outline import Outline
from tests.support.reports import EXAMPLES, big, chart, hostile, report, row, section

GOLDEN = Path(__file__).parent / "golden" / "reports"
URL = "https://porter.hotel.example"


@pytest.fixture(scope="module")
def pages() -> Pages:
    return Pages()


@pytest.mark.parametrize("name", EXAMPLES)
def test_reports_look_as_they_did(pages: Pages, name: str) -> None:
    one = tidied(EXAMPLES[name], 25)
    html, _ = pages.illustrated(one, 28_000, domain="hotel.example", public_url=URL, page=f"{URL}/reports")
    for file, said in ((f"{name}.txt", plain_text(one, f"{URL}/reports")), (f"{name}.html", html)):
        if os.environ.get("UPDATE_GOLDEN"):
            GOLDEN.mkdir(exist_ok=True)
            (GOLDEN / file).write_text(said, encoding="utf-8")
        assert said == (GOLDEN / file).read_text("utf-8")


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_line_of_the_text_is_wider_than_a_mail(name: str) -> None:
    assert max(wide(line) for line in plain_text(EXAMPLES[name], URL).splitlines()) <= WIDTH


def test_a_table_is_lined_up_and_wraps_what_is_too_wide() -> None:
    one = Table("c", ("Name", "Count", "Note"), (row("東京", "7", "a b " * 20), row("payment", "1234", "x")))
    assert table(one, 40, ["  ", "✕ "]) == [
        "  Name     Count  Note",
        "  -------  -----  ----------------------",
        "  東京         7  a b a b a b a b a b a",
        "                  b a b a b a b a b a b",
        "                  a b a b a b a b a b a",
        "                  b a b a b a b",
        "✕ payment   1234  x",
    ]


def test_a_table_with_more_columns_than_fit_is_told_row_by_row() -> None:
    head = tuple(f"Column {place}" for place in range(12))
    lines = table(Table("c", head, (row("payment", *(f"{place}" for place in range(11))),)), 78, [""])
    assert lines[0] == "- payment"
    assert lines[1:3] == ["    Column 1: 0", "    Column 2: 1"]
    assert len(lines) == 12


def test_a_word_too_long_for_its_cell_is_broken() -> None:
    lines = table(Table("c", ("Name", "Id"), (row("x" * 200, "東" * 100),)), 78, [""])
    assert max(map(wide, lines)) <= 78
    assert "".join(lines).count("x") == 200
    assert "".join(lines).count("東") == 100


def test_a_sparkline_shows_heights_and_gaps() -> None:
    assert sparkline((0.0, 50.0, 100.0, None)) == "▁▅█·"
    assert sparkline((-100.0, 0.0, 100.0)) == "▁▅█"
    assert sparkline((None, None)) == "··"
    assert sparkline(()) == ""
    assert len(sparkline((1.0,) * 400)) <= 60


def test_a_table_that_is_cut_says_how_much_is_left_out() -> None:
    rows = tuple(row(f"upd-{place}", "1") for place in range(30))
    found = tidied(report(section("Failed", Table("Failed", ("Id", "Age"), rows))), 10).sections[0].blocks
    assert isinstance(found[0], Table)
    assert len(found[0].rows) == 10
    assert found[1] == Point("And 20 more, on the page.")


def test_every_picture_has_its_words_and_its_size(pages: Pages) -> None:
    outline = Outline(pages.alone(big(Kind.DAILY)))
    pictures = outline.all("img")
    assert len(pictures) == 4
    for one in pictures:
        assert (one["src"] or "").startswith("data:image/png;base64,iVBOR")
        assert "answered within 400 ms at the worst" in (one["alt"] or "")
        assert (one["width"], one["height"]) == ("556", "96")


def test_a_page_alone_asks_for_nothing_from_elsewhere(pages: Pages) -> None:
    page = pages.alone(big(Kind.WEEKLY))
    assert not re.search(r"(src|href)=\"(?!data:)|@import|url\(|<script", page)


def test_pictures_for_which_there_is_no_room_are_told_in_words(pages: Pages) -> None:
    first, second = chart("payment", 24, "a", "b"), chart("expedia", 200, "a", "b")
    one = report(section("Times", first, second))
    html, pictures = pages.illustrated(one, 1500, domain="hotel.example")
    assert len(pictures) == 1
    assert [image["src"] for image in Outline(html).all("img")] == ["cid:chart-1@hotel.example"]
    assert f">{second.said}</p>" in html


def test_the_same_chart_twice_is_one_picture(pages: Pages) -> None:
    one = chart("payment", 24, "a", "b")
    html, pictures = pages.illustrated(report(section("Times", one, one)), 9000, domain="h.example")
    assert len(pictures) == 1
    assert html.count("cid:chart-1@h.example") == 2


def test_nothing_hostile_gets_into_a_report(pages: Pages) -> None:
    page, text = pages.alone(hostile()), plain_text(hostile())
    outline = Outline(page)
    assert not outline.all("script")
    assert all("onerror" not in attributes for _, attributes in outline.found)
    for said in (page, text):
        assert not set(said) & {"\x1b", "\x07", "\x00", "\u202e", "\ud800"}
    assert "777*7" in text


def test_a_point_leads_to_its_incident_where_there_is_a_page(pages: Pages) -> None:
    one = report(section("What broke", Point("payment is down", Tone.BAD, (), "inc-7f3a9c")))
    html, _ = pages.illustrated(one, 0, domain="h.example", public_url=f"{URL}/")
    assert [link["href"] for link in Outline(html).all("a")] == [f"{URL}/incidents/inc-7f3a9c"]
    assert "(incident inc-7f3a9c)" in pages.alone(one)


def test_long_words_may_be_broken_and_keep_their_letters() -> None:
    for text in ("channel_manager", "x" * 50, "1.5 ms -5 06:00", "a <b> & c", ""):
        assert breaking(text).replace("<wbr>", "").unescape() == text
    assert breaking("channel_manager") == "channel_<wbr>manager"
    assert "<wbr>" not in breaking("never behind, 1.5 ms at 06:00")
