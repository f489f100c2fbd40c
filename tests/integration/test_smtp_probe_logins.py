"""How often is logged in: hourly, and after two refusals not until an hour has passed."""

import json
from typing import Any

import pytest

from checks.memory import LOGINS
from checks.result import Reason, Sign, State
from tests.support.smtp_account import Account
from tests.support.smtp_host import mail_host

REFUSED = b"535 5.7.8 Username and Password not accepted\r\n"
APP_PASSWORD = b"534 5.7.9 Application-specific password required\r\n"
THROTTLED = b"454 4.7.0 Too many login attempts, please try again later.\r\n"


async def test_two_refusals_hold_back_for_an_hour() -> None:
    async with mail_host({"AUTH": REFUSED}) as host:
        account = Account(host)
        first, second = await account.look(), await account.look(1)
        assert (first.reason, host.count("AUTH")) == (Reason.CREDENTIALS, 2)
        assert "not tried again" not in first.message
        assert "after 2 refusals in a row it is not tried again before" in second.message
        for minutes in (2, 30, 60):
            held = await account.look(minutes)
            assert (held.state, held.reason, held.decisive) == (State.CRITICAL, Reason.CREDENTIALS, True)
            assert held.message == second.message
        assert (host.connections, host.count("AUTH")) == (2, 2)
        again = await account.look(62)
        assert (again.reason, host.count("AUTH")) == (Reason.CREDENTIALS, 3)
        await account.look(63)
        assert (host.connections, host.count("AUTH")) == (3, 3)


async def test_what_holds_back_survives_a_restart() -> None:
    async with mail_host({"AUTH": REFUSED}) as host:
        account = Account(host)
        before = [await account.look(), await account.look(1)][-1]
        account.restart()
        assert (await account.look(5)).message == before.message
        assert host.connections == 2


@pytest.mark.parametrize(
    ("answer", "sign"), [(THROTTLED, Sign.LOGIN_THROTTLED), (APP_PASSWORD, Sign.APP_PASSWORD_NEEDED)]
)
async def test_what_holds_back_is_the_same_sign_all_the_time(answer: bytes, sign: Sign) -> None:
    async with mail_host({"AUTH": answer}) as host:
        account = Account(host)
        seen = [await account.look(minutes) for minutes in (0, 1, 2)]
        account.restart()
        seen.append(await account.look(5))
        assert [one.signs for one in seen] == [{sign}] * 4
        assert host.connections == 2


async def test_the_second_try_is_not_made_at_once() -> None:
    async with mail_host({"AUTH": REFUSED}) as host:
        account = Account(host)
        seen = {(await account.look(minutes)).message for minutes in (0, 0.1, 0.3, 0.4)}
        assert (len(seen), host.count("AUTH")) == (1, 1)


@pytest.mark.parametrize("changed", [{"password": "new"}, {"username": "other"}, {"host": "localhost"}])
async def test_a_changed_configuration_is_tried_at_once(changed: dict[str, Any]) -> None:
    async with mail_host({"AUTH": REFUSED}) as host:
        account = Account(host)
        await account.look()
        await account.look(1)
        assert (await account.look(2, **changed)).message.endswith("(535 5.7.8)")
        assert host.count("AUTH") == 3
        assert "not tried again" in (await account.look(3)).message, "the old one is not forgotten either"
        assert host.count("AUTH") == 3


async def test_too_many_logins_hold_back_as_well_and_stay_a_warning() -> None:
    async with mail_host({"AUTH": THROTTLED}) as host:
        account = Account(host)
        for minutes in range(4):
            result = await account.look(minutes)
            assert (result.state, result.reason) == (State.WARNING, Reason.RATE_LIMITED)
            assert "too many login attempts" in result.message
            assert not result.decisive
        assert host.connections == 2


async def test_a_login_that_worked_is_not_repeated_within_the_hour() -> None:
    async with mail_host() as host:
        account = Account(host)
        assert "it let us log in at" not in (await account.look()).message
        for minutes in (5, 55):
            result = await account.look(minutes)
            assert (result.state, "; it let us log in at" in result.message) == (State.OK, True)
        assert (host.connections, host.count("AUTH"), host.count("NOOP")) == (3, 1, 3)
        await account.look(60)
        assert host.count("AUTH") == 2


async def test_a_login_that_works_again_wipes_the_slate() -> None:
    async with mail_host({"AUTH": REFUSED}) as host:
        account = Account(host)
        await account.look()
        host.answers = {**host.answers, "AUTH": b"235 welcome\r\n"}
        assert (await account.look(1)).state is State.OK
        host.answers = {**host.answers, "AUTH": REFUSED}
        assert "not tried again" not in (await account.look(61)).message


async def test_a_refusal_after_the_login_is_none_of_the_login() -> None:
    async with mail_host({"NOOP": b"421 4.7.0 Too many login attempts\r\n"}) as host:
        account = Account(host)
        assert (await account.look()).reason is Reason.RATE_LIMITED
        (known,) = account.stored["accounts"].values()
        assert (known["refusals"], known["open"]) == (0, False)


async def test_a_clock_set_back_does_not_hold_back_for_ever() -> None:
    async with mail_host({"AUTH": REFUSED}) as host:
        account = Account(host)
        await account.look(599)
        await account.look(600)
        await account.look(0)
        assert host.count("AUTH") == 3


async def test_the_password_is_never_remembered() -> None:
    async with mail_host({"AUTH": b"535 5.7.8 hunter2 is wrong\r\n"}) as host:
        account = Account(host)
        await account.look()
        await account.look(1)
        assert "hunter2" not in json.dumps(account.stored)
        (fingerprint,) = account.stored["accounts"]
        assert len(fingerprint) == 8


@pytest.mark.parametrize(
    "entry",
    [
        {"refusals": 9},
        {"at": "now", "refusals": None, "reason": "", "says": "", "open": False},
        {"at": 9e9, "refusals": 2, "reason": "bad luck", "says": "", "open": False},
        {"at": 9e9, "refusals": 2, "reason": "", "says": "", "open": False},
        [],
        None,
    ],
)
async def test_a_memory_that_is_none_is_ignored(entry: object) -> None:
    async with mail_host() as host:
        account = Account(host)
        await account.look()
        stored = account.stored
        for value in ({**stored, "accounts": dict.fromkeys(stored["accounts"], entry)}, {"accounts": entry}):
            account.memories.restore({LOGINS: value})
            assert (await account.look()).state is State.OK
        assert host.count("AUTH") == 3
