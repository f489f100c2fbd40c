"""Configurations that mean harm, or come to some: odd hosts, secrets in odd places, files that are none."""

import os
from pathlib import Path

import pytest

from daemon.settings import ConfigError, checks_of, coverage, load
from tests.unit.settings.test_load import HEAD, problems_of, settings_of

HOSTS = [
    "https://bücher.example",
    "https://h.example/reservations",
    "https://exa mple.com/",
    "https://[fe80::1%25eth0]/",
    "https://-h.example/",
    "https://*.h.example/",
    "https://a..b/",
    f"https://{'h' * 300}.example/",
    "https://xn--/",
]


@pytest.mark.parametrize("url", HOSTS)
@pytest.mark.parametrize("kind", ["booking_engine", "ota", "payment", "channel_manager"])
def test_an_odd_host_is_refused_or_watched(tmp_path: Path, kind: str, url: str) -> None:
    path = tmp_path / "c.yml"
    path.write_text(HEAD + f"integrations: {{{kind}: {{url: '{url}'}}}}\n")
    outcome = ""
    try:
        watched = len(checks_of(load(path, {})))
    except ConfigError as error:
        watched, outcome = 0, str(error)
    assert watched >= 2 or outcome.startswith(f"{path}:2: integrations.{kind}.url: ")


def test_a_host_with_accents_is_asked_by_its_plain_name(tmp_path: Path) -> None:
    text = HEAD + "integrations: {payment: {url: 'https://bücher.example'}}\n"
    health, certificate = checks_of(settings_of(tmp_path, text))
    for check in (health, certificate):
        assert check.type.target(check.options) == "xn--bcher-kva.example:443"


def test_a_scheme_in_capitals_is_the_same_scheme(tmp_path: Path) -> None:
    text = HEAD + "integrations: {payment: {url: 'HTTPS://P.example'}, ota: {url: 'HTTP://o.example'}}\n"
    settings = settings_of(tmp_path, text)
    assert [check.id.check for check in checks_of(settings)] == ["health", "certificate", "health"]


@pytest.mark.parametrize(
    "text",
    [
        "integrations: {payment: {url: 'https://p.example', password: 'p${SECRET77!x'}}",
        "integrations: {payment: {url: 'https://p.example', api_key: !SECRET77 x}}",
        "integrations: {x: {kind: generic, checks: {a: {type: 'x://${T}'}}}}",
        "control: 'https://x.example/${T}'",
        "mail: {from: a@b.example, relays: 'smtp://porter:SECRET77@relay.example'}",
        "integrations: {payment: {url: 'https://${T}~ x'}}",
        'web: {token: "SECRET77\\r\\n"}',
    ],
)
def test_a_problem_never_quotes_a_secret(tmp_path: Path, text: str) -> None:
    path = tmp_path / "c.yml"
    path.write_text(HEAD + text + "\n")
    with pytest.raises(ConfigError) as caught:
        load(path, {"T": "SECRET77"})
    assert "secret77" not in str(caught.value).lower()


def test_an_unset_variable_is_one_problem_wherever_it_stands(tmp_path: Path) -> None:
    checks = "a: {type: '${T}', url: 'https://x.example'}, b: {type: http, url: 'https://x.example', "
    checks += "headers: {X: '${T}'}}, c: {type: tls, host: x.example, ca_file: '${T}'}"
    text = f"integrations: {{x: {{kind: generic, checks: {{{checks}}}}}}}\n"
    text += (
        "escalation: {levels: [{level: 1, role: R, hours: {days: ['${T}'], from: '09:00', to: '18:00'}}]}\n"
    )
    text += "channels: {c: {type: '${T}'}}\npms: {backup: {path: '${T}'}}\n"
    assert set(problems_of(tmp_path, HEAD + text)) == {"the environment variable T is not set"}
    assert len(problems_of(tmp_path, HEAD + text)) == 6


def test_a_secret_file_must_be_a_plain_one(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (said,) = problems_of(tmp_path, HEAD + "web: {token_file: fifo}\n")
    assert said == f"{tmp_path / 'fifo'} is not a plain file"


def test_line_breaks_and_a_mark_around_a_secret_are_no_part_of_it(tmp_path: Path) -> None:
    (tmp_path / "token").write_bytes(b"\xef\xbb\xbft0ken\r\n\n")
    settings = settings_of(tmp_path, HEAD + "web: {token_file: token}\n")
    assert settings.web.token is not None
    assert settings.web.token.get_secret_value() == "t0ken"


def test_what_a_header_takes_from_a_variable_is_a_secret(tmp_path: Path) -> None:
    check = "{type: http, url: 'https://x.example', headers: {X-Api-Key: '${KEY}'}}"
    text = HEAD + f"integrations: {{x: {{kind: generic, checks: {{a: {check}}}}}}}\n"
    assert "abc123" in settings_of(tmp_path, text, {"KEY": "abc123"}).secrets


def test_a_hotel_overrides_single_keys_of_the_house(tmp_path: Path) -> None:
    folder = tmp_path / "hotels.d"
    folder.mkdir()
    (folder / "a.yml").write_text(HEAD + "escalation: {after: {level_2: 5m}}\n")
    text = "hotels_dir: hotels.d\nescalation: {after: {level_2: 10m, level_3: 45m}}\n"
    (hotel,) = settings_of(tmp_path, text).hotels
    assert (hotel.escalation.after.level_2, hotel.escalation.after.level_3) == (300, 2700)


def test_what_editors_leave_beside_hotels_is_no_hotel(tmp_path: Path) -> None:
    folder = tmp_path / "hotels.d"
    folder.mkdir()
    (folder / "a.YML").write_text(HEAD)
    (folder / ".#a.yml").symlink_to("nobody@nowhere.1234")
    (folder / "old.yml").mkdir()
    (folder / "a.yml~").write_text("not: [yaml")
    assert [hotel.id for hotel in settings_of(tmp_path, "hotels_dir: hotels.d\n").hotels] == ["h"]


def test_what_the_house_says_wrongly_is_told_once_and_of_the_house(tmp_path: Path) -> None:
    folder = tmp_path / "hotels.d"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.yml").write_text(HEAD.replace("id: h", f"id: {name}") + "log: {}\n")
    path = tmp_path / "c.yml"
    text = "hotels_dir: hotels.d\nlog: {level: loud}\ncontrol: ['tcp://1.1.1.1:443']\n"
    path.write_text(text + "escalation: {levels: [{level: 1, role: R, email: [a@b.example]}]}\n")
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    assert [(Path(one.file).name, one.line, one.path) for one in caught.value.problems] == [
        ("c.yml", 1, "mail"),
        ("c.yml", 2, "log.level"),
        ("c.yml", 3, "control"),
        ("a.yml", 2, "log"),
        ("b.yml", 2, "log"),
    ]


def test_an_integration_may_be_called_like_a_section(tmp_path: Path) -> None:
    check = "{type: http, url: 'https://x.example', expect: {json: {$.channels: 1, $.dead_man: 2}}}"
    text = HEAD + f"integrations: {{dns: {{kind: generic, checks: {{control: {check}}}}}}}\n"
    assert coverage(settings_of(tmp_path, text)).idle == ()
