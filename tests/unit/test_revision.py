"""Copies of frozen values: the same as the standard library makes, in less time."""

from dataclasses import FrozenInstanceError, fields, replace
from datetime import UTC, datetime

import pytest

from alerts.standing import Standing
from checks import revision
from checks.findings import NO_FINDINGS
from checks.result import CheckId, Reason, Result, State, failed

NOW = datetime(2026, 7, 1, 3, tzinfo=UTC)
STANDING = Standing(CheckId("h", "i", "c"), State.OK, None, "fine", NOW, NOW, ok_runs=3)


@pytest.mark.parametrize("one", [failed(Reason.CONNECT, "refused"), STANDING, NO_FINDINGS])
def test_copy_has_every_field_of_the_original(one: Result | Standing) -> None:
    copy = revision.revised(one)

    assert copy == one
    assert copy is not one
    assert [getattr(copy, field.name) for field in fields(copy)] == [
        getattr(one, field.name) for field in fields(one)
    ]


def test_changes_are_in_the_copy_and_not_in_the_original() -> None:
    copy = revision.revised(STANDING, message="better", ok_runs=4)

    assert copy == replace(STANDING, message="better", ok_runs=4)
    assert (STANDING.message, STANDING.ok_runs) == ("fine", 3)


def test_copy_is_held_against_the_rules_of_its_kind() -> None:
    with pytest.raises(ValueError, match="exactly when it is not ok"):
        revision.revised(failed(Reason.CONNECT, "refused"), state=State.OK)


def test_copy_is_as_frozen_as_the_original() -> None:
    copy = revision.revised(STANDING, ok_runs=4)

    with pytest.raises(FrozenInstanceError):
        copy.ok_runs = 5  # type: ignore[misc]  # that is what is tried


def test_field_that_there_is_not_is_refused() -> None:
    with pytest.raises(TypeError, match="colour"):
        revision.revised(STANDING, colour="red")  # type: ignore[call-arg]  # that is what is tried
