"""What pm2 says: a list of processes, whatever stands around it, and nothing else of it."""

import json
import time
from typing import Any

import pytest

from checks.pm2 import MOST_PROCESSES, Process, read
from checks.pm2_command import Unanswered
from checks.result import Reason
from tests.support.pm2_stand_in import BANNER


def told(**changed: Any) -> dict[str, Any]:
    """Return a process as pm2 7 tells of it, shortened."""
    state = {
        "status": "online",
        "restart_time": 4,
        "pm_uptime": 1_790_000_000_123,
        "env": {"DB_PASSWORD": "hunter2"},
        "DB_PASSWORD": "hunter2",
        "exec_mode": "fork_mode",
    }
    entry = {"pid": 4711, "name": "sync", "pm_id": 0, "monit": {"memory": 52_428_800, "cpu": 1.5}}
    return {**entry, "pm2_env": {**state, **changed.pop("state", {})}, **changed}


def said(*entries: object) -> bytes:
    return json.dumps(entries).encode()


def test_only_the_few_fields_are_taken() -> None:
    (one,) = read(said(told()))
    assert one == Process("sync", 4711, "online", 4, 1_790_000_000.123, 52_428_800, 1.5)
    assert "hunter2" not in repr(one)


@pytest.mark.parametrize(
    "around",
    [
        (b"", b""),
        (BANNER.encode(), b""),
        (b"[PM2][WARN] Current process list is not synchronized\n", b"\n"),
        (b"\x1b[31m[PM2] \xff\xfe\x00\n[]x\n[1, 2]\n", b"\n>>> done"),
        (b"[" * 2000 + b"\n", b""),
        (b"[]\n", b""),
        (b"[]\n[{}]\n", b"\n>>> done\n[]\n"),
        (b"[PM2] one line\n" * 500, b""),
        (b'[{"a": \n' * 5, b""),
        (b"banner\r\n  ", b"\r\n"),
        (b"\xef\xbb\xbf", b""),
        (b"progress\r\t", b""),
    ],
)
def test_what_stands_around_the_list_is_overlooked(around: tuple[bytes, bytes]) -> None:
    before, after = around
    if b"[]x" in before:
        before = before.replace(b"[]x", b"{}")
    assert [one.name for one in read(before + said(told()) + after)] == ["sync"]


def test_no_process_at_all_is_an_answer() -> None:
    assert read(b"[]") == read(BANNER.encode() + b"[]\n") == ()


@pytest.mark.parametrize(
    "nonsense",
    [
        b"",
        b"\x00\xff",
        b"{}",
        b"null",
        b"[1]",
        b'["sync"]',
        b"  [PM2] nothing\n",
        said(told())[:-3],
        b"x" * 70_000 + b"\n[]",
        b"[" * 100_000,
        b'[{"pid": ' + b"9" * 10_000 + b"}]",
    ],
)
def test_what_is_no_list_of_processes_is_query(nonsense: bytes) -> None:
    with pytest.raises(Unanswered) as caught:
        read(nonsense)
    assert caught.value.reason is Reason.QUERY
    assert "no list of processes" in str(caught.value)


@pytest.mark.parametrize(
    "odd",
    [
        {"pid": "4711", "monit": None, "pm2_env": None},
        {"pid": True, "monit": [], "pm2_env": "online"},
        {"pid": -1, "monit": {"memory": "1", "cpu": None}, "pm2_env": {"status": 1, "restart_time": -1}},
        {"pid": 1e300, "monit": {"memory": 1e300}, "pm2_env": {"pm_uptime": "2026", "restart_time": []}},
    ],
)
def test_odd_fields_count_as_nothing(odd: dict[str, Any]) -> None:
    assert read(said(told(**odd))) == (Process("sync", 0, "unknown", 0, None, 0, 0.0),)


def test_numbers_that_are_none_count_as_nothing() -> None:
    text = b'[{"name": "sync", "pid": NaN, "monit": {"memory": Infinity, "cpu": -Infinity}}]'
    assert read(text) == (Process("sync", 0, "unknown", 0, None, 0, 0.0),)


def test_entries_without_a_name_are_left_out() -> None:
    assert [one.name for one in read(said({}, {"name": None}, told(name="a"), {"name": 7}))] == ["a"]


def test_a_long_name_and_a_long_list_are_cut() -> None:
    found = read(said(*[told(name="n" * 10_000)] * (MOST_PROCESSES + 5)))
    assert (len(found), len(found[0].name)) == (MOST_PROCESSES, 200)


@pytest.mark.parametrize(
    "answer",
    [
        b'[{"a": "\n' * 1_000_000,
        b"[\n" * 100 + b"1," * 3_900_000,
        b'[{"a":\n' * 9 + b"[" + b"1," * 3_900_000,
        b"[\n" * 3_900_000,
        b"[" + b"\n" * 7_800_000,
        b'[{"a": [' + b"1," * 3_000_000 + b"[" * 100_000,
    ],
    ids=["strings", "lists", "deep lists", "openings", "blanks", "a late depth"],
)
def test_a_hostile_answer_costs_little(answer: bytes) -> None:
    began = time.process_time()
    with pytest.raises(Unanswered):
        read(answer)
    assert time.process_time() - began < 1
