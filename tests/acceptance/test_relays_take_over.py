"""Relays: the second delivers when the first is dead; STARTTLS with a private authority."""

import signal
from pathlib import Path

from daemon.demo.ports import free_port
from tests.support.inbox import inbox
from tests.support.polling import until
from tests.support.process import command, porter, states
from tests.support.smtp import Authority, post
from tests.support.vendor import vendor

SECRET = "correct horse battery staple"
PEOPLE = """\
mail:
  from: "Night Porter <nightporter@hotel.example>"
  relays:
    - {{host: 127.0.0.1, port: {dead}, security: none}}
    - {{host: 127.0.0.1, port: {alive}, security: none}}
escalation:
  levels: [{{level: 1, role: Support, email: [a@hotel.example]}}]
"""


SECURED = """\
integrations: {{payment: {{url: "{url}", checks: {{health: {{interval: 1s}}}}}}}}
mail:
  from: "Night Porter <nightporter@hotel.example>"
  relays:
    - {{host: localhost, port: {port}, security: starttls, username: porter,
       password_file: {directory}/secret, ca_file: {directory}/ca.pem}}
escalation:
  levels: [{{level: 1, role: Support, email: [a@hotel.example]}}]
"""


async def test_the_second_relay_takes_over_at_the_first_failure_of_the_first(tmp_path: Path) -> None:
    async with vendor() as gateway, inbox() as mails:
        body = f"integrations: {{payment: {{url: '{gateway.url}', checks: {{health: {{interval: 1s}}}}}}}}\n"
        body += PEOPLE.format(dead=free_port(), alive=mails.port)
        async with porter(tmp_path, body) as one:
            await states(one, "payment", "health", "ok")
            gateway.status = 500
            await mails.expect("problem", to="a@hotel.example")
            incident = await one.poll("/api/v1/incidents", lambda found: _sent(found["incidents"][0]))
            assert incident["incidents"][0]["notifications"][0]["attempts"] == 1
            gateway.status = 200
            await mails.expect("resolved", to="a@hotel.example")


async def test_mail_goes_over_starttls_with_a_private_authority_and_a_login(tmp_path: Path) -> None:
    authority = Authority()
    (tmp_path / "ca.pem").write_bytes(authority.pem)
    (tmp_path / "secret").write_text(SECRET + "\n")
    async with vendor() as gateway, post(starttls=authority.server(), login=("porter", SECRET)) as relay:
        body = SECURED.format(url=gateway.url, port=relay.port, directory=tmp_path)
        async with porter(tmp_path, body) as one:
            await states(one, "payment", "health", "ok")
            gateway.status = 500
            await until(lambda: relay.received, 20, "the problem mail")
            gateway.status = 200
            await until(lambda: len(relay.received) == 2, 20, "the resolved mail")
            kinds = [b"X-Nightporter-Kind: " + kind for kind in (b"problem", b"resolved")]
            assert [kind in mail.content for kind, mail in zip(kinds, relay.received, strict=True)] == [
                True
            ] * 2
            assert {mail.recipient for mail in relay.received} == {"a@hotel.example"}
    assert SECRET not in (tmp_path / "porter.log").read_text()


async def test_a_relay_that_nobody_vouches_for_is_told_no_password(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(Authority().pem)
    (tmp_path / "secret").write_text(SECRET)
    async with vendor() as gateway, post(starttls=Authority().server(), login=("porter", SECRET)) as relay:
        body = SECURED.format(url=gateway.url, port=relay.port, directory=tmp_path)
        async with porter(tmp_path, body) as one:
            await states(one, "payment", "health", "ok")
            gateway.status = 500
            answer = await one.poll("/api/v1/incidents", lambda found: _refused(found["incidents"]))
    row = answer["incidents"][0]["notifications"][0]
    assert row["state"] == "pending"
    assert "certificate" in row["last_error"]
    assert (relay.logins, relay.received) == (0, [])


def _refused(incidents: list[dict[str, list[dict[str, str]]]]) -> bool:
    return bool(incidents) and all(row["last_error"] for row in incidents[0]["notifications"])


def _sent(incident: dict[str, list[dict[str, str]]]) -> bool:
    return all(row["state"] == "sent" for row in incident["notifications"])


async def test_a_relay_put_right_by_a_reload_is_tried_at_once(tmp_path: Path) -> None:
    async with vendor() as gateway, inbox() as mails:
        body = f"integrations: {{payment: {{url: '{gateway.url}', checks: {{health: {{interval: 1s}}}}}}}}\n"
        wrong = body + PEOPLE.format(dead=free_port(), alive=free_port())
        right = body + PEOPLE.format(dead=free_port(), alive=mails.port)
        async with porter(tmp_path, wrong) as one:
            await states(one, "payment", "health", "ok")
            gateway.status = 500
            # After the third attempt the next one is half a minute away.
            await one.poll("/api/v1/incidents", lambda found: _attempts(found["incidents"]) >= 3, within=40)
            answer = await one.poll("/api/v1/status", lambda found: found["notifications"]["pending"] == 1)
            assert "connection refused" in answer["notifications"]["last_error"]
            told = await command("--config", str(one.config), "status")
            assert "1 notifications have not gone out" in told.out
            one.write(right)
            one.send(signal.SIGHUP)
            await mails.expect("problem", to="a@hotel.example", within=8)


def _attempts(incidents: list[dict[str, list[dict[str, int]]]]) -> int:
    return incidents[0]["notifications"][0]["attempts"] if incidents else 0
