"""A hotel's tasks are the owner's, those of the house, and its own."""

from pathlib import Path

import pytest

from alerts.maintenance import OWNERS, Task
from alerts.recurrence import Rhythm
from daemon.settings import ConfigError, Settings, load

HOUSE = """
hotels_dir: hotels
maintenance:
  tasks:
    fire-panel: {title: Test the fire panel, every: monthly, what: ask first}
    pool: {title: Look at the pool, every: weekly}
    review-logs: {enabled: false}
"""
HOTEL = "hotel: {id: h, name: H, timezone: UTC}\n"


def read(directory: Path, hotel: str) -> Settings:
    (directory / "hotels").mkdir()
    (directory / "house.yml").write_text(HOUSE)
    (directory / "hotels" / "h.yml").write_text(HOTEL + hotel)
    return load(directory / "house.yml", {})


def test_without_a_section_there_are_the_owners_tasks(tmp_path: Path) -> None:
    (tmp_path / "one.yml").write_text(HOTEL)
    (hotel,) = load(tmp_path / "one.yml", {}).hotels
    assert hotel.tasks == OWNERS
    assert [sum(task.every is rhythm for task in OWNERS) for rhythm in Rhythm] == [4, 4, 4, 0, 0]
    assert len({task.id for task in OWNERS}) == 12


def test_a_hotel_has_what_the_house_asks_and_its_own(tmp_path: Path) -> None:
    own = "fire-panel: {every: yearly}, pool: {enabled: false}, review-logs: {enabled: true}"
    said = f"maintenance: {{tasks: {{{own}, lift: {{title: Ride the lift, every: daily}}}}}}\n"
    (hotel,) = read(tmp_path, said).hotels
    assert hotel.tasks == (
        *OWNERS,
        Task("fire-panel", Rhythm.YEARLY, "Test the fire panel", "ask first", own=True),
        Task("lift", Rhythm.DAILY, "Ride the lift", own=True),
    )


def test_a_mistake_is_named_in_the_file_it_stands_in(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, "maintenance: {tasks: {lift: {title: Ride the lift}}}\n")
    assert [str(one) for one in caught.value.problems] == [
        f"{tmp_path}/hotels/h.yml:2: maintenance.tasks.lift: needs `every`, too"
    ]
