"""Configurations that are in order, and files that are none."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from daemon.settings import ConfigError, Settings, checks_of, coverage, load, render_report
from daemon.settings.document import read
from daemon.settings.models import SingleFile

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "deploy" / "nightporter.example.yml"
EVERYTHING = ROOT / "tests" / "config" / "valid-everything.yml"
HEAD = "hotel: {id: h, name: H, timezone: UTC}\n"
POST = "mail: {from: porter@b.example, relays: [{host: relay.b.example, port: 25, security: none}]}\n"
SECRET = "s3cret-marker"
SCHEMA = '<schema xmlns="http://www.w3.org/2001/XMLSchema"><element name="a"/></schema>'
BOMB = b"a0: &a0 [x]\n" + b"".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n".encode() for n in range(1, 7)
)
"""Aliases that stand for half a million values."""


class Everything(Mapping[str, str]):
    """An environment in which every variable is set."""

    def __getitem__(self, name: str) -> str:
        known = {
            "PMS_DSN": f"postgresql://porter:{SECRET}@db/pms",
            "APPRISE_URL": f"json://{SECRET}@sms.example",
        }
        return known.get(name, SECRET)

    def __iter__(self) -> None:  # type: ignore[override]  # nobody lists it
        raise NotImplementedError

    def __len__(self) -> int:
        return 1


def settings_of(directory: Path, text: str, environ: Mapping[str, str] | None = None) -> Settings:
    path = directory / "nightporter.yml"
    path.write_text(text)
    return load(path, environ or {})


def problems_of(directory: Path, text: str | bytes) -> list[str]:
    path = directory / "nightporter.yml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    return [problem.message for problem in caught.value.problems]


def test_the_example_is_in_order_and_shows_no_secret() -> None:
    settings = load(EXAMPLE, Everything())
    report = render_report(coverage(settings))
    assert "grand-harbour/house/locks" in report
    assert SECRET not in report + repr(settings)
    assert SECRET in settings.secrets
    assert settings.warnings == ()


def test_every_documented_key_is_accepted(tmp_path: Path) -> None:
    text = EVERYTHING.read_text()
    (tmp_path / "xsd").mkdir()
    for name in re.findall(r"/etc/nightporter/([^},\s]+)", text):
        (tmp_path / name).write_text(SCHEMA if name.endswith(".xsd") else "a-secret")
    settings = settings_of(tmp_path, text.replace("/etc/nightporter", str(tmp_path)), Everything())
    assert "grand-harbour/door_locks/gateway" in {str(check.id) for check in checks_of(settings)}
    assert "grand-harbour/door_locks/keys_waiting" in {str(check.id) for check in checks_of(settings)}
    assert SECRET not in render_report(coverage(settings)) + repr(settings)


def test_built_in_checks_ask_the_owners_endpoints() -> None:
    checks = {str(check.id): check for check in checks_of(load(EXAMPLE, Everything()))}
    urls = {name: getattr(check.options, "url", None) for name, check in checks.items()}
    assert urls["grand-harbour/booking_engine/health"] == "https://booking-engine.example/api/health"
    assert urls["grand-harbour/expedia/health"] == "https://ota-api.example/health"
    assert urls["grand-harbour/payment/health"] == "https://api.gateway.example/v1/status"
    assert urls["grand-harbour/channel_manager/health"] == "https://channel-manager.example/api/sync/status"
    assert checks["grand-harbour/booking_engine/health"].interval == 30
    assert checks["grand-harbour/booking_engine/health"].response_limit == 3.0
    assert checks["grand-harbour/payment/health"].response_limit == 1.0
    assert checks["grand-harbour/payment/certificate"].interval == 3600


def test_a_check_that_is_switched_off_is_not_run(tmp_path: Path) -> None:
    section = "{url: 'https://p.example', checks: {health: {enabled: false}, certificate: {enabled: false}}}"
    settings = settings_of(tmp_path, HEAD + f"integrations: {{payment: {section}}}\n")
    assert checks_of(settings) == ()


def test_thresholds_are_merged_from_the_house_to_the_integration(tmp_path: Path) -> None:
    text = HEAD + "thresholds: {response_time_ms: 500, failures: 5}\nintegrations:\n"
    text += "  payment: {url: 'http://p.example', thresholds: {failures: 7}}\n"
    (check,) = checks_of(settings_of(tmp_path, text))
    assert (check.failures, check.successes, check.response_limit) == (7, 2, 0.5)


def test_words_stay_words(tmp_path: Path) -> None:
    path = tmp_path / "words.yml"
    path.write_text("a: no\nb: NO\nc: on\nd: 18:00\ne: 2026-11-25\nf: 010\ng: ~\nh: true\ni: '1'\nj: 1e3\n")
    found = read(path).data
    assert found == {
        "a": "no", "b": "NO", "c": "on", "d": "18:00", "e": "2026-11-25",
        "f": 10, "g": None, "h": True, "i": "1", "j": 1000.0,
    }  # fmt: skip


def test_variables_are_filled_in_and_may_be_numbers(tmp_path: Path) -> None:
    text = HEAD + "listen: ${HOST}:${PORT}\nlog: {level: '${LEVEL}'}\n"
    settings = settings_of(tmp_path, text, {"HOST": "::1", "PORT": "9000", "LEVEL": "debug"})
    assert settings.listen == ("::1", 9000)
    assert settings.log.level == "debug"


def test_a_variable_within_a_url_is_a_secret(tmp_path: Path) -> None:
    text = HEAD + "integrations: {payment: {url: 'https://p.example/${KEY}'}}\n"
    assert "abc123" in settings_of(tmp_path, text, {"KEY": "abc123"}).secrets


def test_files_are_found_beside_the_configuration(tmp_path: Path) -> None:
    side = "kind: generic, url: 'https://locks.example', ca_file: own.pem"
    own = "checks: {a: {type: xml, path: spool, schema: s.xsd}}"
    section = f"integrations: {{locks: {{{side}, {own}}}}}\n"
    (tmp_path / "s.xsd").write_text(SCHEMA)
    (said,) = problems_of(tmp_path, HEAD + section)
    assert said == f"there is no file {tmp_path / 'own.pem'}"


def test_a_secret_file_is_found_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t0ken\n")
    settings = settings_of(tmp_path, HEAD + "web: {token_file: token}\n")
    assert settings.web.token is not None
    assert settings.web.token.get_secret_value() == "t0ken"


def test_a_secret_file_that_is_not_ours_to_read_is_found_where_systemd_hands_it_in(tmp_path: Path) -> None:
    handed = tmp_path / "handed"
    handed.mkdir()
    (handed / "credentials_token").write_text("t0ken")
    text = HEAD + "web: {token_file: credentials/token}\n"
    settings = settings_of(tmp_path, text, {"CREDENTIALS_DIRECTORY": str(handed)})
    assert settings.web.token is not None
    assert settings.web.token.get_secret_value() == "t0ken"
    # Where it may be read, it is newer than what was handed in at the start.
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / "token").write_text("n3w")
    settings = settings_of(tmp_path, text, {"CREDENTIALS_DIRECTORY": str(handed)})
    assert settings.web.token is not None
    assert settings.web.token.get_secret_value() == "n3w"


def test_a_secret_file_that_is_nowhere_is_named_as_it_was_written(tmp_path: Path) -> None:
    text = HEAD + "web: {token_file: credentials/token}\n"
    (said,) = problems_of(tmp_path, text)
    assert said == f"the file {tmp_path}/credentials/token cannot be read: No such file or directory"


def test_the_state_with_its_password_may_stand_in_a_file(tmp_path: Path) -> None:
    address = "postgresql://porter:s3cret-w0rd@db.example/porter"
    (tmp_path / "state").write_text(f"{address}\n")
    settings = settings_of(tmp_path, HEAD + "state_file: state\n")
    assert settings.state == address
    assert {"s3cret-w0rd", address} <= settings.secrets


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"# only a comment\n", "is empty"),
        (b"\xff\xfeh\x00", "is not UTF-8 text"),
        (HEAD.replace("H", "H\xfc").encode("latin-1"), "is not UTF-8 text"),
        (b"a: \x00\n", "is not valid YAML"),
        (b"\thotel: x\n", "is not valid YAML"),
        (b"a" * 1_100_000, "is larger than 1 MiB"),
        (b"[" * 100 + b"]" * 100, "too deep"),
        (BOMB, "too many values"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_configuration_says_why(tmp_path: Path, content: bytes, words: str) -> None:
    assert words in problems_of(tmp_path, content)[0]


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "c.yml"
    path.write_bytes(b"\xef\xbb\xbf" + HEAD.encode())
    assert load(path, {}).hotels[0].id == "h"


def test_a_directory_and_a_missing_file_are_named(tmp_path: Path) -> None:
    for path, words in ((tmp_path, "is a directory"), (tmp_path / "none.yml", "there is no such file")):
        with pytest.raises(ConfigError, match=re.escape(words)):
            load(path, {})


ODD = [
    "[]",
    "{}",
    "''",
    "5",
    "-1",
    "1.5",
    "true",
    "null",
    "[[]]",
    "{a: {b: c}}",
    "99999999999999999999",
    ".inf",
]


@pytest.mark.parametrize("place", sorted(SingleFile.model_fields))
@pytest.mark.parametrize("value", ODD)
def test_odd_values_anywhere_are_problems_and_never_crashes(tmp_path: Path, place: str, value: str) -> None:
    head = "" if place == "hotel" else HEAD
    deep = f"integrations: {{x: {{kind: generic, checks: {{a: {value}}}}}, y: {value}}}\n"
    for text in (f"{head}{place}: {value}\n", HEAD + deep):
        path = tmp_path / "c.yml"
        path.write_text(text)
        try:
            load(path, {})
        except ConfigError as error:
            said = str(error)
            assert said.startswith(f"{path}:"), said


def hotels(directory: Path, **files: str) -> Settings:
    folder = directory / "hotels.d"
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.yml").write_text(text)
    return settings_of(directory, "hotels_dir: hotels.d\nthresholds: {failures: 4}\n")


def test_several_hotels_have_a_file_each(tmp_path: Path) -> None:
    other = "hotel: {id: other, name: O, timezone: Europe/Rome}\nthresholds: {successes: 3}\n"
    found = hotels(tmp_path, a=HEAD, b=other).hotels
    assert [(hotel.id, hotel.thresholds.failures, hotel.thresholds.successes) for hotel in found] == [
        ("h", 4, 2),
        ("other", 4, 3),
    ]


def test_a_problem_of_a_hotel_names_its_own_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        hotels(tmp_path, a=HEAD, b=HEAD, c="hotel: {id: c, name: C, timezone: Mars}\n")
    assert [(Path(problem.file).name, problem.path) for problem in caught.value.problems] == [
        ("b.yml", "hotel.id"),
        ("c.yml", "hotel.timezone"),
    ]


def test_an_empty_directory_of_hotels_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds no file ending in"):
        hotels(tmp_path)


def test_coverage_says_nothing_of_settings_that_act(tmp_path: Path) -> None:
    text = """\
dead_man: {url: "https://d.example/x"}
escalation: {remind_every: 1h}
"""
    assert coverage(settings_of(tmp_path, HEAD + text)).idle == ()


def test_coverage_says_that_only_level_2_has_hours(tmp_path: Path) -> None:
    hours = "hours: {days: mon-fri, from: '09:00', to: '18:00'}"
    levels = ", ".join(
        f"{{level: {one}, role: R{one}, email: [a{one}@b.example], {hours}}}" for one in (1, 2, 3)
    )
    text = f"{HEAD}{POST}escalation: {{levels: [{levels}]}}\n"
    found = coverage(settings_of(tmp_path, text)).idle
    assert [line.name for line in found] == ["h: escalation level 1", "h: escalation level 3"]


def test_a_planned_silence_of_nothing_is_warned_of(tmp_path: Path) -> None:
    planned = 'cron: "0 3 * * *", for: 1h, reason: work'
    text = f"silences: [{{match: {{integration: paymnet, severity: critcal}}, {planned}}}]\n"
    found = {one.path: one.message for one in settings_of(tmp_path, HEAD + text).warnings}
    assert found["silences[0].match.integration"] == "fits no integration; there is: pms, network"
    assert "there is: warning, critical, emergency" in found["silences[0].match.severity"]


def test_what_is_no_schema_is_reported_where_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "s.xsd").write_text("<x/>")
    own = "locks: {kind: generic, checks: {a: {type: xml, path: spool, schema: s.xsd}}}"
    ota = "expedia: {kind: ota, messages: {directory: spool, schema: s.xsd}}"
    said = "\n".join(problems_of(tmp_path, HEAD + f"integrations: {{{own}, {ota}}}\n"))
    assert "is not an XML schema: The XML document" in said
    assert said.count("is not an XML schema") == 2


def test_the_password_of_the_state_is_a_secret(tmp_path: Path) -> None:
    text = HEAD + "state: postgresql://porter:hunter2-of-the-state@db/nightporter\n"
    assert "hunter2-of-the-state" in settings_of(tmp_path, text).secrets
