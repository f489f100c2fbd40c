"""Folders of XML messages: what is due in them, look after look."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from checks import xml, xml_folder
from checks.memory import Memories
from checks.result import CheckId, Reason, State
from tests.integration.test_xml_probe import BROKEN, GOOD, HOUR, put, see
from tests.support.probing import a_check

THIS = CheckId("h", "i", "c")


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    folder = tmp_path / "spool"
    folder.mkdir()
    return folder


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
        put(spool, f"{number:03}.xml", BROKEN if number % 2 else GOOD, age=200 - number)
    for odd in ({}, {"near": "x", "mark": []}, {"wrong": [1], "mark": 10**30, "after": 7}, {"mark": -1}):
        memory.keep(odd)
        result = await see(spool, memories)
        assert result.reason is Reason.CONTENT
        assert len(str(memory.value)) < 2500
    memory.keep({})
    result = await see(spool, memories)
    assert result.message.startswith("60 of 120 messages fail, the newest of them 119.xml is not well-formed")


async def test_no_message_is_passed_over_however_many_come_at_once(spool: Path) -> None:
    memories = Memories()
    put(spool, "0.xml", GOOD)
    await see(spool, memories)
    put(spool, "bad.xml", BROKEN, age=50)
    for number in range(150):
        put(spool, f"b{number}.xml", GOOD, age=40)
    result = await see(spool, memories)
    assert (result.reason, result.decisive) == (Reason.CONTENT, True)
    assert result.measurements == {"invalid": 1.0, "files": 151.0}


async def test_what_there_is_no_time_for_is_read_next_time_the_oldest_first(spool: Path) -> None:
    memories = Memories()
    for number in range(5):
        put(spool, f"{number}.xml", BROKEN if number == 1 else GOOD, age=40 - number)
    memory, seen, left = memories.of(THIS), [], [6]
    while left[-1]:
        due = xml_folder.due(spool, memory.value, 0, time.time_ns())
        done = set(due.reading[:3])
        seen += [one for one in due.reading[:3] if one not in seen]
        memory.keep(due.noted(done, [one for one in done if one.path.name == "1.xml"], ()))
        left.append(due.left(done))
        assert left[-1] < left[-2]
    assert seen[0].path.name == "4.xml", "the newest always comes first"
    assert seen[1:] == sorted(seen[1:], key=lambda one: one.place)
    assert len(seen) == 5
    result = await see(spool, memories)
    assert result.measurements["invalid"] == 1.0, "what was wrong stands until something new comes"


async def test_without_time_the_newest_is_read_and_the_others_are_told_of(spool: Path) -> None:
    memories = Memories()
    for number in range(5):
        put(spool, f"{number}.xml", GOOD, age=40 - number)
    options = xml.Options(path=spool)
    due = xml_folder.due(spool, {}, 0, time.time_ns())
    done, _ = xml._read_due(options, due.reading, time.time(), until=0.0)
    memories.of(THIS).keep(due.noted(done, (), ()))
    assert ([one.path.name for one in done], due.left(done)) == (["4.xml"], 4)
    assert (await see(spool, memories)).measurements["files"] == 5.0


def test_files_that_are_left_are_told_beside_what_is_fine() -> None:
    for seen, says in (
        (xml.Look((), 3, 2), "3 messages are valid, 2 more have not been read yet"),
        (
            xml.Look((), 1, 1, 1),
            "1 message is valid, 1 more has not been read yet, 1 symbolic link is not followed",
        ),
        (xml.Look((), 0, 0, 2), "there are no messages, 2 symbolic links are not followed"),
    ):
        assert xml._judged(seen).message == says


async def test_a_large_burst_within_one_tick_is_worked_off(spool: Path) -> None:
    for number in range(200):
        put(spool, f"{number}.xml", GOOD)
    remembered: dict[str, Any] = {}
    seen = set()
    for _ in range(8):
        due = xml_folder.due(spool, remembered, 0, time.time_ns())
        # As if the file system told them apart by no more than its tick.
        done = set(due.reading[:50])
        seen |= done
        remembered = due.noted(done, (), ())
    assert len(seen) == 200
    assert len(str(remembered)) < 1500


async def test_a_clock_set_back_hides_nothing_that_comes_then(spool: Path) -> None:
    memories = Memories()
    ahead = int((time.time() + HOUR) * 1e9)
    memories.of(THIS).keep({"mark": ahead, "after": ""})
    put(spool, "2.xml", GOOD, age=0)
    assert (await see(spool, memories)).state is State.OK
    put(spool, "1.xml", BROKEN)
    assert (await see(spool, memories)).reason is Reason.CONTENT


async def test_a_file_written_just_now_does_not_excuse_an_older_one(spool: Path) -> None:
    put(spool, "new.xml", "<rates", age=0)
    put(spool, "old.xml", BROKEN)
    result = await see(spool)
    assert (result.decisive, result.measurements["invalid"]) == (True, 2.0)
    assert result.message.startswith("old.xml is not well-formed XML: line 3")


async def test_links_in_a_folder_are_not_followed_though_the_path_itself_may_be_one(
    spool: Path, tmp_path: Path
) -> None:
    secret = put(tmp_path, "secret.conf", "<conf><hunter2></conf>")
    (spool / "a.xml").symlink_to(secret)
    (spool / "zero.xml").symlink_to("/dev/zero")
    put(spool, "b.xml", GOOD)
    result = await see(spool)
    assert (result.state, result.message) == (
        State.OK,
        "1 message is valid, 2 symbolic links are not followed",
    )
    with pytest.raises(OSError, match="symbolic"):
        xml_folder.read(spool / "a.xml", follow=False)
    (tmp_path / "here").symlink_to(spool)
    assert (await see(tmp_path / "here")).state is State.OK
    (tmp_path / "this.xml").symlink_to(spool / "b.xml")
    assert (await see(tmp_path / "this.xml")).state is State.OK
