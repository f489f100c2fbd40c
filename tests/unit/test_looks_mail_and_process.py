"""The built-in looks at the mail server and the synchronisation process, as the configuration wants them."""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr

from checks import process, smtp
from checks.integrations import looks_mail, looks_process
from checks.integrations.built_in import Tuning
from checks.integrations.options import Pms, System
from checks.integrations.site import Bounds, Site


def site(**system: Any) -> Site:
    bounds = Bounds(1000, 300.0, 0.05, 3600.0, 20)
    pms = Pms(pm2="sudo -u app pm2")
    return Site("h", "email", "email", System(**system), pms, (), bounds, ZoneInfo("UTC"))


@pytest.mark.parametrize("login", [False, True])
def test_mail_is_looked_at_as_it_is_configured(login: bool) -> None:
    server = {
        "host": "smtp.hotel.test",
        "port": 465,
        "security": "tls",
        "username": "reservations",
        "password": "hunter2",
        "verify": False,
        "ca_file": "/etc/ca.pem",
    }
    look = looks_mail.smtp_login if login else looks_mail.smtp
    kind, options = look(site(smtp=server), Tuning())
    assert isinstance(options, smtp.Options)
    assert (kind, options.login, smtp.target(options)) == (smtp.CHECK, login, "smtp.hotel.test:465")
    assert options.password == SecretStr("hunter2")
    assert (options.security, options.verify, options.ca_file) == ("tls", False, Path("/etc/ca.pem"))


def test_an_open_server_may_be_logged_in_to_where_that_is_allowed() -> None:
    server = {
        "host": "::1",
        "security": "none",
        "username": "a",
        "password": "b",
        "allow_plaintext_auth": True,
    }
    _, options = looks_mail.smtp_login(site(smtp=server), Tuning())
    assert isinstance(options, smtp.Options)
    assert smtp.target(options) == "[::1]:587"


def test_the_process_is_looked_at_with_the_pm2_of_the_hotel() -> None:
    kind, options = looks_process.sync_process(site(sync_process="sync", workers=3), Tuning())
    assert kind is process.CHECK
    assert options == process.Options(name="sync", workers=3, pm2="sudo -u app pm2")
