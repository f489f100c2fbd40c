"""The recurring tasks of a hotel: the owner's, and those that its configuration adds."""

from collections.abc import Mapping

from alerts.maintenance import OWNERS, Task
from alerts.maintenance_options import TaskOptions
from alerts.recurrence import Rhythm
from daemon.settings.document import Document
from daemon.settings.plain import suggestion
from daemon.settings.problems import Steps

Tasks = Mapping[str, TaskOptions]

_OWNERS = {task.id: task for task in OWNERS}


def tasks_of(tasks: Tasks) -> tuple[Task, ...]:
    """Return the tasks that are to be done, the owner's first; what is incomplete is left out."""
    unwanted = {name for name, one in tasks.items() if not one.enabled}
    owners = [task for task in OWNERS if task.id not in unwanted]
    added = [
        Task(name, Rhythm(one.every), one.title, one.what, own=True)
        for name, one in tasks.items()
        if name not in _OWNERS and name not in unwanted and one.title is not None and one.every is not None
    ]
    return (*owners, *added)


def over(house: Tasks, hotel: Tasks) -> Tasks:
    """Return the tasks of the house with everything that the hotel says of them, and the hotel's own."""
    given = {
        name: house[name].model_copy(update={key: getattr(one, key) for key in one.model_fields_set})
        if name in house
        else one
        for name, one in hotel.items()
    }
    return {**house, **given}


def judge(written: Tasks, tasks: Tasks, document: Document) -> None:
    """Note what is wrong with the tasks that stand in a document; `tasks` is what comes of them."""
    for name in written:
        here: Steps = ("maintenance", "tasks", name)
        if name in _OWNERS:
            for key in sorted(written[name].model_fields_set - {"enabled"}):
                said = f"{name} is one of the owner's tasks, which can only be switched off: `enabled: false`"
                document.complain((*here, key), said)
        else:
            _judge_own(name, tasks[name], here, document)


def _judge_own(name: str, task: TaskOptions, here: Steps, document: Document) -> None:
    missing = [key for key in ("title", "every") if getattr(task, key) is None]
    if not missing:
        return
    if missing == ["title", "every"]:
        hint = suggestion(name, _OWNERS)
        needs = f"is no task there is: one of your own needs `title` and `every`{hint}"
    else:
        needs = f"needs `{missing[0]}`, too"
    document.complain(here, needs)
