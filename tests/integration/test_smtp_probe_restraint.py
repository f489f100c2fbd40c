"""Nothing locks an account: whatever a server does, and however many checks there are, logins are seldom."""

import asyncio

import pytest

from checks.memory import LOGINS
from checks.result import CheckId, Reason, State
from tests.support.polling import until
from tests.support.smtp_account import Account
from tests.support.smtp_host import mail_host

REFUSED = b"535 5.7.8 Username and Password not accepted\r\n"
THROTTLED = b"454 4.7.0 Too many login attempts, please try again later.\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        b"454 4.7.0 Temporary authentication failure\r\n",
        b"451 4.3.0 busy\r\n",
        b"421 4.7.0 closing\r\n\0",
        b"501 5.7.0 Authentication failed\r\n",
        b"530 5.7.0 Authentication failed\r\n",
        b"554 5.7.0 Authentication failed\r\n",
        b"250 ok\r\n",
        b"999 junk\r\n",
        b"235-half\r\n\0",
        b"2" * 5000,
        b"\0",
    ],
)
async def test_whatever_does_not_let_us_in_holds_back_after_two(answer: bytes) -> None:
    async with mail_host({"AUTH": answer}) as host:
        account = Account(host)
        results = [await account.look(minutes) for minutes in (0, 1, 2, 30, 60)]
        assert host.count("AUTH") == host.connections == 2
        assert len({one.reason for one in results}) == 1
        assert State.OK not in {one.state for one in results}
        assert {"2 refusals in a row" in one.message for one in results[1:]} == {True}
        await account.look(62)
        await account.look(63)
        assert host.count("AUTH") == 3


@pytest.mark.parametrize("answer", [b"", b"235-half\r\n"])
async def test_silence_after_the_login_holds_back_after_two(answer: bytes) -> None:
    async with mail_host({"AUTH": answer}) as host:
        account = Account(host)
        results = [await account.look(minutes, deadline=1.0) for minutes in (0, 1, 2)]
        assert {one.reason for one in results} == {Reason.TIMEOUT}
        assert "gave no answer to the login in time; after 2 refusals" in results[-1].message
        assert host.count("AUTH") == 2


async def test_silence_half_way_through_the_login_holds_back_as_well() -> None:
    answers = {"EHLO": b"250-mail\r\n250 AUTH LOGIN\r\n", "AUTH": b"334 VXNlcm5hbWU6\r\n", "*": b""}
    async with mail_host(answers) as host:
        account = Account(host)
        for minutes in range(4):
            await account.look(minutes, deadline=1.0)
        assert host.count("AUTH") == 2


async def test_a_run_that_is_cancelled_has_tried() -> None:
    async with mail_host({"AUTH": b""}) as host:
        account = Account(host)
        for minutes, tried in enumerate((1, 2)):
            await account.begin(minutes, tried)
        account.restart()
        assert (await account.look(3)).reason is Reason.TIMEOUT
        assert host.count("AUTH") == 2


async def test_a_login_is_remembered_before_the_secret_leaves() -> None:
    async with mail_host({"AUTH": b""}) as host:
        account = Account(host)
        run = asyncio.ensure_future(account.look())
        await until(lambda: host.count("AUTH") == 1, 5, "the login")
        account.restart()
        run.cancel()
        await asyncio.wait((run,))
        (known,) = account.stored["accounts"].values()
        assert (known["refusals"], known["open"]) == (1, True)
        assert (await account.look(0.1)).message == "answers without TLS", "it may be under way"
        await account.begin(1, 2)
        account.restart()
        assert (await account.look(3)).reason is Reason.TIMEOUT
        assert host.count("AUTH") == 2


async def test_a_login_that_worked_is_good_though_the_server_hangs_then() -> None:
    async with mail_host({"NOOP": b""}) as host:
        account = Account(host)
        for minutes in (0, 1):
            assert (await account.look(minutes, deadline=1.0)).reason is Reason.TIMEOUT
        assert (host.connections, host.count("AUTH")) == (2, 1)


IDS = [CheckId(hotel, kind, "login") for hotel in ("h", "g") for kind in ("email", "email2", "own")]


async def test_all_checks_of_one_account_log_in_once() -> None:
    async with mail_host() as host:
        account = Account(host)
        results = [*await account.look_by(*IDS), *await account.look_by(*IDS)]
        assert {one.state for one in results if one} == {State.OK}
        assert (host.count("AUTH"), len(results)) == (1, 12)


async def test_all_checks_of_one_account_are_refused_twice_at_the_most() -> None:
    async with mail_host({"AUTH": REFUSED}) as host:
        account = Account(host)
        await account.look_by(*IDS)
        assert {one.reason for one in await account.look_by(*IDS) if one} == {Reason.CREDENTIALS}
        for minutes in (1, 2, 3):
            await account.look(minutes)
        assert host.count("AUTH") == 2


async def test_a_check_that_goes_or_changes_its_name_takes_nothing_with_it() -> None:
    async with mail_host({"AUTH": REFUSED}) as host:
        account = Account(host)
        for number in range(5):
            renamed = CheckId("h", "email", f"renamed{number}")
            await account.look_by(renamed)
            account.memories.forget([renamed, LOGINS])
        assert host.count("AUTH") == 1


@pytest.mark.parametrize("answer", [REFUSED, THROTTLED, b"\0"])
async def test_who_knows_of_a_failure_from_elsewhere_repeats_it_for_an_hour(answer: bytes) -> None:
    async with mail_host({"AUTH": answer}) as host:
        account = Account(host)
        first = await account.look()
        account.restart(secondhanded=True)
        again = await account.look(50)
        assert (again.state, again.reason) == (first.state, first.reason)
        assert "not tried again before" in again.message
        assert host.count("AUTH") == 1
        await account.look(61)
        assert host.count("AUTH") == 2


async def test_logins_are_forgotten_after_two_hours() -> None:
    async with mail_host() as host:
        account = Account(host)
        for number in range(4):
            await account.look(number * 50, username=f"user{number}")
        assert len(account.stored["accounts"]) == 3
