"""The `maintenance:` section: tasks of the hotel's own, and the owner's ones that are not wanted."""

from typing import Literal

from pydantic import Field

from checks.values import Flag, Id, Line, Options, Text


class TaskOptions(Options):
    """A recurring task, or one that is switched off."""

    title: Text | None = Field(
        None, description="what is to be done, in a few words; one of your own needs it"
    )
    every: Literal["daily", "weekly", "monthly", "quarterly", "yearly"] | None = Field(
        None, description="how often; one of your own needs it"
    )
    what: Line = Field("", description="how it is done")
    enabled: Flag = Field(True, description="`false` switches one of the owner's tasks off")


class Maintenance(Options):
    """What people do again and again, beside the owner's tasks."""

    tasks: dict[Id, TaskOptions] = Field(
        {}, description="tasks by id: the hotel's own, and the owner's ones that are not wanted"
    )
