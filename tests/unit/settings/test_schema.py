"""The JSON Schema says what the loader says."""

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # ships no types

from daemon.settings import schema
from daemon.settings.document import read
from tests.unit.settings.test_load import EVERYTHING, EXAMPLE, HEAD

VALIDATOR = Draft202012Validator(schema())


def accepted(directory: Path, text: str) -> bool:
    path = directory / "c.yml"
    path.write_text(HEAD + text)
    document: dict[str, Any] = read(path).data
    return bool(VALIDATOR.is_valid(document))


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("path", [EXAMPLE, EVERYTHING], ids=["example", "everything"])
def test_it_takes_what_is_in_order(path: Path) -> None:
    VALIDATOR.validate(read(path).data)


CHECK = "integrations: {x: {kind: generic, checks: {a: %s}}}\n"


@pytest.mark.parametrize(
    "text",
    [
        "listen: '${HOST}:${PORT}'\n",
        "dns: {port: '${PORT}'}\n",
        "dead_man: {url_file: /run/secrets/url}\n",
        "state_file: /run/secrets/state\n",
        "integrations: {pms: {checks: {database: {enabled: false}}}}\n",
        "integrations: {booking_engine: {checks: {availability: {horizon_days: 9}}}}\n",
        "integrations: {payment: {url: 'https://p.example', password_file: pw}}\n",
        CHECK % "{type: http, url: 'https://x.example', expect: {json: {$.a: 1}}, critical_above: 5}",
        CHECK % "{type: tcp, host: x.example, port: 1, expect: {matches: ^220}}",
        CHECK % "{type: dns, name: x.example, expect: {matches: v=spf1}}",
    ],
)
def test_it_takes_what_the_loader_takes(tmp_path: Path, text: str) -> None:
    assert accepted(tmp_path, text)


@pytest.mark.parametrize(
    "text",
    [
        "integrations: {payment: {ulr: 1}}\n",
        "integrations: {payment: {webhook: {url: 'https://p.example', colour: blue}}}\n",
        "integrations: {payment: {vendor: {fax: '1'}}}\n",
        "integrations: {payment: {checks: {health: {intervall: 3s}}}}\n",
        "integrations: {payment: {password: a, password_file: b}}\n",
        "integrations: {Payment: {url: 'https://p.example'}}\n",
        "integrations: {door_locks: {url: 'https://p.example'}}\n",
        "integrations: {pms: {url: 'https://p.example'}}\n",
        "escalation: {levels: [{level: 4, role: R}]}\n",
        "thresholds: {response_time_ms: -1}\n",
        "channels: {c: {type: pigeon}}\n",
        "colour: blue\n",
        CHECK % "{type: nope}",
        CHECK % "{type: http}",
        CHECK % "{type: http, url: 'https://x.example', matches: a}",
        CHECK % "{type: tcp, host: x.example, port: 1, expect: {status: [200]}}",
    ],
)
def test_it_refuses_what_the_loader_refuses(tmp_path: Path, text: str) -> None:
    assert not accepted(tmp_path, text)
