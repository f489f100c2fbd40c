"""The built-in looks at an OTA's login and at the messages for it, as the configuration wants them."""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr, ValidationError

from checks import http, ota_auth, xml
from checks.integrations import looks_xml
from checks.integrations.built_in import Tuning
from checks.integrations.options import Pms, System
from checks.integrations.site import Bounds, Site


def site(**system: Any) -> Site:
    bounds = Bounds(1000, 300.0, 0.05, 3600.0, 20)
    return Site("h", "expedia", "ota", System(**system), Pms(), (), bounds, ZoneInfo("UTC"))


def test_the_login_is_tried_at_the_test_endpoint() -> None:
    keys = {"url": "https://ota.example/api/", "username": "hotel", "password": "hunter2", "verify": False}
    kind, options = looks_xml.ota_auth(site(**keys), Tuning())
    assert isinstance(options, http.Options)
    assert (kind, options.url) == (ota_auth.CHECK, "https://ota.example/api/test")
    assert (options.username, options.password, options.verify) == ("hotel", SecretStr("hunter2"), False)


def test_a_login_goes_unencrypted_only_where_that_is_allowed() -> None:
    keys = {"url": "http://ota.example", "username": "hotel", "password": "hunter2"}
    with pytest.raises(ValidationError, match="would send the password unencrypted"):
        looks_xml.ota_auth(site(**keys), Tuning())
    _, options = looks_xml.ota_auth(site(**keys, allow_plaintext_auth=True), Tuning())
    assert isinstance(options, http.Options)
    assert options.allow_plaintext_auth


def test_a_login_is_never_tried_where_reservations_are_handed_out() -> None:
    keys = {"url": "https://ota.example/OTA_ReadRQ", "username": "hotel", "password": "hunter2"}
    with pytest.raises(ValidationError, match="asks for reservations"):
        looks_xml.ota_auth(site(**keys), Tuning())


def test_messages_are_looked_for_where_they_lie(tmp_path: Path) -> None:
    schema = tmp_path / "rates.xsd"
    schema.write_text('<schema xmlns="http://www.w3.org/2001/XMLSchema"/>')
    kind, options = looks_xml.messages(site(messages={"directory": tmp_path, "schema": schema}), Tuning())
    assert isinstance(options, xml.Options)
    assert (kind, options.path, str(options.schema_)) == (xml.CHECK, tmp_path, str(schema))
    _, options = looks_xml.messages(site(messages={"directory": tmp_path}), Tuning())
    assert isinstance(options, xml.Options)
    assert options.schema_ is None
    assert xml.target(options) == ""
