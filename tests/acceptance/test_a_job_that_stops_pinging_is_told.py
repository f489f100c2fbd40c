"""A watched job pings; when it falls silent or says that it failed people are told, and when it is back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from email.message import EmailMessage
from pathlib import Path

from tests.support.inbox import inbox
from tests.support.process import PEOPLE, A, B, Porter, porter, states

SEDATE = "interval: 2s, grace: 60s"
PATH = "/api/v1/heartbeats/grand-harbour/backups/nightly"


def watching(relay: int, pace: str = "interval: 2s, grace: 1s") -> str:
    """Return a configuration that waits for the pings of a nightly job."""
    check = f"{{type: heartbeat, {pace}}}"
    return f"integrations: {{backups: {{kind: generic, checks: {{nightly: {check}}}}}}}\n" + PEOPLE.format(
        relay=relay
    )


@asynccontextmanager
async def pinging(one: Porter) -> AsyncIterator[None]:
    """Have the job ping while the context lasts."""

    stop = asyncio.Event()

    async def job() -> None:
        while not stop.is_set():
            assert (await one.post(PATH))[0] == 200
            with suppress(TimeoutError):
                async with asyncio.timeout(0.3):
                    await stop.wait()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(job())
        try:
            yield
        finally:
            stop.set()


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


async def test_silence_is_told_and_its_end_too(tmp_path: Path) -> None:
    async with inbox() as mails, porter(tmp_path, watching(mails.port)) as one:
        async with pinging(one):
            await states(one, "backups", "nightly", "ok")
        problem = await mails.expect("problem", to=A)
        await mails.expect("problem", to=B)
        assert problem["X-Nightporter-Integration"] == "backups"
        assert "the last ping came" in text_of(problem)
        async with pinging(one):
            for who in (A, B):
                await mails.expect("resolved", to=who)


async def test_a_job_that_says_it_failed_is_told_at_once_in_its_words(tmp_path: Path) -> None:
    async with inbox() as mails, porter(tmp_path, watching(mails.port, SEDATE)) as one:
        said = {"status": "failed", "message": "pg_dump: disk full\r\nBcc: all@hotel.example"}
        assert (await one.post(PATH, json=said))[0] == 200
        problem = await mails.expect("problem", to=A)
        await mails.expect("problem", to=B)
        assert "the job says that it failed: pg_dump: disk full" in text_of(problem)
        assert problem["Bcc"] is None
        assert (await one.post(PATH))[0] == 200
        for who in (A, B):
            await mails.expect("resolved", to=who)


async def test_an_answered_ping_outlives_a_crash(tmp_path: Path) -> None:
    async with inbox() as mails, porter(tmp_path, watching(mails.port, SEDATE)) as one:
        await one.poll("/api/v1/status", lambda answer: "no ping is known of yet" in str(answer))
        assert (await one.post(PATH))[0] == 200
        await one.kill()
        await one.start()
        await states(one, "backups", "nightly", "ok")


async def test_only_heartbeats_can_be_pinged(tmp_path: Path) -> None:
    async with inbox() as mails, porter(tmp_path, watching(mails.port)) as one:
        assert (await one.post(PATH + "x"))[0] == 404
        assert (await one.post(PATH, data="status: ok"))[0] == 400
        assert (await one.post(PATH, headers={"X-Forwarded-For": "10.0.0.9"}))[0] == 403
        assert (await one.get(PATH))[0] == 405
