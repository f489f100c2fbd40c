"""Looks at what is exchanged with an OTA: its answer to our login, and the messages for it."""

from checks import http, xml
from checks import ota_auth as auth
from checks.check import CheckType
from checks.integrations.built_in import Tuning
from checks.integrations.site import Site
from checks.values import Options


def ota_auth(site: Site, _tuning: Tuning) -> tuple[CheckType, Options]:
    """Look whether the OTA takes our credentials."""
    system = site.system
    return auth.CHECK, http.Options(
        url=site.endpoint("/test"),
        username=system.username,
        password=system.password,
        allow_plaintext_auth=system.allow_plaintext_auth,
        **site.trust,
    )


def messages(site: Site, _tuning: Tuning) -> tuple[CheckType, Options]:
    """Look whether the outgoing messages are valid."""
    kept = site.system.messages
    if kept is None:
        raise ValueError("messages is not configured")
    return xml.CHECK, xml.Options.model_validate({"path": kept.directory, "schema": kept.schema_})
