"""An address that is refused for good is told of to the others, once, until it is put right."""

from email.message import EmailMessage
from pathlib import Path
from typing import Any

from tests.acceptance.bodies import payment_only
from tests.support.inbox import Inbox, inbox
from tests.support.polling import until
from tests.support.process import A, B, Porter, porter, states
from tests.support.vendor import vendor

NO_SUCH_USER = "550 5.1.1 no such user here"
LEAD = "lead@hotel.example"
ONE_EACH = """\
escalation:
  levels:
    - {{level: 1, role: Support, email: [{first}]}}
    - {{level: 2, role: Lead, email: [{second}]}}
"""


async def both(mails: Inbox) -> dict[str, EmailMessage]:
    """Return, and take out, the two mails that tell of the fault and of the refusal, by integration."""
    await until(lambda: len(mails.mails) == 2, 40, f"two mails; there are {mails.subjects()}")
    told = {mail["X-Nightporter-Integration"]: mail for mail in mails.take()}
    assert set(told) == {"payment", "network"}
    return told


async def of_cause(one: Porter, cause: str) -> Any:
    """Return the one incident of a cause, once there is one."""
    found = await one.poll("/api/v1/incidents", lambda all_: [_of(all_, cause)] if _of(all_, cause) else None)
    return _of(found, cause)


def _of(answer: Any, cause: str) -> Any:
    return next((incident for incident in answer["incidents"] if incident["cause"] == cause), None)


async def test_the_others_hear_of_the_fault_and_of_whom_it_does_not_reach(tmp_path: Path) -> None:
    async with vendor() as gateway, inbox() as mails:
        mails.refused[A] = NO_SUCH_USER
        body = payment_only(gateway.url, mails.port)
        async with porter(tmp_path, body) as one:
            await states(one, "payment", "health", "ok")
            gateway.status = 503
            told = await both(mails)
            assert {(mail["X-Nightporter-Kind"], mail["To"]) for mail in told.values()} == {("problem", B)}
            warning = told["network"]
            assert warning["X-Nightporter-Cause"] == "monitor-misconfigured"
            assert warning["Subject"] == (
                f"[WARNING] Grand Harbour Hotel: Night Porter's messages do not reach {A}"
            )
            text = warning.get_body(("plain",))
            assert text is not None
            assert NO_SUCH_USER in " ".join(text.get_content().split())
            opened = await of_cause(one, "monitor-misconfigured")
            assert (opened["severity"], opened["integrations"]) == ("warning", ["network"])
            assert opened["checks"] == ["grand-harbour/network/mail"]
            await one.poll("/api/v1/incidents", _all_settled)
            gateway.status = 200
            assert (await mails.expect("resolved", to=B))["X-Nightporter-Integration"] == "payment"
            one.write(body.replace(f"{A}, {B}", B))
            assert (await one.post("/-/reload"))[0] == 200
            over = await mails.expect("resolved", to=B)
            assert over["X-Nightporter-Incident"] == opened["id"]
            assert len(await one.incidents()) == 2
            assert mails.offered[A] == 1, "for the fault, and not to be told that it is not told"


async def test_it_ends_when_a_later_message_is_taken(tmp_path: Path) -> None:
    async with vendor() as gateway, inbox() as mails:
        mails.refused[A] = NO_SUCH_USER
        async with porter(tmp_path, payment_only(gateway.url, mails.port)) as one:
            await states(one, "payment", "health", "ok")
            gateway.status = 503
            await both(mails)
            await one.poll("/api/v1/incidents", _all_settled)
            gateway.status = 200
            await mails.expect("resolved", to=B)
            mails.refused.clear()
            gateway.status = 503
            for who in (A, B):
                await mails.expect("problem", to=who)
            over = await mails.expect("resolved", to=B, within=45)
            assert over["X-Nightporter-Cause"] == "monitor-misconfigured"
            assert mails.offered[A] == 2


async def test_a_level_with_nobody_left_passes_to_the_next(tmp_path: Path) -> None:
    async with vendor() as gateway, inbox() as mails:
        mails.refused[A] = NO_SUCH_USER
        body = payment_only(gateway.url, mails.port)
        body = body[: body.index("escalation:")] + ONE_EACH.format(first=A, second=LEAD)
        async with porter(tmp_path, body) as one:
            await states(one, "payment", "health", "ok")
            gateway.status = 503
            told = await both(mails)
            found = await one.poll("/api/v1/incidents", _all_settled)
            assert len(found["incidents"]) == 2
            assert mails.offered[A] == 2
            assert {(mail["X-Nightporter-Kind"], mail["To"]) for mail in told.values()} == {
                ("escalation", LEAD)
            }


def _all_settled(answer: Any) -> bool:
    """Say whether it is decided of every letter what became of it."""
    letters = [letter for incident in answer["incidents"] for letter in incident["notifications"]]
    return bool(letters) and all(letter["state"] in {"sent", "dead"} for letter in letters)
