"""A command by fork ends as one in an interpreter of its own does."""

import sys

import pytest

from tests.support.nursery import ended


@pytest.mark.parametrize(("given", "code"), [(None, 0), (0, 0), (3, 3), (True, 1)])
def test_what_a_command_returns_is_its_exit_code(given: object, code: int) -> None:
    assert ended(lambda: given) == code


@pytest.mark.parametrize(("leaves", "code"), [(None, 0), (2, 2)])
def test_so_is_what_it_leaves_with(leaves: object, code: int) -> None:
    assert ended(lambda: sys.exit(leaves)) == code  # type: ignore[arg-type]  # whatever it is


def test_a_text_to_leave_with_is_said_and_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(lambda: sys.exit("no such hotel")) == 1
    assert capsys.readouterr().err == "no such hotel\n"


def test_what_nobody_catches_is_told_with_its_trace(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(lambda: 1 // 0) == 1
    said = capsys.readouterr().err
    assert said.startswith("Traceback (most recent call last)")
    assert "ZeroDivisionError" in said
