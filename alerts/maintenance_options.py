"""The `maintenance:` section: tasks of the hotel's own, and the owner's ones that are not wanted."""

from typing import Literal

from checks.values import Flag, Id, Line, Options, Text


class TaskOptions(Options):
    """A recurring task, or one that is switched off."""

    title: Text | None = None
    every: Literal["daily", "weekly", "monthly", "quarterly", "yearly"] | None = None
    what: Line = ""
    enabled: Flag = True


class Maintenance(Options):
    """What people do again and again, beside the owner's tasks."""

    tasks: dict[Id, TaskOptions] = {}  # noqa: RUF012 - pydantic copies it
