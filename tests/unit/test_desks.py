"""What the letters know of a hotel's integrations."""

from pathlib import Path

from alerts.wording import kind_words
from daemon.desks import desks
from daemon.settings import load


def test_the_hotel_s_own_systems_have_words_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "nightporter.yml"
    path.write_text("hotel: {id: h, name: H, timezone: UTC}\n")
    desk = desks(load(path, {}))["h"]
    assert kind_words(desk.kinds["pms"], "pms").noun == "The hotel system (PMS)"
    assert kind_words(desk.kinds["network"], "network").noun == "The hotel's network connection"
