"""A mail that was accepted and comes back is a dead letter: the mail server's pipe hands it in."""

from pathlib import Path
from typing import Any

from tests.support.polling import until
from tests.support.process import command, porter, states
from tests.support.smtp import Post, Received, post
from tests.support.vendor import vendor
from tests.unit.test_bounce import postfix

LEAD = "lead@hotel.example"
BODY = """\
integrations: {{payment: {{url: "{url}", checks: {{health: {{interval: 1s}}}}}}}}
mail:
  from: "Night Porter <nightporter@hotel.example>"
  relays: [{{host: 127.0.0.1, port: {port}, security: none}}]
  bounces: {{address: bounces@hotel.example}}
escalation:
  levels:
    - {{level: 1, role: Support, email: [a@hotel.example]}}
    - {{level: 2, role: Lead, email: [lead@hotel.example]}}
"""


def of(relay: Post, recipient: str) -> list[Received]:
    """Return what was sent to somebody."""
    return [one for one in relay.received if one.recipient == recipient]


def first(answer: Any) -> dict[str, Any]:
    """Return the letter to level 1 about the fault."""
    (fault,) = [one for one in answer["incidents"] if one["integrations"] == ["payment"]]
    (letter,) = [one for one in fault["notifications"] if one["recipient"] == "a@hotel.example"]
    return dict(letter)


def other_than(address: str) -> str:
    """Return an address that looks like one of ours, and is none."""
    name, _, domain = address.partition("@")
    return f"{name[:-1]}{'0' if name[-1] != '0' else '1'}@{domain}"


async def test_a_bounce_makes_a_dead_letter_and_the_next_level_is_told(tmp_path: Path) -> None:
    async with vendor() as gateway, post() as relay:
        async with porter(tmp_path, BODY.format(url=gateway.url, port=relay.port)) as one:
            await states(one, "payment", "health", "ok")
            gateway.status = 503
            await until(lambda: of(relay, "a@hotel.example"), 20, "the problem mail")
            (sent,) = of(relay, "a@hotel.example")
            assert sent.sender.startswith("bounces+")
            assert b"bounces+" not in sent.content
            await one.poll("/api/v1/incidents", lambda found: first(found)["state"] == "sent")
            pipe = ("--config", str(one.config), "bounce")

            late = await command(*pipe, stdin=postfix("delayed", "4.4.1", sent.sender))
            assert (late.code, "is late" in late.out) == (0, True)
            failed = await command(*pipe, stdin=postfix(to=sent.sender))
            assert (failed.code, "is given up" in failed.out) == (0, True)
            letter = first(await one.poll("/api/v1/incidents", lambda found: first(found)["state"] == "dead"))
            assert letter["last_error"].startswith("bounced: team@hotel.example: 5.1.1 550 5.1.1")
            await until(lambda: of(relay, LEAD), 20, "the next level to be told")

            again = await command(*pipe, stdin=postfix(to=sent.sender))
            assert (again.code, "was given up before" in again.out) == (0, True)
            forged = await command(*pipe, other_than(sent.sender), stdin=postfix(to="x@y.example"))
            assert (forged.code, "names no letter" in forged.out) == (0, True)
            gateway.status = 200
            await one.poll("/api/v1/incidents?state=resolved", lambda found: found["incidents"])
        nobody = await command(*pipe, stdin=postfix(to=sent.sender))
        assert (nobody.code, "no porter answers" in nobody.err) == (75, True)


async def test_what_no_mail_server_can_help_is_ignored(tmp_path: Path) -> None:
    config = tmp_path / "c.yml"
    head = "hotel: {id: h, name: H, timezone: UTC}\nlisten: 127.0.0.1:1\n"
    config.write_text(head + BODY.format(url="http://127.0.0.1:1", port=1))
    to = "bounces+0123456789abcdef01.0123456789abcdef@hotel.example"
    away = f"To: {to}\nSubject: Out of office\n\nI am away.\n".encode()
    for mail, why in (
        (away, "it is no report of a delivery that failed or is late"),
        (b"", "no address of the form bounces+LETTER@hotel.example is in it"),
        (b"\x00\xff" * 2_000_000, "no address of the form"),
    ):
        found = await command("--config", str(config), "bounce", stdin=mail)
        assert (found.code, found.err) == (0, "")
        assert found.out.startswith(f"nightporter: this mail is ignored: {why}")
    told = {"ORIGINAL_RECIPIENT": to}
    assert (await command("--config", str(config), "bounce", stdin=postfix(to="x@y.z"), env=told)).code == 75


async def test_a_configuration_that_cannot_be_used_leaves_the_mail_to_the_server(tmp_path: Path) -> None:
    config = tmp_path / "c.yml"
    config.write_text("hotel: {id: h, name: H, timezone: UTC}\n")
    without = await command("--config", str(config), "bounce", stdin=postfix())
    assert (without.code, "mail.bounces is not configured" in without.err) == (75, True)
    missing = await command("--config", str(tmp_path / "none.yml"), "bounce", stdin=postfix())
    assert missing.code == 75
