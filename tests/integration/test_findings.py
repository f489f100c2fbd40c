"""What probes tell of how things are set up, and how much is new: over real servers, files and tables."""

import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from checks import dkim, dmarc, dns, log, spf, webhook
from checks.check import Check, CheckType
from checks.context import Context, Tools
from checks.findings import LONGEST, MOST_SETTINGS, NO_FINDINGS, Findings, set_up
from checks.integrations import looks_logs
from checks.integrations.looks_tables import rate_mapping, room_mapping
from checks.log_dirs import FOLDERS
from checks.memory import Memories
from checks.result import ERRORS, EVENTS, REFUSED, CheckId, Result, State, ok
from checks.values import Options
from daemon.demo.postgres import Postgres
from daemon.gate import Gate
from daemon.runner import Runner
from tests.integration.test_log_dirs import Folders
from tests.integration.test_log_looks import see, site, write
from tests.support.certificates import authority, leaf
from tests.support.clock import FakeClock
from tests.support.dns_server import Eyes, dns_server
from tests.support.pms import RATES, ROOMS, a_hotel
from tests.support.probing import look
from tests.support.receiver import SECRET, receiver
from tests.support.servers import http, server, server_context
from tests.support.smtp import HOST, Authority, post

DAY = timedelta(days=1)
NOW = datetime.now(UTC).replace(microsecond=0)
FORGED = {"event.forged", "event.short", "event.unsigned"}


def counted(result: Result) -> dict[str, float]:
    return {name: value for name, value in result.measurements.items() if name in {EVENTS, REFUSED, ERRORS}}


def test_settings_are_bounded_and_a_change_behind_the_cut_is_one() -> None:
    one, other = (set_up({"SPF of ß": "v" * 2000 + end}).settings for end in "ab")
    assert list(one) == list(other) == ["spf-of-"]
    assert len(one["spf-of-"]) <= LONGEST
    assert one != other
    assert len(set_up({f"n{number}": "" for number in range(100)}).settings) == MOST_SETTINGS


async def test_mail_records_are_told_as_they_stand_and_nothing_where_nobody_answers() -> None:
    async with dns_server() as there:
        there.txt("hotel.example", "v=spf1 -all", "something else")
        there.txt("s1._domainkey.hotel.example", "v=DKIM1;  p=broken")
        there.txt("_dmarc.hotel.example", "v=DMARC1; p=none")
        there.add("hotel.example", "MX", "20 b.example.", "10 a.example.")
        options: dict[str, Any] = {"domain": "hotel.example"}
        eyes = {
            "spf": Eyes(there, spf.CHECK, **options),
            "dkim": Eyes(there, dkim.CHECK, selectors=("s1", "s2"), **options),
            "dmarc": Eyes(there, dmarc.CHECK, **options),
            "dns": Eyes(there, dns.CHECK, name="hotel.example", record="MX"),
        }
        told = {name: dict((await one.look()).findings.settings) for name, one in eyes.items()}
        assert told == {
            "spf": {"record": "v=spf1 -all"},
            "dkim": {"record.s1": "v=DKIM1; p=broken", "record.s2": "none"},
            "dmarc": {"record": "_dmarc.hotel.example: v=DMARC1; p=none"},
            "dns": {"mx": "10 a.example | 20 b.example"},
        }
        there.remove("hotel.example", "TXT")
        assert (await eyes["spf"].look()).findings.settings == {"record": "none"}
    for one in eyes.values():
        result = await one.look(deadline=0.5)
        assert result.findings == NO_FINDINGS, result


@pytest.mark.parametrize("kind", ["tls", "tcp", "http"])
async def test_a_certificate_tells_its_issuer_and_its_last_day(kind: str, tmp_path: Path) -> None:
    root = authority(NOW)
    signed = leaf(root, ("localhost",), NOW - DAY, NOW + 90 * DAY)
    ca_file = tmp_path / "root.pem"
    ca_file.write_bytes(root.pem)
    async with server(http("200 OK", b"ok"), tls=server_context(signed, tmp_path)) as one:
        if kind == "http":
            url = one.url(host="localhost", scheme="https")
            result = await look(kind, url=url, ca_file=str(ca_file))
        else:
            where: dict[str, Any] = {"host": "localhost", "port": one.port} | (
                {"tls": True} if kind == "tcp" else {}
            )
            result = await look(kind, ca_file=str(ca_file), **where)
    assert result.state is State.OK, result
    ends = f"{NOW + 90 * DAY:%Y-%m-%d}"
    assert result.findings.settings == {"certificate.issuer": "Test Authority", "certificate.ends": ends}


async def test_a_mail_server_tells_its_banner_and_its_tls(tmp_path: Path) -> None:
    trusted = Authority()
    ca_file = tmp_path / "ca.pem"
    ca_file.write_bytes(trusted.pem)
    async with post(starttls=trusted.server()) as one:
        result = await look("smtp", host=HOST, port=one.port, ca_file=str(ca_file))
    told = result.findings.settings
    assert told["tls"] in {"TLSv1.2", "TLSv1.3"}
    assert set(told) == {"tls", "banner", "certificate.issuer", "certificate.ends"}
    assert " " not in told["banner"]
    async with post() as one:
        result = await look("smtp", host=HOST, port=one.port, security="none")
    assert result.findings.settings["tls"] == "none"


async def test_a_webhook_tells_what_becomes_of_each_event_and_nothing_of_a_secret() -> None:
    async with receiver() as one:
        result = await look(webhook.CHECK, url=f"{one.url}?key=hidden", secret=SECRET)
        told = dict(result.findings.settings)
        assert told.pop("url") == one.url
        assert told == {"event.signed": "taken (200)"} | dict.fromkeys(FORGED, "refused (401)")
    async with receiver({"forged": 200}) as one:
        result = await look(webhook.CHECK, url=one.url, secret=SECRET)
        assert result.findings.settings["event.forged"] == "taken (200)"


async def test_a_webhook_that_is_down_tells_nothing_of_its_verifier() -> None:
    async with receiver(dict.fromkeys(("forged", "signed", "short", "unsigned"), 502)) as one:
        result = await look(webhook.CHECK, url=one.url, secret=SECRET)
    assert set(result.findings.settings) == {"url"}


async def test_mappings_tell_their_number_and_a_mark_that_changes_with_any_of_them(pg: Postgres) -> None:
    async with a_hotel(pg, ROOMS, RATES) as hotel:
        rooms = [dict((await hotel.look(room_mapping)).findings.settings)]
        rates = [dict((await hotel.look(rate_mapping)).findings.settings)]
        await hotel.run(
            "UPDATE room_type_mappings SET booking_engine_room_type_id = 'x' WHERE pms_room_type_id = 'SGL'",
            "UPDATE rate_plan_mappings SET ota_rate_plan_code = 'x-9' WHERE ota_rate_plan_code = 'x-1'",
        )
        rooms.append(dict((await hotel.look(room_mapping)).findings.settings))
        rates.append(dict((await hotel.look(rate_mapping)).findings.settings))
        assert all(one["mappings"].startswith("3 mappings (") for one in rooms), rooms
        assert rooms[0] != rooms[1]
        assert rates[0] != rates[1]
        await hotel.run("DELETE FROM room_type_mappings")
        assert (await hotel.look(room_mapping)).findings.settings["mappings"].startswith("0 mappings")


async def test_new_kinds_of_error_are_told_masked_and_what_was_there_is_none(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    folders.error("ERROR old trouble of 17")
    first = await folders.look()
    assert (first.findings.news, counted(first)) == ({}, {})
    folders.error("ERROR old trouble of 99", "ERROR mail to guest@private.example failed: 4711")
    second = await folders.look()
    assert list(second.findings.news.values()) == ["ERROR mail to g***@… failed: #"]
    assert counted(second) == {ERRORS: 2.0}
    assert counted(await folders.look()) == {ERRORS: 0.0}


async def test_events_are_counted_once_each_over_rotation_and_without_our_own_probes(tmp_path: Path) -> None:
    for name in FOLDERS:
        (tmp_path / name).mkdir()
    memories, path = Memories(), tmp_path / "webhooks" / "payment.log"
    here = site(tmp_path, "payment")
    write(path, "event taken", 500)
    first = await see(looks_logs.webhook_log, here, memories)
    assert counted(first) == {}
    write(path, "event taken", 120)
    write(path, "event refused: signature", 7, level="ERROR")
    write(path, "event refused X-Monitor-Probe: nightporter", 9, level="ERROR")
    second = await see(looks_logs.webhook_log, here, memories)
    assert counted(second) == {EVENTS: 127.0, REFUSED: 7.0}
    assert second.measurements["lines"] == 50.0
    write(path, "event taken", 3)
    path.rename(path.with_suffix(".log.1"))
    write(path, "event taken", 2)
    assert counted(await see(looks_logs.webhook_log, here, memories)) == {EVENTS: 5.0, REFUSED: 0.0}
    path.write_text("")
    write(path, "event taken", 4)
    assert counted(await see(looks_logs.webhook_log, here, memories)) == {EVENTS: 4.0, REFUSED: 0.0}
    assert counted(await see(looks_logs.webhook_log, here, memories)) == {EVENTS: 0.0, REFUSED: 0.0}


async def test_counting_changes_nothing_of_the_verdict(tmp_path: Path) -> None:
    path, memories = tmp_path / "one.log", Memories()
    write(path, "fine", 100)
    await look(log.CHECK, memories=memories, path=path, last=10)
    write(path, "broken", 40, level="ERROR")
    write(path, "fine", 30)
    result = await look(log.CHECK, memories=memories, path=path, last=10)
    assert counted(result) == {ERRORS: 40.0}
    assert (result.measurements["lines"], result.measurements["failures_percent"]) == (10.0, 0.0)


async def test_a_certificate_of_a_server_nobody_trusts_tells_nothing(tmp_path: Path) -> None:
    signed = leaf(authority(NOW, "Stranger"), ("localhost",), NOW - DAY, NOW + 90 * DAY)
    context: ssl.SSLContext = server_context(signed, tmp_path)
    async with server(http("200 OK", b"ok"), tls=context) as one:
        result = await look("tls", host="localhost", port=one.port)
    assert (result.state, result.findings) == (State.CRITICAL, NO_FINDINGS)


async def test_what_is_kept_of_findings_holds_no_secret_and_no_card_number() -> None:
    told = {"url": "https://pms.example/hook/s3cret", "record": "card 4111 1111 1111 1111\x1b[31m"}
    found = Findings(settings=told, news={"1a2b": "ERROR key s3cret refused " + "x" * 900})

    async def tell(_options: Options, _context: Context) -> Result:
        return replace(ok(), findings=found)

    clock = FakeClock()
    runner = Runner(
        Tools.new(clock.now), Memories(), clock, Gate(), lambda text: text.replace("s3cret", "[hidden]")
    )
    kind = CheckType("telling", Options, "value", tell)
    result = await runner.run(Check(CheckId("h", "i", "c"), "generic", kind, Options(), 60.0, 10.0))
    assert result is not None
    settings, news = result.findings.settings, result.findings.news
    assert settings["url"] == "https://pms.example/hook/[hidden]"
    assert "4111 1111 1111 1111" not in settings["record"]
    assert "\x1b" not in settings["record"]
    assert news["1a2b"].startswith("ERROR key [hidden] refused")
    assert len(news["1a2b"]) <= LONGEST
