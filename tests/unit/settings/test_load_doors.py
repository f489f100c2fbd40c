"""What `validate` says of a token that protects little."""

from pathlib import Path

import pytest

from daemon.settings import load

HEAD = "hotel: {id: h, name: H, timezone: UTC}\n"
LONG = "4f0c7d1b9a6e2f35c8d1"


def warned(directory: Path, text: str) -> dict[str, str]:
    """Return what is warned of, by path."""
    file = directory / "nightporter.yml"
    file.write_text(HEAD + text)
    return {one.path: one.message for one in load(file, {}).warnings}


@pytest.mark.parametrize(
    ("text", "path", "said"),
    [
        ("listen: 0.0.0.0:9187\n", "listen", "there is no web.token_file"),
        ("web: {token: hotel2026}\n", "web.token", "is shorter than 16 characters and can be guessed"),
        (f"web: {{token: {LONG}, public_url: 'http://10.0.0.5:9187'}}\n", "web.public_url", "is plain http"),
    ],
)
def test_doors_that_hold_little_are_warned_of(tmp_path: Path, text: str, path: str, said: str) -> None:
    assert said in warned(tmp_path, text)[path]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "web: {public_url: 'http://10.0.0.5:9187'}\n",
        f"web: {{token: {LONG}, public_url: 'https://porter.my-hotel.com'}}\nlisten: 0.0.0.0:9187\n",
        f"web: {{token: {LONG}, public_url: 'http://localhost:9187'}}\n",
    ],
)
def test_doors_that_hold_are_not(tmp_path: Path, text: str) -> None:
    assert {path for path in warned(tmp_path, text) if path.startswith(("web", "listen"))} == set()
