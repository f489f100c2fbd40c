"""The checks that settings amount to."""

from datetime import UTC, datetime
from pathlib import Path

from checks.http import Options
from daemon.settings import checks_of, load
from tests.support.certificates import authority
from tests.unit.settings.test_load import EXAMPLE, HEAD, Everything, settings_of


def test_error_rates_are_taken_over_network_runs_and_not_over_those_to_a_payment_gateway() -> None:
    rated = {
        str(check.id) for check in checks_of(load(EXAMPLE, Everything())) if check.error_limit is not None
    }
    assert {
        "grand-harbour/booking_engine/health",
        "grand-harbour/expedia/auth",
        "grand-harbour/email/smtp",
    } <= rated
    assert (
        not {"grand-harbour/payment/health", "grand-harbour/channel_manager/queue", "grand-harbour/email/spf"}
        & rated
    )
    assert not any(name.startswith("grand-harbour/payment/") for name in rated)


def test_a_rate_window_is_six_times_the_window_unless_it_is_given(tmp_path: Path) -> None:
    text = HEAD + "thresholds: {error_rate_percent: 10, window: 2m, min_samples: 7}\nintegrations:\n"
    text += "  a: {kind: generic, checks: {c: {type: tcp, host: h, port: 1}}}\n"
    text += (
        "  b: {kind: generic, thresholds: {rate_window: 1h}, checks: {c: {type: tcp, host: h, port: 1}}}\n"
    )
    one, other = checks_of(settings_of(tmp_path, text))
    assert (one.error_limit, one.rate_window, one.min_samples) == (0.1, 720.0, 7)
    assert other.rate_window == 3600.0


def test_what_thousands_of_checks_have_in_common_is_held_once(tmp_path: Path) -> None:
    authorities = tmp_path / "root.pem"
    authorities.write_bytes(authority(datetime(2026, 1, 1, tzinfo=UTC)).pem)
    text = HEAD + "integrations:\n  a:\n    kind: generic\n    checks:\n"
    for name in ("b", "c"):
        text += f'      {name}: {{type: http, url: "https://{name}.test/", ca_file: {authorities}}}\n'
    text += '      d: {type: http, url: "https://d.test/"}\n'
    one, other, third = (check.options for check in checks_of(settings_of(tmp_path, text)))
    assert isinstance(one, Options)
    assert isinstance(other, Options)
    assert one.ca_file is other.ca_file
    assert one.model_fields_set is other.model_fields_set
    assert one.model_fields_set == {"url", "ca_file"}
    assert third.model_fields_set == {"url"}
