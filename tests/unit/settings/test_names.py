"""The names of checks: what a letter may say was looked at."""

from pathlib import Path

from checks.result import CheckId
from daemon.names import names_of
from daemon.settings import load

HOTEL = """\
hotel: {id: grand-harbour, name: Grand Harbour Hotel, timezone: Europe/Lisbon}
integrations:
  expedia:
    kind: ota
    url: https://ota-api.acme.test
    messages: {directory: /var/spool/pms/ota}
    checks:
      feed: {type: xml, url: "https://ota-api.acme.test/feed.xml"}
"""


def test_what_is_read_from_a_directory_is_told_from_what_is_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "nightporter.yml"
    file.write_text(HOTEL)
    names = names_of(load(file, {}))
    assert names[CheckId("grand-harbour", "expedia", "messages")]["path"] == "/var/spool/pms/ota"
    assert "path" not in names[CheckId("grand-harbour", "expedia", "feed")]
