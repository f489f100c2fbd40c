"""SIGKILL at several moments: what was committed is delivered, once, and the incident goes on."""

import asyncio
from functools import partial
from pathlib import Path

from daemon.demo.ports import free_port
from tests.acceptance.bodies import payment_only
from tests.support.inbox import inbox
from tests.support.polling import until
from tests.support.process import A, B, porter, states
from tests.support.vendor import Vendor, vendor


async def test_a_letter_that_could_not_be_sent_survives_the_crash(tmp_path: Path) -> None:
    relay = free_port()
    async with vendor() as gateway, porter(tmp_path, payment_only(gateway.url, relay)) as one:
        await states(one, "payment", "health", "ok")
        gateway.status = 503
        await one.poll("/api/v1/incidents", lambda answer: len(answer["incidents"]) == 1)
        before = (await one.incidents())[0]
        await one.kill()
        async with inbox(relay) as mails:
            await one.start()
            problem = await mails.expect("problem", to=A)
            await mails.expect("problem", to=B)
            assert problem["X-Nightporter-Incident"] == before["id"]
            assert problem["Message-ID"] in {row["message_id"] for row in before["notifications"]}
            gateway.status = 200
            for who in (A, B):
                await mails.expect("resolved", to=who)


async def test_a_crash_in_the_middle_of_an_incident_repeats_nothing(tmp_path: Path) -> None:
    async with (
        vendor() as gateway,
        inbox() as mails,
        porter(tmp_path, payment_only(gateway.url, mails.port)) as one,
    ):
        await states(one, "payment", "health", "ok")
        gateway.status = 503
        for who in (A, B):
            await mails.expect("problem", to=who)
        await one.poll("/api/v1/incidents", lambda answer: _all_sent(answer["incidents"][0]))
        await one.kill()
        asked = gateway.requests["/v1/status"]
        await one.start()
        await until(lambda: gateway.requests["/v1/status"] >= asked + 3, 15, "the porter to look on")
        assert [incident["state"] for incident in await one.incidents()] == ["open"]
        gateway.status = 200
        for who in (A, B):
            await mails.expect("resolved", to=who)


async def test_an_end_that_came_while_the_porter_was_dead_is_told(tmp_path: Path) -> None:
    async with (
        vendor() as gateway,
        inbox() as mails,
        porter(tmp_path, payment_only(gateway.url, mails.port)) as one,
    ):
        await states(one, "payment", "health", "ok")
        gateway.status = 503
        for who in (A, B):
            await mails.expect("problem", to=who)
        await one.poll("/api/v1/incidents", lambda answer: _all_sent(answer["incidents"][0]))
        await one.kill()
        gateway.status = 200
        await one.start()
        for who in (A, B):
            await mails.expect("resolved", to=who)


async def test_a_crash_while_the_relay_is_silent_in_data_delivers_after_all(tmp_path: Path) -> None:
    async with (
        vendor() as gateway,
        inbox() as mails,
        porter(tmp_path, payment_only(gateway.url, mails.port)) as one,
    ):
        await states(one, "payment", "health", "ok")
        mails.stall = asyncio.Event()
        mails.refuse = "451 not now"
        gateway.status = 503
        await one.poll("/api/v1/incidents", lambda answer: _being_sent(answer["incidents"]))
        await one.kill()
        mails.stall.set()
        mails.refuse = None
        await one.start()
        for who in (A, B):
            await mails.expect("problem", to=who)
        gateway.status = 200
        for who in (A, B):
            await mails.expect("resolved", to=who)


async def test_a_crash_between_the_final_dot_and_our_mark_repeats_the_same_bytes(tmp_path: Path) -> None:
    async with (
        vendor() as gateway,
        inbox() as mails,
        porter(tmp_path, payment_only(gateway.url, mails.port)) as one,
    ):
        await states(one, "payment", "health", "ok")
        mails.hold = asyncio.Event()
        gateway.status = 503
        await until(lambda: mails.raw, 20, "a mail that is kept and not yet answered")
        await one.kill()
        mails.hold = None
        await one.start()
        await one.poll("/api/v1/incidents", lambda answer: _all_told(answer["incidents"]))
        assert len(mails.raw) > len(set(mails.raw)) == 2, "a repeat is the same message"
        assert {mail["To"] for mail in mails.take()} == {A, B}
        gateway.status = 200
        for who in (A, B):
            await mails.expect("resolved", to=who)


async def test_crashing_again_and_again_tells_each_person_one_story(tmp_path: Path) -> None:
    async with (
        vendor() as gateway,
        inbox() as mails,
        porter(tmp_path, payment_only(gateway.url, mails.port)) as one,
    ):
        await states(one, "payment", "health", "ok")
        gateway.status = 503
        for looks in (2, 3, 0):
            gateway.requests.clear()
            await until(partial(_looked, gateway, looks), 15, "some looks")
            await one.kill()
            await one.start()
        await one.poll("/api/v1/incidents", lambda answer: _all_told(answer["incidents"]))
        gateway.status = 200
        await one.poll("/api/v1/incidents?state=resolved", lambda answer: _all_told(answer["incidents"]))
        incidents = await one.incidents()
        told = mails.take()

    assert len(incidents) == 1
    for who in (A, B):
        kinds = [str(mail["X-Nightporter-Kind"]) for mail in told if mail["To"] == who]
        assert list(dict.fromkeys(kinds)) == ["problem", "resolved"]
    assert len(set(mails.raw)) == 4, "a repeat, if there is one, is the same bytes"


async def test_a_problem_nobody_was_told_of_yet_becomes_one_resolved_mail(tmp_path: Path) -> None:
    relay = free_port()
    async with vendor() as gateway, porter(tmp_path, payment_only(gateway.url, relay)) as one:
        await states(one, "payment", "health", "ok")
        gateway.status = 503
        await one.poll("/api/v1/incidents", lambda answer: len(answer["incidents"]) == 1)
        gateway.status = 200
        await one.poll("/api/v1/incidents?state=resolved", lambda answer: len(answer["incidents"]) == 1)
        async with inbox(relay) as mails:
            await one.kill()
            await one.start()
            for who in (A, B):
                story = await mails.expect("resolved", to=who)
                body = story.get_body(("plain",))
                assert body is not None
                assert "503" in body.get_content()


def _looked(gateway: Vendor, times: int) -> bool:
    return gateway.requests.total() >= times


def _all_sent(incident: dict[str, list[dict[str, str]]]) -> bool:
    return {row["state"] for row in incident["notifications"]} == {"sent"}


def _all_told(incidents: list[dict[str, list[dict[str, str]]]]) -> bool:
    return bool(incidents) and _all_sent(incidents[0])


def _being_sent(incidents: list[dict[str, list[dict[str, int]]]]) -> bool:
    return bool(incidents) and all(row["attempts"] >= 1 for row in incidents[0]["notifications"])
