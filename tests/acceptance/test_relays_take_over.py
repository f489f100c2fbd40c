"""Relays: the second delivers when the first is dead; STARTTLS with a private authority."""

from pathlib import Path

from tests.support.inbox import inbox
from tests.support.process import free_port, porter, states
from tests.support.vendor import vendor

PEOPLE = """\
mail:
  from: "Night Porter <nightporter@hotel.example>"
  relays:
    - {{host: 127.0.0.1, port: {dead}, security: none}}
    - {{host: 127.0.0.1, port: {alive}, security: none}}
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
            incident = await one.poll("/api/v1/incidents", lambda answer: _sent(answer["incidents"][0]))
            assert incident["incidents"][0]["notifications"][0]["attempts"] == 1
            gateway.status = 200
            await mails.expect("resolved", to="a@hotel.example")


def _sent(incident: dict[str, list[dict[str, str]]]) -> bool:
    return all(row["state"] == "sent" for row in incident["notifications"])
