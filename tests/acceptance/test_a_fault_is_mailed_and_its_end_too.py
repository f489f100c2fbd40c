"""A vendor fails and heals: each person of level 1 gets one problem mail and one resolved mail."""

from email.message import EmailMessage
from pathlib import Path

from tests.acceptance.bodies import payment_only
from tests.support.inbox import inbox
from tests.support.process import A, B, porter, states
from tests.support.vendor import vendor


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def all_sent(answer: dict[str, list[dict[str, list[dict[str, str]]]]]) -> bool:
    """Say whether it is written down of every mail that it has gone out."""
    return all(row["state"] == "sent" for row in answer["incidents"][0]["notifications"])


async def test_one_problem_mail_and_one_resolved_mail_each(tmp_path: Path) -> None:
    async with (
        vendor() as gateway,
        inbox() as mails,
        porter(tmp_path, payment_only(gateway.url, mails.port)) as one,
    ):
        await states(one, "payment", "health", "ok")
        gateway.status = 503
        problem = await mails.expect("problem", to=A)
        other = await mails.expect("problem", to=B)
        incident = (await one.incidents())[0]
        gateway.status = 200
        resolved = await mails.expect("resolved", to=A)
        resolved_other = await mails.expect("resolved", to=B)
        found = await one.poll("/api/v1/incidents", all_sent)
        ended = found["incidents"][0]

    assert problem["X-Nightporter-Hotel"] == "grand-harbour"
    assert problem["X-Nightporter-Integration"] == "payment"
    assert problem["X-Nightporter-Incident"] == incident["id"]
    assert problem["X-Nightporter-Severity"] == "critical"
    assert problem["X-Nightporter-Level"] == "1"
    assert problem["X-Nightporter-Criteria"] == "critical-system-down"
    assert problem["X-Nightporter-Cause"] == incident["cause"]
    assert problem["Auto-Submitted"] == "auto-generated"
    assert problem["X-Auto-Response-Suppress"] == "All"
    assert problem["Subject"].startswith("[CRITICAL] Grand Harbour Hotel: payment: ")
    assert [part.get_content_type() for part in problem.iter_parts()] == ["text/plain", "text/html"]
    assert "payment" in text_of(problem).splitlines()[0]

    assert problem["In-Reply-To"] is None
    for later in (other, resolved, resolved_other):
        assert later["In-Reply-To"] == problem["Message-ID"]
        assert problem["Message-ID"] in later["References"]
    identities = {mail["Message-ID"] for mail in (problem, other, resolved, resolved_other)}
    assert len(identities) == 4

    assert (incident["state"], ended["state"]) == ("open", "resolved")
    assert ended["id"] == incident["id"]
    assert len(ended["notifications"]) == 4


async def test_coming_back_within_a_day_continues_the_thread_one_epoch_on(tmp_path: Path) -> None:
    async with (
        vendor() as gateway,
        inbox() as mails,
        porter(tmp_path, payment_only(gateway.url, mails.port)) as one,
    ):
        await states(one, "payment", "health", "ok")
        gateway.status = 503
        first = await mails.expect("problem", to=A)
        await mails.expect("problem", to=B)
        gateway.status = 200
        for who in (A, B):
            await mails.expect("resolved", to=who)
        gateway.status = 503
        again = await mails.expect("problem", to=A)
        await mails.expect("problem", to=B)
        incidents = await one.incidents()

    assert [(found["id"], found["epoch"]) for found in incidents] == [(first["X-Nightporter-Incident"], 2)]
    assert again["X-Nightporter-Incident"] == first["X-Nightporter-Incident"]
    assert again["In-Reply-To"] == first["Message-ID"]
    assert again["Message-ID"] != first["Message-ID"]


async def test_a_rate_limit_is_a_warning_and_is_obeyed(tmp_path: Path) -> None:
    async with (
        vendor() as gateway,
        inbox() as mails,
        porter(tmp_path, payment_only(gateway.url, mails.port)) as one,
    ):
        await states(one, "payment", "health", "ok")
        gateway.headers = {"Retry-After": "2"}
        gateway.status = 429
        problem = await mails.expect("problem", to=A)
        await mails.expect("problem", to=B)
        asked = gateway.requests["/v1/status"]
        gateway.status = 200
        gateway.headers = {}
        for who in (A, B):
            await mails.expect("resolved", to=who)
        opened = (await one.incidents())[0]

    assert problem["X-Nightporter-Severity"] == "warning"
    assert problem["X-Nightporter-Cause"] == "rate-limited"
    assert opened["severity"] == "warning"
    assert asked >= 2
