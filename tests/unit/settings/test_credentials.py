"""A hotel's credentials are those of the house and its own."""

from datetime import date
from pathlib import Path

import pytest

from alerts.credentials import Credential
from daemon.settings import ConfigError, load

HOUSE = """
hotels_dir: hotels
credentials:
  relay: {title: Mail relay, owner: IT, created: 2026-01-15, rotate_every: 365d}
"""
HOTEL = "hotel: {id: h, name: H, timezone: UTC}\n"


def test_they_are_read_with_everything_that_is_said_of_them(tmp_path: Path) -> None:
    (tmp_path / "one.yml").write_text(
        HOTEL
        + "credentials:\n  google: {title: App password, owner: Ada, expires: 2027-01-15, note: ask IT}\n"
    )
    (hotel,) = load(tmp_path / "one.yml", {}).hotels
    assert hotel.credentials == (
        Credential("google", "App password", "Ada", expires=date(2027, 1, 15), note="ask IT"),
    )


def test_a_hotel_has_those_of_the_house_but_for_what_it_says_itself(tmp_path: Path) -> None:
    (tmp_path / "hotels").mkdir()
    (tmp_path / "house.yml").write_text(HOUSE)
    own = "credentials: {relay: {created: 2026-07-01}, key: {owner: Ada, expires: 2027-01-15}}\n"
    (tmp_path / "hotels" / "h.yml").write_text(HOTEL + own)
    (hotel,) = load(tmp_path / "house.yml", {}).hotels
    assert hotel.credentials == (
        Credential("relay", "Mail relay", "IT", created=date(2026, 7, 1), rotate_every=365),
        Credential("key", "key", "Ada", expires=date(2027, 1, 15)),
    )


def test_a_mistake_of_the_house_is_named_once_and_there(tmp_path: Path) -> None:
    (tmp_path / "hotels").mkdir()
    (tmp_path / "house.yml").write_text("hotels_dir: hotels\ncredentials: {relay: {owner: IT}}\n")
    for name in ("a", "b"):
        (tmp_path / "hotels" / f"{name}.yml").write_text(HOTEL.replace("id: h", f"id: {name}"))
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "house.yml", {})
    (problem,) = caught.value.problems
    assert str(problem).startswith(f"{tmp_path}/house.yml:2: credentials.relay: needs `expires`")


def test_a_day_that_is_still_to_come_is_a_warning_for_the_clock_may_be_wrong(tmp_path: Path) -> None:
    file = tmp_path / "nightporter.yml"
    register = "credentials: {google: {owner: Ada, created: 2098-01-15, rotate_every: 180d}}\n"
    file.write_text(f"hotel: {{id: h, name: H, timezone: UTC}}\n{register}")
    said = {one.path: one.message for one in load(file, {}).warnings}
    assert said["credentials.google.created"] == "2098-01-15 is still to come: it is the day it was made"
