"""The pages lead where they say, and the examples on them are what the program understands."""

import contextlib
import io
import re
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml

from daemon.cli.grammar import parser
from daemon.settings import ConfigError, load
from daemon.settings.models import ManyFile, SingleFile
from tests.support.handbook import PAGES, ROOT, Block, anchors, blocks, links, typed, words_of

OURS = {*SingleFile.model_fields, *ManyFile.model_fields}
THEIRS = {"alerting", "apiVersion", "receivers", "route", "rule_files", "scrape_configs", "services"}
"""What the examples of other programs' configurations begin with: Prometheus, Alertmanager, containers."""

WHOLE = """\
hotel: {id: grand-harbour, name: Grand Harbour Hotel, timezone: Europe/Lisbon}
integrations:
  payment: {url: "https://api.your-gateway.com", api_key: k3y-of-ours}
  email: {smtp: {host: smtp.your-hotel.com}}
mail:
  from: "Night Porter <nightporter@your-hotel.com>"
  relays: [{host: relay.your-provider.com}]
escalation:
  levels: [{level: 1, role: Integration Support Team, email: [support@your-hotel.com]}]
"""
"""What the fragments on the pages are a part of."""

HOTEL = """\
hotel: {id: harbour-view, name: Harbour View, timezone: Europe/Lisbon}
integrations: {payment: {url: "https://api.your-gateway.com"}}
"""
SCHEMA = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="a"/></xs:schema>'
VALUES = {"APPRISE_URL": "json://sms.your-provider.com", "PMS_DSN": "postgresql://nightporter@pms-db/pms"}

YAML = blocks("yaml")
SHELL = blocks("sh", "console")


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    dead = []
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        there = target.exists() and target.is_relative_to(ROOT)
        if not there or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            dead.append(link)
    assert dead == []


def merged(base: Any, part: Any) -> Any:
    if isinstance(base, dict) and isinstance(part, dict):
        return {key: merged(base.get(key), part.get(key, base.get(key))) for key in {**base, **part}}
    return part


def whole(block: Block) -> str:
    """Return a fragment in the place where it belongs; what is whole stays to the letter."""
    part = yaml.safe_load(block.text)
    if "hotel" in part:
        return block.text
    base = yaml.safe_load(WHOLE)
    if "hotels_dir" in part:
        base = {key: value for key, value in base.items() if key not in {"hotel", "integrations"}}
    return yaml.safe_dump(merged(base, part))


@pytest.fixture(scope="module")
def etc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with the files that the pages speak of as those in /etc/nightporter."""
    directory = tmp_path_factory.mktemp("etc")
    (directory / "hotels.d").mkdir()
    (directory / "credentials").mkdir()
    (directory / "hotels.d" / "harbour-view.yml").write_text(HOTEL)
    authority = trustme.CA().cert_pem.bytes().decode()
    for block in YAML:
        for name in re.findall(
            r"(?:/etc/nightporter/|\b(?=credentials/))((?:credentials/)?[\w.-]+)", block.text
        ):
            text = {".pem": authority, ".xsd": SCHEMA}.get(Path(name).suffix, "s3cret-of-ours\n")
            (directory / name).write_text(text)
    return directory


@pytest.mark.parametrize("block", YAML, ids=str)
def test_every_configuration_on_the_pages_is_one(block: Block, etc: Path) -> None:
    keys = set(yaml.safe_load(block.text))
    if keys & THEIRS:
        assert not keys & OURS
        return
    text = whole(block).replace("/etc/nightporter/", f"{etc}/")
    file = etc / "nightporter.yml"
    file.write_text(text)
    variables = {name: VALUES.get(name, "s3cret-of-ours") for name in re.findall(r"\$\{(\w+)\}", text)}
    try:
        settings = load(file, variables)
    except ConfigError as error:
        pytest.fail(f"{block}: {error}")
    assert settings.hotels


def test_the_pages_have_configurations_of_everything() -> None:
    """A key that no page shows is one that nobody finds."""
    shown = {key for block in YAML for key in yaml.safe_load(block.text)} - THEIRS
    assert shown == OURS - {"dns", "log", "thresholds"}
    example = yaml.safe_load((ROOT / "deploy" / "nightporter.example.yml").read_text())
    assert OURS - shown <= set(example)


CALLS = [
    (f"{block}: {line.strip()}", words)
    for block in SHELL
    for line in typed(block)
    if (words := words_of(line, "nightporter")) is not None
]


@pytest.mark.parametrize("words", [words for _, words in CALLS], ids=[name for name, _ in CALLS])
def test_every_command_on_the_pages_can_be_typed(words: list[str]) -> None:
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        try:
            found = parser().parse_args(words)
        except SystemExit:
            pytest.fail(said.getvalue())
    assert found.command


def test_a_command_is_found_where_a_shell_would_run_it() -> None:
    assert len(CALLS) > 25
    assert words_of("NAME=x /usr/bin/nightporter run  # duty", "nightporter") == ["run"]
    assert words_of("echo 'a b' | nightporter bounce 'c d' > e", "nightporter") == ["bounce", "c d"]
    assert words_of("systemctl restart nightporter", "nightporter") is None
