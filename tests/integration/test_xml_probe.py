"""XML messages in files, in folders, and over HTTP."""

import asyncio
import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from checks import xml
from checks.memory import Memories
from checks.result import RESPONSE_TIME, Reason, Result, State
from checks.xml_document import LIMIT
from tests.support.probing import a_check, look
from tests.support.servers import http, server
from tests.unit.test_xml_document import DATED

GOOD = "<rates xmlns='urn:rates'><day>2026-11-25</day></rates>"
WRONG = "<rates xmlns='urn:rates'>\n<day>tomorrow</day></rates>"
BROKEN = "<rates>\n\n<day></rates>"
HOUR = 3600.0


def put(folder: Path, name: str, text: str | bytes, age: float = 60.0) -> Path:
    """Write a message of an age."""
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    os.utime(path, (time.time() - age,) * 2)
    return path


@pytest.fixture
def schema(tmp_path: Path) -> Path:
    folder = tmp_path / "xsd"
    folder.mkdir()
    return put(folder, "rates.xsd", DATED)


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    folder = tmp_path / "spool"
    folder.mkdir()
    return folder


async def see(path: Path, memories: Memories | None = None, **options: Any) -> Result:
    return await look("xml", path=path, memories=memories, **options)


async def test_valid_messages_are_ok(spool: Path, schema: Path) -> None:
    put(spool, "1.xml", GOOD)
    put(spool, "2.XML", b"\xef\xbb\xbf" + GOOD.encode())
    put(spool, "notes.txt", "no message")
    put(spool, ".3.xml", BROKEN)
    result = await see(spool, schema=schema)
    assert (result.state, result.message) == (State.OK, "2 messages are valid")
    assert result.measurements == {"invalid": 0.0, "files": 2.0}


async def test_an_empty_folder_is_ok(spool: Path) -> None:
    result = await see(spool)
    assert (result.state, result.message) == (State.OK, "there are no messages")
    assert result.measurements["invalid"] == 0.0


@pytest.mark.parametrize("whole", [True, False])
async def test_an_invalid_message_is_named_with_its_line_at_once(
    spool: Path, schema: Path, whole: bool
) -> None:
    path = put(spool, "rates-7.xml", BROKEN)
    result = await see(spool if whole else path)
    assert (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.CONTENT, True)
    assert result.message.startswith("rates-7.xml is not well-formed XML: line 3: ")
    put(spool, "rates-7.xml", WRONG)
    result = await see(spool if whole else path, schema=schema)
    assert (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.CONTENT, True)
    assert result.message.startswith("rates-7.xml does not keep to rates.xsd: line 2: Element 'day'")
    assert result.measurements["invalid"] == 1.0


async def test_several_invalid_messages_are_counted_and_the_newest_named(spool: Path) -> None:
    put(spool, "1.xml", BROKEN, age=90)
    put(spool, "2.xml", BROKEN, age=30)
    put(spool, "3.xml", GOOD, age=10)
    result = await see(spool)
    assert result.measurements["invalid"] == 2.0
    assert result.message.startswith("2 of 3 messages fail, the newest of them 2.xml is not well-formed")


async def test_only_files_changed_since_the_last_look_are_read(spool: Path) -> None:
    memories = Memories()
    put(spool, "1.xml", BROKEN)
    assert (await see(spool, memories)).reason is Reason.CONTENT
    put(spool, "2.xml", GOOD, age=5)
    result = await see(spool, memories)
    assert (result.state, result.message) == (State.OK, "1 message is valid")


async def test_a_verdict_stands_while_nothing_changes(spool: Path) -> None:
    memories = Memories()
    put(spool, "1.xml", BROKEN)
    put(spool, "2.xml", GOOD, age=5)
    for _ in range(3):
        assert (await see(spool, memories)).measurements["invalid"] == 1.0
    (spool / "1.xml").unlink()
    assert (await see(spool, memories)).state is State.OK


async def test_a_file_moved_in_late_is_read_though_it_was_written_early(spool: Path, tmp_path: Path) -> None:
    memories = Memories()
    late = put(tmp_path, "late.xml", BROKEN, age=HOUR)
    put(spool, "1.xml", GOOD)
    assert (await see(spool, memories)).state is State.OK
    late.rename(spool / "late.xml")
    assert (await see(spool, memories)).reason is Reason.CONTENT


async def test_a_file_dated_next_year_does_not_hide_what_comes_after_it(spool: Path) -> None:
    memories = Memories()
    put(spool, "future.xml", GOOD, age=-365 * 24 * HOUR)
    assert (await see(spool, memories)).state is State.OK
    put(spool, "1.xml", BROKEN, age=0)
    assert (await see(spool, memories)).reason is Reason.CONTENT


async def test_the_first_look_reads_what_is_recent_and_always_the_newest(spool: Path) -> None:
    put(spool, "1.xml", BROKEN, age=HOUR)
    put(spool, "2.xml", GOOD)
    result = await see(spool, later=timedelta(hours=1))
    assert (result.state, result.measurements["files"]) == (State.OK, 1.0)
    (spool / "2.xml").unlink()
    assert (await see(spool, later=timedelta(hours=1))).reason is Reason.CONTENT


async def test_what_is_remembered_stays_small_and_may_be_anything(spool: Path) -> None:
    memories = Memories()
    memory = memories.of(a_check("xml", path=spool).id)
    for number in range(120):
        put(spool, f"{number:03}.xml", GOOD, age=200 - number)
    for odd in ({}, {"batch": "x", "mark": []}, {"batch": [1], "mark": 10**30}):
        memory.keep(odd)
        result = await see(spool, memories)
        assert result.state is State.OK
    memory.keep({})
    result = await see(spool, memories)
    assert result.message == "50 messages are valid, 70 more have changed"
    assert len(str(memory.value)) < 2000


async def test_a_file_being_written_is_read_again_before_it_is_blamed(spool: Path) -> None:
    path = put(spool, "1.xml", "<rates", age=0)
    asyncio.get_running_loop().call_later(xml.QUIET / 3, path.write_text, GOOD)
    assert (await see(path)).state is State.OK


@pytest.mark.parametrize(("later", "decisive"), [("<rates><day", False), (None, True)])
def test_a_file_that_still_grows_decides_nothing_yet(spool: Path, later: str | None, decisive: bool) -> None:
    path = put(spool, "1.xml", "<rates", age=0)
    options = xml.Options(path=path)
    first = xml._fault(options, path, time.time())
    assert first is not None
    assert first.young
    if later is not None:
        put(spool, "1.xml", later, age=-1)
    result = xml._judged(xml._again(options, xml.Look((first,), 1)))
    assert (result.reason, result.decisive) == (Reason.CONTENT, decisive)


async def test_what_is_gone_is_missing(spool: Path) -> None:
    for gone in (spool / "gone", put(spool, "1.txt", GOOD) / "below"):
        result = await see(gone)
        assert (result.state, result.reason) == (State.CRITICAL, Reason.MISSING)
        assert result.message == f"there is no file or folder {gone}"
    (spool / "dangling.xml").symlink_to(spool / "nowhere")
    assert (await see(spool)).message == "there are no messages"


async def test_what_cannot_be_read_is_unknown(spool: Path) -> None:
    (spool / "loop.xml").symlink_to(spool / "loop.xml")
    result = await see(spool / "loop.xml")
    assert (result.state, result.reason) == (State.UNKNOWN, Reason.PERMISSION)


async def test_a_pipe_is_not_waited_for(spool: Path) -> None:
    os.mkfifo(spool / "pipe.xml")
    assert (await see(spool)).message == "there are no messages"
    assert (await see(spool / "pipe.xml")).reason is Reason.CONTENT


async def test_a_large_file_is_a_warning_and_invalid_ones_outrank_it(spool: Path) -> None:
    put(spool, "1.xml", b"<a>" + b"x" * LIMIT + b"</a>", age=10)
    result = await see(spool)
    assert (result.state, result.reason) == (State.WARNING, Reason.TOO_LARGE)
    assert result.measurements["invalid"] == 0.0
    put(spool, "2.xml", BROKEN)
    assert (await see(spool)).reason is Reason.CONTENT


async def test_hostile_names_are_shown_clipped_and_clean(spool: Path) -> None:
    put(spool, "a\n\x1b[31m" + "b" * 200 + "\udcff.xml", BROKEN)
    result = await see(spool)
    assert result.reason is Reason.CONTENT
    assert result.message.isprintable()
    assert "line 3" in result.message


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "needs either `path` or `url`"),
        ({"path": "x", "url": "https://a.example"}, "needs either `path` or `url`"),
        ({"url": "https://a.example/OTA_ReadRQ"}, "asks for reservations"),
        ({"path": "x", "schema": __file__}, "is not an XML schema"),
        ({"path": "x", "schema": 7}, "must be the path of a file"),
    ],
)
def test_options_that_cannot_work_do_not_load(options: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        xml.Options.model_validate(options)


async def test_a_schema_that_has_gone_makes_the_check_unknown(spool: Path) -> None:
    result = await see(put(spool, "1.xml", GOOD), schema=spool / "gone.xsd")
    assert (result.state, result.reason) == (State.UNKNOWN, Reason.QUERY)


async def answered(body: str | bytes, *fields: str, status: str = "200 OK", **options: Any) -> Result:
    raw = body.encode() if isinstance(body, str) else body
    async with server(http(status, raw, *fields)) as one:
        return await look("xml", url=one.url(), **options)


async def test_a_valid_answer_is_ok(schema: Path) -> None:
    result = await answered(GOOD, schema=schema)
    assert (result.state, result.message) == (State.OK, "answers with a valid message")
    assert result.measurements["invalid"] == 0.0
    assert RESPONSE_TIME in result.measurements


@pytest.mark.parametrize(
    ("body", "says"), [(BROKEN, "well-formed XML: line 3"), (WRONG, "rates.xsd: line 2"), ("", "is empty")]
)
async def test_an_invalid_answer_is_content(body: str, says: str, schema: Path) -> None:
    result = await answered(body, schema=schema)
    assert (result.state, result.reason) == (State.CRITICAL, Reason.CONTENT)
    assert says in result.message
    assert result.measurements["invalid"] == 1.0


async def test_an_answer_that_tells_of_errors_is_a_failure() -> None:
    body = '<OTA_PingRS><Errors><Error Type="6" Code="497"/></Errors></OTA_PingRS>'
    result = await answered(body)
    assert (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.FORBIDDEN, True)


async def test_the_charset_of_the_content_type_counts_unless_a_mark_says_otherwise() -> None:
    latin = "<a>Zürich</a>".encode("latin-1")
    assert (await answered(latin)).reason is Reason.CONTENT
    assert (await answered(latin, "Content-Type: text/xml; charset=iso-8859-1")).state is State.OK
    marked = "<a>Zürich</a>".encode("utf-16")
    assert (await answered(marked, "Content-Type: text/xml; charset=utf-8")).state is State.OK


async def test_status_and_size_are_judged_first() -> None:
    assert (await answered(GOOD, status="503 No")).reason is Reason.SERVER_ERROR
    assert (await answered(b"x" * (LIMIT + 1))).reason is Reason.TOO_LARGE
