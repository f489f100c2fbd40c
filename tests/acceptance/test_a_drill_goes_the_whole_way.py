"""drill: a marked test alert goes through a real relay into a real mailbox, and somebody acknowledges it."""

import asyncio
import json
import re
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

from daemon.demo.ports import free_port
from tests.acceptance.bodies import payment_only
from tests.support.dovecot import PASSWORD, Dovecot, dovecot
from tests.support.inbox import Inbox, inbox
from tests.support.process import A, B, Outcome, Porter, command, porter
from tests.support.vendor import vendor

MAILBOX = "drills@hotel.example"
READ_BACK = """
web: {{public_url: "https://porter.hotel.example"}}
drills:
  mailbox:
    address: drills@hotel.example
    host: localhost
    port: {port}
    username: drills
    password_file: {directory}/password
    ca_file: {ca_file}
"""


def body(directory: Path, url: str, relay: int, server: Dovecot) -> str:
    """Return a configuration whose drills are read back."""
    (directory / "password").write_text(PASSWORD)
    found = READ_BACK.format(port=server.secured, directory=directory, ca_file=server.ca_file)
    return payment_only(url, relay) + found


async def said(one: Porter, *words: str) -> Outcome:
    """Return how a command ended."""
    return await command("--config", str(one.config), "drill", *words, within=60)


async def passed_on(mails: Inbox, server: Dovecot) -> EmailMessage:
    """Have the mail that is read back arrive where it is for."""
    mail = await mails.expect("drill", to=MAILBOX)
    (raw,) = (one for one in mails.raw if f"Message-ID: {mail['Message-ID']}".encode() in one)
    server.deliver(raw)
    return mail


def link_of(mail: EmailMessage) -> str:
    """Return where the link of a drill's mail leads to, on whichever host."""
    text = mail.get_body(("plain",))
    assert text is not None
    found = re.search(r"https://porter\.hotel\.example/i/\S+", text.get_content())
    assert found is not None
    return urlsplit(found[0]).path


async def test_a_drill_is_mailed_read_back_acknowledged_and_remembered(tmp_path: Path) -> None:
    async with (
        vendor() as gateway,
        dovecot() as server,
        inbox() as mails,
        porter(tmp_path, body(tmp_path, gateway.url, mails.port, server)) as one,
    ):
        running = asyncio.create_task(
            said(one, "--wait", "50s", "--by", "Ada", "--note", "before the season")
        )
        box = await passed_on(mails, server)
        mail = await mails.expect("drill", to=A)
        await mails.expect("drill", to=B)
        assert mail["Subject"] == "[DRILL] Grand Harbour Hotel: this is a test, nothing is wrong"
        assert mail["X-Nightporter-Severity"] is None
        assert mail["X-Nightporter-Incident"] is None
        assert "/i/d-" not in str(box)
        drill = (await one.poll("/api/v1/drills", _delivered))["drills"][0]
        shown, page = await one.get(link_of(mail))
        before = await one.poll(f"/api/v1/drills/{drill['id']}", lambda found: found)
        acted, thanks = await one.post(link_of(mail), data={"note": "awake"})
        outcome = await running
        listed, late = await said(one, "list"), await said(one, "ack", drill["id"], "--by", "Cem")
        told = await one.incidents()

    assert outcome.code == 0, outcome.err
    assert (shown, acted) == (200, 200)
    assert "This is a drill: nothing is wrong" in page
    assert before["acknowledged_at"] is None
    assert "Thank you, the drill is acknowledged" in thanks
    words = " ".join(outcome.out.split())
    for line in (
        r"a@hotel\.example: accepted by the relay after \d+\.\d s",
        r"its mail is in the mailbox after \d+\.\d s",
        r"Waiting for somebody to acknowledge, 50 s at the most",
        r"It reached everybody it is for\. a@hotel\.example acknowledged it after \d+ s\.",
    ):
        assert re.search(line, words), outcome.out
    assert max(map(len, outcome.out.splitlines())) <= 80
    assert drill["id"] in listed.out
    assert (late.code, "acknowledged already, by a@hotel.example" in " ".join(late.err.split())) == (1, True)
    assert told == []


def _delivered(answer: dict[str, list[dict[str, str]]]) -> bool:
    return bool(answer["drills"]) and answer["drills"][0]["outcome"] == "delivered"


async def test_a_mailbox_that_refuses_delays_nobody_and_is_a_finding_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "password").write_text(PASSWORD)
    found = READ_BACK.format(port=free_port(), directory=tmp_path, ca_file="null")
    async with (
        vendor() as gateway,
        inbox() as mails,
        porter(tmp_path, payment_only(gateway.url, mails.port) + found) as one,
    ):
        began = asyncio.get_running_loop().time()
        running = asyncio.create_task(said(one, "--wait", "50s", "--by", "Ada"))
        mail = await mails.expect("drill", to=A)
        for who in (B, MAILBOX):
            await mails.expect("drill", to=who)
        await one.post(link_of(mail), data={"note": "awake"})
        waited = await running
        took = asyncio.get_running_loop().time() - began
        short = await said(one, "--wait", "6s", "--by", "Ada", "--json")
        for who in (A, B, MAILBOX):
            await mails.expect("drill", to=who)
    words = " ".join(waited.out.split())
    assert waited.code == 0, waited.err
    assert re.search(r"a@hotel\.example acknowledged it after \d+ s\. The mailbox could not be read: ", words)
    assert took < 40, "nobody waits for a mailbox that refuses"
    drill = json.loads(short.out)
    assert (short.code, drill["outcome"], drill["read_back"]) == (0, "running", "waiting")


async def test_a_drill_that_reaches_not_everybody_ends_with_one(tmp_path: Path) -> None:
    async with (
        vendor() as gateway,
        inbox() as mails,
        porter(tmp_path, payment_only(gateway.url, mails.port)) as one,
    ):
        mails.refused[A] = "550 5.1.1 no such user here"
        outcome = await said(one, "--json", "--by", "Ada")
        await mails.expect("drill", to=B)
        warned = await mails.expect("problem", to=B)
        told = await one.incidents()
    drill = json.loads(outcome.out)
    assert (outcome.code, drill["outcome"]) == (1, "undelivered")
    assert "a@hotel.example was not reached" in drill["summary"]
    assert [message["state"] for message in drill["messages"]] == ["dead", "sent"]
    assert f"messages do not reach {A}" in warned["Subject"], "a real alarm would not reach them either"
    assert [incident["cause"] for incident in told] == ["monitor-misconfigured"]


async def test_without_a_porter_and_without_a_level_it_ends_with_one(tmp_path: Path) -> None:
    one = Porter(tmp_path, payment_only(f"http://127.0.0.1:{free_port()}", free_port()))
    alone = await said(one)
    assert (alone.code, "is `nightporter run` up?" in alone.err) == (1, True)
    async with porter(tmp_path, one.body) as awake:
        none = await said(awake, "--level", "3")
        odd = await said(awake, "--wait", "soon")
        hotel = await said(awake, "--hotel", "spa")
    assert (none.code, "This hotel has no level 3; there are: 1." in none.err) == (1, True)
    assert (odd.code, "--wait 'soon'" in odd.err) == (1, True)
    assert (hotel.code, "there is no hotel 'spa'" in hotel.err) == (1, True)


async def test_a_drill_goes_on_over_a_crash(tmp_path: Path) -> None:
    async with (
        vendor() as gateway,
        inbox() as mails,
        porter(tmp_path, payment_only(gateway.url, mails.port)) as one,
    ):
        mails.refuse = "451 4.3.0 try again later"
        asked, answer = await one.post("/api/v1/drills", json={"hotel": "grand-harbour", "by": "Ada"})
        drill = json.loads(answer)
        await one.poll(f"/api/v1/drills/{drill['id']}", _tried)
        await one.kill()
        mails.refuse = None
        await one.start()
        for who in (A, B):
            await mails.expect("drill", to=who)
        found = await one.poll("/api/v1/drills", _delivered)
    assert asked == 201
    assert all(message["attempts"] > 1 for message in found["drills"][0]["messages"])
    assert [message["message_id"] for message in found["drills"][0]["messages"]] == [
        message["message_id"] for message in drill["messages"]
    ]


def _tried(drill: dict[str, list[dict[str, str]]]) -> bool:
    return all("451" in (message["last_error"] or "") for message in drill["messages"])
