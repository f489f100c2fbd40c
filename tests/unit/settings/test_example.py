"""The example configuration is valid, with what it leaves out, too, and has every key there is."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import trustme
import yaml

from checks.integrations import KINDS
from checks.values import TlsTrust
from daemon.settings import load
from daemon.settings.filling import SECRET_KEYS
from daemon.settings.plan import checks_of
from daemon.settings.settings import Settings
from tests.pages import checks, configuration

DEPLOY = Path(__file__).parents[3] / "deploy"
EXAMPLE = (DEPLOY / "nightporter.example.yml").read_text()
LEFT_OUT = re.compile(r"^( *)#(?=\S)", re.MULTILINE)
NAMED = {"integrations": "NAME", "channels": "NAME", "checks": "NAME", "tasks": "ID", "credentials": "ID"}
"""Sections whose keys are names of one's own."""

FREE = {"headers", "json", "match"}
"""Sections whose keys are no keys of the configuration."""

ELSEWHERE = {"hotels_dir", "escalation.levels[].hours.when"}
"""What takes the place of other keys, and a key that is written as one word in place of its section."""

SCHEMA = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="a"/></xs:schema>'
VALUES = {"APPRISE_URL": "json://sms.your-provider.com", "PMS_DSN": "postgresql://nightporter@pms-db/pms"}


def with_all() -> str:
    """Return the example with every line that it leaves out."""
    return LEFT_OUT.sub(r"\1", EXAMPLE)


def loaded(directory: Path, text: str) -> Settings:
    authority = trustme.CA().cert_pem.bytes().decode()
    for name, content in {"token": "a" * 40, "ca.pem": authority, "xsd/messages.xsd": SCHEMA}.items():
        (directory / name).parent.mkdir(exist_ok=True)
        (directory / name).write_text(content)
    file = directory / "nightporter.yml"
    file.write_text(text.replace("/etc/nightporter/", f"{directory}/"))
    return load(file, {name: VALUES.get(name, "s3cret-of-ours") for name in re.findall(r"\$\{(\w+)\}", text)})


def paths(value: Any, path: str = "") -> Iterator[str]:
    """Yield the paths of all keys as the pages write them, but for those that people choose."""
    section = path.rpartition(".")[2]
    if isinstance(value, Mapping) and section not in FREE:
        for key, one in value.items():
            plain = str(key).removesuffix("_file")
            here = NAMED.get(section) or (plain if plain in SECRET_KEYS else str(key))
            yield from paths(one, f"{path}.{here}".removeprefix("."))
    elif isinstance(value, list) and value and isinstance(value[0], Mapping):
        for one in value:
            yield from paths(one, f"{path}[]")
    if section not in NAMED.values() and not path.endswith("[]"):
        yield path.replace("integrations.NAME.thresholds.", "thresholds.")


def keys(text: str) -> set[str]:
    return set(paths(yaml.safe_load(text))) - {""}


def documented() -> set[str]:
    return {key.path for key in configuration.every()} | set(checks.option_paths())


def test_the_example_is_valid_as_it_is(tmp_path: Path) -> None:
    settings = loaded(tmp_path, EXAMPLE)
    assert settings.warnings == ()
    assert {one.kind for one in settings.hotels[0].integrations.values()} == KINDS.keys()


def test_the_example_is_valid_with_all_that_it_leaves_out(tmp_path: Path) -> None:
    (hotel,) = loaded(tmp_path, with_all()).hotels
    (plain,) = loaded(tmp_path, EXAMPLE).hotels
    assert hotel.integrations["house"].checks.own.keys() > plain.integrations["house"].checks.own.keys()
    assert len(LEFT_OUT.findall(EXAMPLE)) > 30


def test_every_key_stands_in_the_example() -> None:
    shown = keys(with_all())
    trust = {path for path in documented() if path.rpartition(".")[2] in TlsTrust.model_fields}
    assert documented() - shown - trust - ELSEWHERE == set()
    assert {path.rpartition(".")[2] for path in trust & shown} == TlsTrust.model_fields.keys()


def test_every_key_that_is_used_is_on_the_pages() -> None:
    everything = (DEPLOY.parent / "tests" / "config" / "valid-everything.yml").read_text()
    assert (keys(with_all()) | keys(everything)) - documented() == set()


def test_the_example_of_one_hotel_of_several_is_valid(tmp_path: Path) -> None:
    (tmp_path / "hotels.d").mkdir()
    one = (DEPLOY / "hotels.d" / "grand-harbour.yml").read_text()
    (tmp_path / "hotels.d" / "grand-harbour.yml").write_text(one)
    main = yaml.safe_load(EXAMPLE)
    house = {key: value for key, value in main.items() if key not in {"hotel", "pms", "integrations"}}
    variables = "".join(re.findall(r"\$\{\w+\}", one))
    text = yaml.safe_dump({"hotels_dir": "hotels.d", **house, "credentials": {}, "silences": []})
    (hotel,) = loaded(tmp_path, f"{text}\n# {variables}\n").hotels
    assert (hotel.thresholds.response_time_ms, hotel.thresholds.queue_size) == (1500, 1000)
    assert [level.role for level in hotel.escalation.levels] == ["Reception and IT"]
    assert hotel.escalation.remind_every == 4 * 3600


def test_checks_of_the_example_are_of_every_built_in() -> None:
    """What the kinds consist of is all there: nothing that could be watched is left out by mistake."""
    settings = load(DEPLOY / "nightporter.example.yml", _Anything())
    watched = {(str(check.kind), check.id.check) for check in checks_of(settings)}
    missing = {
        (kind, one.name)
        for kind, listed in KINDS.items()
        for one in listed
        if (kind, one.name) not in watched and one.name not in {"vendor_status", "blocklist"}
    }
    assert missing == set()


class _Anything(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "s3cret-of-ours"

    def get(self, name: str, default: object = None) -> Any:
        return self[name]
