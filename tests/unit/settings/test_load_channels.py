"""What is said of the ways in which people are told."""

from pathlib import Path

from daemon.channels import listeners
from daemon.desks import policy_of
from daemon.settings import load
from daemon.settings.settings import Settings

HOOK = 'type: webhook, url: "https://ops.hotel.test/hook", secret: s3cret'
HEAD = f"""\
hotel: {{id: h, name: H, timezone: UTC}}
channels:
  bridge: {{{HOOK}}}
  pager: {{{HOOK}}}
"""
MAIL = "mail: {from: porter@b.example, relays: [{host: one.b.example}, {host: two.b.example}]}\n"
WEB = 'web: {public_url: "https://porter.hotel.example"}\n'
FIRST = "{level: 1, role: Support, email: [a@b.example]}"
LAST = "{level: 3, role: CTO, email: [c@b.example]"
"""Left open, for what else is said of it."""


def settings_of(directory: Path, text: str) -> Settings:
    """Return the settings that a text says."""
    path = directory / "nightporter.yml"
    path.write_text(text)
    return load(path, {})


def warned(directory: Path, text: str) -> dict[str, str]:
    """Return what is warned of, by path."""
    return {one.path: one.message for one in settings_of(directory, text).warnings}


def test_a_last_level_with_nothing_but_mail_is_warned_of(tmp_path: Path) -> None:
    alone = f"{HEAD}{WEB}{MAIL}escalation: {{levels: [{FIRST}, {LAST}}}]}}\n"
    assert warned(tmp_path, alone) == {
        "escalation.levels[1]": "is told by e-mail only: name one of the `channels`, for when mail fails"
    }
    two_ways = f"{HEAD}{WEB}{MAIL}escalation: {{levels: [{FIRST}, {LAST}, channels: [pager]}}]}}\n"
    assert warned(tmp_path, two_ways) == {}


def test_mails_that_can_have_no_links_are_warned_of(tmp_path: Path) -> None:
    text = f"{HEAD}{MAIL}escalation: {{levels: [{FIRST}]}}\n"
    said = "has no links to pages and to acknowledge: set `web.public_url` to where people open them"
    assert warned(tmp_path, text) == {"mail": said}
    assert warned(tmp_path, f"{WEB}{text}") == {}


def test_without_mail_it_is_said_that_channels_alone_tell_people(tmp_path: Path) -> None:
    assert warned(tmp_path, HEAD) == {"": "people are told over `channels` only: there is no `mail` section"}


def test_a_relay_that_is_watched_is_warned_of_however_its_name_is_written(tmp_path: Path) -> None:
    watched = "integrations: {email: {smtp: {host: ONE.b.example.}}}\n"
    text = f"{HEAD}{MAIL}{watched}escalation: {{levels: [{FIRST}]}}\n"
    assert "our own letters leave through" in warned(tmp_path, text)["integrations.email.smtp"]


def test_what_no_level_of_any_hotel_names_hears_of_everything(tmp_path: Path) -> None:
    hotels = tmp_path / "hotels.d"
    hotels.mkdir()
    for name, channels in (("a", ""), ("b", ", channels: [pager]")):
        text = f"hotel: {{id: {name}, name: {name}, timezone: UTC}}\n"
        levels = f"escalation: {{levels: [{FIRST[:-1]}{channels}}}]}}\n"
        (hotels / f"{name}.yml").write_text(text + levels)
    settings = settings_of(
        tmp_path, HEAD.replace("hotel: {id: h, name: H, timezone: UTC}", "hotels_dir: hotels.d") + MAIL
    )
    assert listeners(settings) == ("bridge",)
    first, second = (policy_of(hotel, settings) for hotel in settings.hotels)
    assert (first.channels, second.channels) == (("bridge",), ("bridge",))
    assert (first.levels[0].channels, second.levels[0].channels) == ((), ("pager",))
