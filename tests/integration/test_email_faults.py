"""Relays that drop, drip and fall silent: how long that takes, what it means, and who takes over."""

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import replace

import pytest

from alerts.attempt import Claim
from alerts.notification import DeliveryReason
from alerts.notifiers.email import Limits, MailRoute
from checks.lookup import Address, Lookups, system
from tests.support.process import free_port
from tests.support.sending import HURRIED, PATIENT, SENDER, STEADY, Noted, hand, letter, refused, relay
from tests.support.smtp import Trick, post, scripted

STEPS = ["", "EHLO", "MAIL", "RCPT", "DATA", "."]


@pytest.mark.parametrize("step", STEPS)
async def test_a_relay_that_falls_silent_is_given_up(step: str) -> None:
    async with scripted({step: Trick.HANG}) as server:
        noted = Noted()
        error = await refused(relay(server.port), limits=HURRIED, progress=noted)
    assert (error.reason, error.permanent) == (DeliveryReason.TIMEOUT, False)
    assert noted.told == (["handing over"] if step in {"DATA", "."} else [])


@pytest.mark.parametrize("step", STEPS)
async def test_a_relay_that_drops_the_connection_is_connection_trouble(step: str) -> None:
    async with scripted({step: Trick.DROP}) as server:
        error = await refused(relay(server.port))
    assert (error.reason, error.permanent) == (DeliveryReason.CONNECT, False)
    assert len(server.messages) == (step == ".")


@pytest.mark.parametrize("step", STEPS)
async def test_a_relay_that_drips_is_given_up(step: str) -> None:
    async with scripted({step: Trick.DRIP}) as server:
        error = await refused(relay(server.port), limits=HURRIED)
    assert error.reason is DeliveryReason.TIMEOUT


@pytest.mark.parametrize("farewell", [Trick.HANG, Trick.DROP, Trick.DRIP, "500 stay", "nonsense"])
async def test_trouble_at_the_farewell_is_no_failure(farewell: str | Trick) -> None:
    async with scripted({"QUIT": farewell}) as server:
        noted = await hand(relay(server.port), limits=HURRIED)
    assert noted.told == ["handing over", "taken"]


async def test_a_farewell_that_hangs_past_the_conversations_end_is_no_failure() -> None:
    async with scripted({"QUIT": Trick.HANG}) as server:
        limits = Limits(answer=5.0, envelope=5.0, conversation=0.5, farewell=1.0)
        noted = await hand(relay(server.port), limits=limits)
    assert noted.told == ["handing over", "taken"]


async def test_a_cancellation_during_the_farewell_comes_after_the_message_was_taken() -> None:
    async with scripted({"QUIT": Trick.HANG}) as server:
        noted = Noted()
        task = asyncio.create_task(hand(relay(server.port), progress=noted))
        await asyncio.wait_for(noted.taken_now.wait(), 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert noted.told == ["handing over", "taken"]


@pytest.mark.parametrize("step", ["", "EHLO", "MAIL", "RCPT"])
@pytest.mark.parametrize("trick", [Trick.DROP, Trick.HANG, Trick.DRIP])
async def test_the_second_relay_takes_over_whatever_ails_the_first(step: str, trick: Trick) -> None:
    async with scripted({step: trick}) as first, post() as second:
        noted = await hand(relay(first.port), relay(second.port), limits=HURRIED)
    assert len(second.received) == 1
    assert noted.by == f"127.0.0.1:{second.port}"


async def test_the_second_relay_takes_over_from_one_that_is_not_there() -> None:
    async with post() as second:
        await hand(relay(free_port()), relay(second.port))
    assert len(second.received) == 1


async def test_the_second_relay_takes_over_from_one_that_refuses_our_login() -> None:
    answers: dict[str, str | Trick] = {"EHLO": "250-scripted.test\r\n250 AUTH PLAIN", "AUTH": "535 no"}
    async with scripted(answers) as first, post() as second:
        await hand(
            relay(first.port, username="u", password="p", allow_plaintext_auth=True), relay(second.port)
        )
    assert len(second.received) == 1


async def test_the_second_relay_is_not_asked_when_the_first_delivers() -> None:
    async with post() as first, scripted() as second:
        await hand(relay(first.port), relay(second.port))
    assert len(first.received) == 1
    assert second.commands == []


async def test_a_recipient_refused_for_good_is_not_offered_elsewhere() -> None:
    async with post() as first, post() as second:
        first.on_rcpt = ["550 5.1.1 no such user"]
        error = await refused(relay(first.port), relay(second.port))
    assert error.permanent
    assert second.offered == []


async def test_a_content_refused_by_one_relay_is_offered_to_the_next() -> None:
    async with scripted({".": "554 5.7.1 looks like spam"}) as first, post() as second:
        await hand(relay(first.port), relay(second.port))
    assert len(second.received) == 1


async def test_a_content_that_every_relay_refuses_is_refused_for_good() -> None:
    refusal: dict[str, str | Trick] = {".": "554 5.7.1 looks like spam"}
    async with scripted(refusal) as first, scripted(refusal) as second:
        error = await refused(relay(first.port), relay(second.port))
    assert (error.reason, error.permanent) == (DeliveryReason.CONTENT_REFUSED, True)


async def test_a_content_that_one_relay_refuses_is_kept_while_another_cannot_say() -> None:
    async with scripted({".": "554 5.7.1 looks like spam"}) as first:
        error = await refused(relay(first.port), relay(free_port()))
    assert (error.reason, error.permanent) == (DeliveryReason.CONNECT, False)


async def test_relays_whose_names_hang_hold_up_no_other() -> None:
    release = threading.Event()

    def look_up(host: str) -> Sequence[Address]:
        release.wait(20)
        return system(host)

    try:
        async with post() as willing:
            silent = [relay(25).model_copy(update={"host": f"relay{number}.test"}) for number in range(8)]
            limits = replace(PATIENT, answer=0.05, envelope=0.1)
            route = MailRoute((*silent, relay(willing.port)), SENDER, Lookups(look_up), STEADY, limits)
            await route(Claim(letter(), "token"), Noted())
            assert len(willing.received) == 1
    finally:
        release.set()


async def test_a_refusal_for_good_by_the_second_relay_counts_too() -> None:
    async with scripted({"": "421 busy"}) as first, post() as second:
        second.on_rcpt = ["550 5.1.1 no such user"]
        error = await refused(relay(first.port), relay(second.port))
    assert (error.reason, error.permanent) == (DeliveryReason.RECIPIENT_REFUSED, True)


async def test_when_all_relays_fail_each_is_named() -> None:
    async with scripted({"": "421 busy"}) as first:
        error = await refused(relay(first.port), relay(free_port()), limits=PATIENT)
    assert error.reason is DeliveryReason.CONNECT
    assert "421 busy; 127.0.0.1: " in error.detail


async def test_no_relay_at_all_is_a_fault_of_ours() -> None:
    error = await refused()
    assert (error.reason, error.permanent) == (DeliveryReason.INTERNAL, False)
