"""The models of the configuration -> `docs/configuration.md`: every key there is."""

from collections.abc import Iterator

from pydantic import BaseModel

from alerts.channel_options import CHANNELS
from checks.integrations import KINDS
from daemon.reload import NEEDS_RESTART
from daemon.settings.models import HotelFile, House, IntegrationOptions, ManyFile, SingleFile
from tests.pages.markdown import code, table
from tests.pages.options import COLUMNS, Key, keys_of, section_of

SECTIONS = tuple(dict.fromkeys((*HotelFile.model_fields, *ManyFile.model_fields)))
"""Keys at the top, those of a hotel first."""


def every() -> list[Key]:
    """Return every key but those of checks, which stand on a page of their own."""
    return [key for section in SECTIONS for key in _within(section)]


def tables() -> str:
    """Return a table for each key at the top that holds others, and one for those that do not."""
    single = [key for section in SECTIONS for key in _within(section) if "." not in key.path]
    top = table((*COLUMNS, "file"), ((*_row(key, ""), _place(key)) for key in single))
    parts = [f"## Keys at the top\n\n{top}"]
    for section in SECTIONS:
        some = [key for key in _within(section) if "." in key.path]
        if some:
            parts.append(f"## {section}\n\n{_intro(section)}\n\n{_tables(section, some)}")
    return "\n\n".join(parts)


def _tables(section: str, keys: list[Key]) -> str:
    if section != "channels":
        named = "NAME." if section == "integrations" else ""
        return table(COLUMNS, (_row(key, f"{section}.{named}") for key in keys))
    groups = ((name, keys_of(options)) for name, options in CHANNELS.items())
    return "\n\n".join(
        f"### type: {name}\n\n{table(COLUMNS, (key.row() for key in some))}" for name, some in groups
    )


def _row(key: Key, within: str) -> tuple[str, ...]:
    restart = " A change takes a restart." if key.path in NEEDS_RESTART else ""
    path, kind, default, meaning = key.row(within)
    either = key.path in {"hotel", "hotels_dir"}
    return path, kind, "**required**, one of the two" if either else default, meaning + restart


def _within(section: str) -> Iterator[Key]:
    """Yield a section's keys, by their whole paths."""
    yield from keys_of(_holder(section), apart=frozenset(SECTIONS) - {section})
    if section == "integrations":
        yield from keys_of(IntegrationOptions, "integrations.NAME.", apart=frozenset({"thresholds"}))
        yield Key("integrations.NAME.thresholds", "section", "", "its own limits: as in `thresholds`", False)
        yield Key("integrations.NAME.checks", "section", "", "see [checks](checks.md)", False)
    if section == "channels":
        for options in CHANNELS.values():
            yield from keys_of(options, "channels.NAME.")


def _holder(section: str) -> type[BaseModel]:
    return next(one for one in (SingleFile, ManyFile) if section in one.model_fields)


def _place(key: Key) -> str:
    """Return in which files a key may stand, where there is one for each hotel."""
    of_hotel, of_house = key.path in HotelFile.model_fields, key.path in House.model_fields
    if key.path == "hotels_dir" or (of_house and not of_hotel):
        return "main"
    return "both" if of_house else "hotel's"


def _intro(section: str) -> str:
    if section == "integrations":
        return (
            "One section for each external system, by its name. A name that is a kind itself "
            f"({_kinds()}) needs no `kind`. `pms` and `network`, which are always there, hold only `checks`."
        )
    if section == "channels":
        return "One section for each, by its name. What may stand there depends on its `type`."
    found = section_of(_holder(section), section)
    return (found.__doc__ or "").partition("\n")[0] if found is not None else ""


def _kinds() -> str:
    return ", ".join(map(code, KINDS))
