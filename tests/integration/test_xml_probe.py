"""XML messages in files, in folders, and over HTTP."""

import asyncio
import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from checks import xml, xml_folder
from checks.memory import Memories
from checks.result import RESPONSE_TIME, Reason, Result, State
from checks.xml_document import LIMIT
from tests.support.probing import look
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


async def test_a_file_being_written_is_read_again_before_it_is_blamed(spool: Path) -> None:
    path = put(spool, "1.xml", "<rates", age=0)
    asyncio.get_running_loop().call_later(xml.QUIET / 3, path.write_text, GOOD)
    assert (await see(path)).state is State.OK


@pytest.mark.parametrize("whole", [True, False])
async def test_what_is_wrong_with_a_file_written_just_now_is_decided_by_the_next_look(
    spool: Path, whole: bool
) -> None:
    memories = Memories()
    path = put(spool, "1.xml", "<rates", age=0)
    where = spool if whole else path
    result = await see(where, memories)
    assert (result.reason, result.decisive) == (Reason.CONTENT, False)
    put(spool, "2.xml", GOOD)
    result = await see(where, memories, later=timedelta(seconds=xml.YOUNG))
    assert (result.reason, result.decisive) == (Reason.CONTENT, True)


async def test_a_file_that_was_whole_after_all_was_nothing(spool: Path) -> None:
    memories = Memories()
    path = put(spool, "1.xml", "<rates", age=0)
    assert not (await see(spool, memories)).decisive
    path.write_text(GOOD)
    assert (await see(spool, memories)).state is State.OK


async def test_what_is_gone_is_missing(spool: Path) -> None:
    for gone in (spool / "gone", put(spool, "1.txt", GOOD) / "below"):
        result = await see(gone)
        assert (result.state, result.reason) == (State.CRITICAL, Reason.MISSING)
        assert result.message == f"there is no file or folder {gone}"
    (spool / "dangling.xml").symlink_to(spool / "nowhere")
    assert (await see(spool)).message == "there are no messages, 1 symbolic link is not followed"


async def test_what_cannot_be_read_is_unknown(spool: Path) -> None:
    (spool / "loop.xml").symlink_to(spool / "loop.xml")
    result = await see(spool / "loop.xml")
    assert (result.state, result.reason) == (State.UNKNOWN, Reason.PERMISSION)


async def test_what_is_no_regular_file_is_not_read(spool: Path) -> None:
    os.mkfifo(spool / "pipe.xml")
    (spool / "folder.xml").mkdir()
    assert (await see(spool)).message == "there are no messages"
    writer = os.open(spool / "pipe.xml", os.O_RDWR)
    try:
        for odd in (spool / "pipe.xml", Path("/dev/zero")):
            result = await see(odd)
            assert (result.state, result.reason) == (State.CRITICAL, Reason.MISSING)
            assert result.message == f"{odd} is neither a file nor a folder"
            with pytest.raises(FileNotFoundError):
                xml_folder.read(odd, follow=True)
    finally:
        os.close(writer)


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
        ({"path": "x", "url": "https://a.example"}, "give either `path` or `url`, not both"),
        ({"url": "https://a.example/OTA_ReadRQ"}, "asks for reservations"),
        ({"path": "x", "schema": __file__}, "is not an XML schema"),
        ({"path": "x", "schema": 7}, "must be the path of a file"),
    ],
)
def test_options_that_cannot_work_do_not_load(options: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        xml.Options.model_validate(options)


async def test_while_a_schema_is_gone_the_check_is_unknown_and_no_message_counts_as_read(
    spool: Path, schema: Path
) -> None:
    memories = Memories()
    put(spool, "1.xml", WRONG)
    put(spool, "2.xml", GOOD, age=10)
    for _ in range(2):
        result = await see(spool, memories, schema=spool / "gone.xsd")
        assert (result.state, result.reason) == (State.UNKNOWN, Reason.QUERY)
    assert (await see(spool, memories, schema=schema)).reason is Reason.CONTENT


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
    for marked in ("<a>Zürich</a>".encode("utf-16"), "\ufeff<a>Zürich</a>".encode("utf-32-be")):
        assert (await answered(marked, "Content-Type: text/xml; charset=utf-8")).state is State.OK


async def test_status_and_size_are_judged_first() -> None:
    assert (await answered(GOOD, status="503 No")).reason is Reason.SERVER_ERROR
    assert (await answered(b"x" * (LIMIT + 1))).reason is Reason.TOO_LARGE
