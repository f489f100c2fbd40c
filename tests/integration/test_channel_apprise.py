"""Incidents in a few words over Apprise, to a service on loopback."""

import json
import logging
import ssl
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
import trustme
from pydantic import ValidationError

from alerts.apprise_url import LOGGERS
from alerts.attempt import Claim
from alerts.channel_options import AppriseChannel
from alerts.incident import Severity
from alerts.notification import DeliveryError, DeliveryReason
from alerts.notifiers.apprise import LONGEST, AppriseRoute, render
from checks.result import Reason
from tests.support.hook import hook
from tests.support.letters import HOSTILE, breach, incident, problem, resolved
from tests.support.sending import Noted
from tests.support.servers import free_port, nothing, server
from tests.support.stored import notification

TOKEN = "t0ken-of-the-gateway"
LINK = "https://porter.hotel.example/i/inc-7f3a9c/abc"


def channel(url: str, **options: Any) -> AppriseChannel:
    """Return the options of a channel to an address."""
    return AppriseChannel.model_validate({"type": "apprise", "url": url, **options})


async def tell(url: str, message: bytes | None = None, deadline: float = 20.0, **options: Any) -> Noted:
    """Deliver a message, and return how far that came."""
    row = replace(notification(channel="sms"), message=message or render(problem(), ()))
    noted = Noted()
    await AppriseRoute(channel(url, **options), deadline)(Claim(row, "token"), noted)
    return noted


async def test_a_service_is_told_what_is_wrong_and_how_to_acknowledge() -> None:
    async with hook() as gateway:
        noted = await tell(
            f"json://porter:{TOKEN}@127.0.0.1:{gateway.port}/sms", render(problem(ack_link=LINK), ())
        )
    (one,) = gateway.posts
    assert one.document["title"] == "[CRITICAL] Grand Harbour Hotel: payment: refuses our credentials (401)"
    lines = one.document["message"].splitlines()
    assert lines[0].startswith("The payment gateway refuses our user name, password or key.")
    assert lines[-1] == LINK
    assert one.document["type"] == "failure"
    assert noted.told == ["handing over"]


async def test_a_service_that_refuses_is_tried_again() -> None:
    async with hook() as gateway:
        gateway.statuses = [500] * 9
        with pytest.raises(DeliveryError) as caught:
            await tell(f"json://127.0.0.1:{gateway.port}/")
    assert (caught.value.reason, caught.value.permanent) == (DeliveryReason.DEFERRED, False)


async def test_certificates_are_verified_as_configured(tmp_path: Path) -> None:
    authority = trustme.CA()
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    async with hook(tls=context) as gateway:
        url = f"jsons://localhost:{gateway.port}/"
        with pytest.raises(DeliveryError):
            await tell(url)
        await tell(url, ca_file=str(ca_file))
    assert len(gateway.posts) == 1


async def test_a_service_that_hangs_is_left() -> None:
    async with server(nothing) as gateway:
        with pytest.raises(DeliveryError) as caught:
            # Apprise itself waits for no answer longer than these seconds.
            await tell(f"json://127.0.0.1:{gateway.port}/?rto=1", deadline=0.2)
        assert caught.value.reason is DeliveryReason.TIMEOUT
        await gateway.all_closed()


async def test_nothing_of_the_address_is_logged_or_said(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(DeliveryError) as caught:
        await tell(f"json://porter:{TOKEN}@127.0.0.1:{free_port()}/{TOKEN}")
    assert [one for one in caplog.records if one.name.partition(".")[0] in LOGGERS] == []
    assert TOKEN not in str(caught.value) + caplog.text


@pytest.mark.parametrize("url", ["pigeon://loft", "json://", "json://a.test json://b.test", "https://[/"])
def test_an_address_that_leads_nowhere_is_found_when_it_is_read(url: str) -> None:
    with pytest.raises(ValidationError, match="not one URL that Apprise knows"):
        channel(url)


def test_without_the_package_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(ValidationError, match=r"pip install 'nightporter\[apprise\]'"):
        channel("json://a.test")


def said(message: bytes) -> dict[str, str]:
    """Return what a message tells."""
    found: dict[str, str] = json.loads(message)
    return found


def test_the_end_is_good_news() -> None:
    found = said(render(resolved(ack_link=None), ()))
    assert found["type"] == "success"
    assert found["title"].startswith("[RESOLVED] ")
    assert found["body"] == "The payment gateway works again."


def test_a_warning_is_no_failure() -> None:
    found = said(render(problem(incident(severity=Severity.WARNING)), ()))
    assert (found["type"], found["title"][:9]) == ("warning", "[WARNING]")


def test_hostile_words_make_no_long_message() -> None:
    about = incident(breach(Reason.CONTENT, HOSTILE), title=HOSTILE)
    found = said(render(problem(about, ack_link=LINK), ()))
    assert len(found["body"]) <= LONGEST + 1 + len(LINK)
    assert found["body"].endswith(f"\n{LINK}")
    assert "\x1b" not in found["title"] + found["body"]
    assert "\n" not in found["title"]


def test_an_incident_that_cannot_be_put_into_words_is_told_all_the_same() -> None:
    found = said(render(problem(incident(integrations=()), hotel_name=cast("str", None)), ()))
    assert found["body"] == "critical: payment: refuses our credentials (401)"
