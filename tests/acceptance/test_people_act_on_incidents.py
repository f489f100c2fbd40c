"""incidents and silence: what people see and do from a terminal, with the porter on duty."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from daemon.demo.ports import free_port
from tests.acceptance.bodies import payment_only
from tests.support.inbox import Inbox, inbox
from tests.support.process import A, B, Outcome, Porter, command, porter
from tests.support.servers import http, server
from tests.support.vendor import vendor


@asynccontextmanager
async def trouble(directory: Path) -> AsyncIterator[tuple[Porter, Inbox, str]]:
    """Have a porter who has told of a payment gateway that is down; give the incident's id, too."""
    async with (
        vendor() as gateway,
        inbox() as mails,
        porter(directory, payment_only(gateway.url, mails.port)) as one,
    ):
        gateway.status = 503
        await mails.expect("problem", to=A)
        await mails.expect("problem", to=B)
        found = await one.poll("/api/v1/incidents", lambda answer: answer["incidents"])
        yield one, mails, found["incidents"][0]["id"]


async def said(one: Porter, *words: str) -> Outcome:
    """Return how a command ended."""
    return await command("--config", str(one.config), *words)


async def document(one: Porter, *words: str) -> Any:
    """Return what a command prints as JSON."""
    outcome = await said(one, *words, "--json")
    assert outcome.code == 0, outcome.err
    return json.loads(outcome.out)


async def test_an_incident_is_listed_acknowledged_resolved_and_exported(tmp_path: Path) -> None:
    async with trouble(tmp_path) as (one, mails, incident):
        listed = await said(one, "incidents")
        shown = await said(one, "incidents", "show", incident)
        letter = await said(one, "incidents", "ticket", incident)
        taken = await said(
            one, "incidents", "ack", incident, "--by", "Ada", "--for", "2h", "--note", "calling"
        )
        noted = await said(one, "incidents", "note", incident, "--by", "Ada", "--text", "they call back")
        held = (await document(one, "incidents"))["incidents"][0]
        ended = await said(one, "incidents", "resolve", incident, "--by", "Ada", "--note", "was | a drill")
        await mails.expect("resolved", to=A)
        await mails.expect("resolved", to=B)
        late = await said(one, "incidents", "ack", incident)
        past = await said(one, "incidents", "ticket", incident)
        none = await said(one, "incidents")
        every = await said(one, "incidents", "list", "--all")
        exported = await said(one, "incidents", "export", incident)

    assert (listed.code, shown.code, taken.code, ended.code, exported.code) == (0, 0, 0, 0, 0)
    assert letter.err == ""
    assert "is over since" in past.err
    assert past.out.startswith("To: ")
    assert incident in listed.out
    assert "503" in listed.out
    assert "vendor-outage" in shown.out
    assert A in shown.out
    assert max(map(len, (listed.out + shown.out).splitlines())) <= 80
    assert "is in the care of Ada until" in " ".join(taken.out.split())
    assert (held["state"], held["acknowledged_by"]) == ("acknowledged", "Ada")
    assert noted.out == f"Your note stands in the timeline of incident {incident}.\n"
    assert "they call back" in exported.out
    assert "is resolved since" in " ".join(ended.out.split())
    assert (late.code, late.out) == (1, "")
    assert "was resolved at" in late.err
    assert none.out == "No incident is open.\n"
    assert incident in every.out
    assert "## Who was told" in exported.out
    assert re.search(rf"\| {A} \| level 1 \| resolved \| email \| [\w ]+ \| sent \|", exported.out)
    assert letter.out.startswith("To: their support\nSubject: payment ")
    assert "GET http://127.0.0.1:" in letter.out
    assert "## A letter to their support\n\n    To: their support" in exported.out
    assert "resolved by Ada: was \\| a drill" in exported.out


async def test_a_silence_is_added_listed_and_removed(tmp_path: Path) -> None:
    async with vendor() as gateway, porter(tmp_path, payment_only(gateway.url, free_port())) as one:
        window = ("--from", "2126-07-25 10:00", "--until", "2126-07-25 12:00")
        far = await said(one, "silence", "add", "--match", "integration=payment", *window, "--reason", "far")
        match = ("--match", "integration=payment", "severity=warning")
        added = await said(
            one, "silence", "add", *match, "--for", "2h", "--reason", "new gateway", "--by", "Ada"
        )
        listed = await said(one, "silence")
        found = (await document(one, "silence", "list"))["silences"]
        removed = await said(one, "silence", "remove", found[0]["id"])
        again = await said(one, "silence", "remove", found[0]["id"])
        none = await said(one, "silence", "list")
    assert (far.code, far.err) == (1, "nightporter: to is too late: a silence ends within 30 days.\n")
    assert (added.code, listed.code, removed.code) == (0, 0, 0)
    assert f"nightporter silence remove {found[0]['id']}" in " ".join(added.out.split())
    assert (found[0]["match"], found[0]["by"]) == ({"integration": "payment", "severity": "warning"}, "Ada")
    assert "integration=payment, severity=warning" in listed.out
    assert "new gateway (Ada)" in " ".join(listed.out.split())
    assert (again.code, again.err) == (1, "nightporter: There is no silence with this id.\n")
    assert none.out == "There is no silence.\n"


async def test_what_cannot_be_done_is_a_sentence_and_one(tmp_path: Path) -> None:
    async with vendor() as gateway, porter(tmp_path, payment_only(gateway.url, free_port())) as one:
        silence = ("--for", "2h", "--reason", "x")
        ended = {
            "There is no incident with this id": await said(one, "incidents", "show", "../status"),
            "'soon' is no time": await said(one, "incidents", "ack", "x", "--until", "soon"),
            "'2' is not a duration": await said(one, "incidents", "ack", "x", "--for", "2"),
            "--limit must be": await said(one, "incidents", "--limit", "0"),
            "write KEY=VALUE": await said(one, "silence", "add", "--match", "colour=blue", *silence),
            "no integration 'spa'": await said(one, "silence", "add", "--match", "integration=spa", *silence),
        }
    for words, outcome in ended.items():
        assert (outcome.code, outcome.out) == (1, "")
        assert words in outcome.err


async def test_without_a_porter_everything_ends_with_one(tmp_path: Path) -> None:
    async with porter(tmp_path, payment_only(f"http://127.0.0.1:{free_port()}", 25), start=False) as one:
        for words in (
            ("incidents",),
            ("incidents", "ack", "x"),
            ("silence", "list"),
            ("silence", "remove", "x"),
        ):
            outcome = await said(one, *words)
            assert (outcome.code, outcome.out) == (1, "")
            assert "no porter answers" in outcome.err


async def test_what_is_no_porter_is_none(tmp_path: Path) -> None:
    for body in ("[]", "{}", '{"incidents": [{}], "next": null}', "<html>", '{"incidents": 7}'):
        async with server(http("200 OK", body.encode())) as other:
            config = tmp_path / "c.yml"
            config.write_text(f"hotel: {{id: h, name: H, timezone: UTC}}\nlisten: 127.0.0.1:{other.port}\n")
            outcome = await command("--config", str(config), "incidents")
        assert outcome.code == 1
        assert outcome.err == f"nightporter: what answers on 127.0.0.1:{other.port} is not Night Porter\n"


async def test_the_token_of_the_configuration_opens_the_door(tmp_path: Path) -> None:
    body = "web: {token: let-the-porter-in}\n" + payment_only(f"http://127.0.0.1:{free_port()}", 25)
    async with porter(tmp_path, body) as one:
        known = await said(one, "silence")
        one.write(body.replace("let-the-porter-in", "another"))
        stranger = await said(one, "silence")
    assert known.code == 0
    assert stranger.code == 1
    assert "does not take our token" in stranger.err
