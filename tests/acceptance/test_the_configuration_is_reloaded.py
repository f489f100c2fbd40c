"""SIGHUP and /-/reload: a good configuration is applied, a bad one is refused and changes nothing."""

import signal
from pathlib import Path

from tests.acceptance.bodies import payment_only, watching
from tests.support.inbox import inbox
from tests.support.polling import until
from tests.support.process import PEOPLE, A, B, command, porter, states
from tests.support.vendor import vendor


async def test_reload_applies_a_good_configuration(tmp_path: Path) -> None:
    async with (
        vendor() as gateway,
        inbox() as mails,
        porter(tmp_path, payment_only(gateway.url, mails.port)) as one,
    ):
        await states(one, "payment", "health", "ok")
        one.write(watching(gateway.url, mails.port))
        status, text = await one.post("/-/reload")
        assert status == 200, text
        await states(one, "door_locks", "gateway", "ok")


async def test_reload_refuses_a_bad_configuration_and_keeps_the_old_one(tmp_path: Path) -> None:
    async with (
        vendor() as gateway,
        inbox() as mails,
        porter(tmp_path, payment_only(gateway.url, mails.port)) as one,
    ):
        await states(one, "payment", "health", "ok")
        one.write(watching(gateway.url, mails.port) + "colour: blue\n")
        status, text = await one.post("/-/reload")
        assert status == 500
        assert "colour: is not a known key" in text
        answer = await one.json("/api/v1/status")
        assert list(answer["hotels"]["grand-harbour"]["integrations"]) == ["payment"]
        _, metrics = await one.get("/metrics")
        assert "nightporter_config_last_reload_successful 0.0" in metrics
        asked = gateway.requests["/v1/status"]
        await until(lambda: gateway.requests["/v1/status"] > asked, 5, "the porter to look on")


async def test_other_methods_than_post_do_not_reload(tmp_path: Path) -> None:
    async with (
        vendor() as gateway,
        inbox() as mails,
        porter(tmp_path, payment_only(gateway.url, mails.port)) as one,
    ):
        for method in ("GET", "PUT", "DELETE"):
            assert (await one.ask(method, "/-/reload"))[0] == 405
        _, metrics = await one.get("/metrics")
        assert "nightporter_config_last_reload_successful 1.0" in metrics


async def test_sighup_reloads(tmp_path: Path) -> None:
    async with (
        vendor() as gateway,
        inbox() as mails,
        porter(tmp_path, payment_only(gateway.url, mails.port)) as one,
    ):
        one.write(watching(gateway.url, mails.port))
        one.send(signal.SIGHUP)
        await one.poll("/api/v1/status", lambda answer: "door_locks" in str(answer))
        one.write("nonsense")
        one.send(signal.SIGHUP)
        await until(lambda: one.logged("config.refused"), 10, "the refusal in the log")
        assert (await one.get("/-/healthy"))[0] == 200


async def test_what_takes_a_restart_is_said_and_the_rest_applied(tmp_path: Path) -> None:
    async with (
        vendor() as gateway,
        inbox() as mails,
        porter(tmp_path, payment_only(gateway.url, mails.port)) as one,
    ):
        one.write(watching(gateway.url, mails.port))
        text = one.config.read_text().replace("/state.db", "/other.db")
        one.config.write_text(text)
        status, said = await one.post("/-/reload")
        assert status == 200
        assert "`state` was changed: that takes a restart" in said
        await states(one, "door_locks", "gateway", "ok")


async def test_a_failing_check_that_is_removed_ends_its_incident(tmp_path: Path) -> None:
    async with (
        vendor() as gateway,
        inbox() as mails,
        porter(tmp_path, payment_only(gateway.url, mails.port)) as one,
    ):
        await states(one, "payment", "health", "ok")
        gateway.status = 500
        for who in (A, B):
            await mails.expect("problem", to=who)
        locks = f"checks: {{gateway: {{type: tcp, host: 127.0.0.1, port: {gateway.port}, interval: 1s}}}}"
        one.write(
            f"integrations: {{door_locks: {{kind: generic, {locks}}}}}\n" + PEOPLE.format(relay=mails.port)
        )
        status, text = await one.post("/-/reload")
        assert status == 200, text
        for who in (A, B):
            mail = await mails.expect("resolved", to=who)
            body = mail.get_body(("plain",))
            assert body is not None
            assert "no longer watched" in body.get_content()
        _, metrics = await one.get("/metrics")
        assert 'integration="payment"' not in metrics


async def test_the_command_says_how_a_reload_went(tmp_path: Path) -> None:
    async with (
        vendor() as gateway,
        inbox() as mails,
        porter(tmp_path, payment_only(gateway.url, mails.port)) as one,
    ):
        good = payment_only(gateway.url, mails.port)
        assert one.process is not None
        ask = ("--config", str(one.config), "reload")
        applied = await command(*ask)
        assert (applied.code, applied.out) == (0, "The configuration is applied.\n")
        one.write(good + "colour: blue\n")
        refused = await command(*ask, env={"MAINPID": str(one.process.pid)})
        assert refused.code == 2
        assert "colour: is not a known key" in refused.err
        # The porter has seen it, too: that is in its metrics, for whoever looks there.
        await until(lambda: one.logged("config.refused"), 10, "the porter to refuse it")


async def test_the_command_says_that_nobody_can_be_asked(tmp_path: Path) -> None:
    async with (
        vendor() as gateway,
        inbox() as mails,
        porter(tmp_path, payment_only(gateway.url, mails.port), start=False) as one,
    ):
        found = await command("--config", str(one.config), "reload", env={"MAINPID": "nobody"})
        assert found.code == 1
        assert "no porter answers" in found.err


async def test_the_command_brings_another_token_to_the_porter(tmp_path: Path) -> None:
    async with (
        vendor() as gateway,
        inbox() as mails,
        porter(tmp_path, payment_only(gateway.url, mails.port)) as one,
    ):
        assert one.process is not None
        ask = ("--config", str(one.config), "reload")
        one.write(payment_only(gateway.url, mails.port) + f"web: {{token: {'n' * 20}}}\n")
        assert (await command(*ask)).code == 0
        one.write(payment_only(gateway.url, mails.port) + f"web: {{token: {'m' * 20}}}\n")
        by_hand = await command(*ask)
        assert by_hand.code == 1
        assert "does not take our token" in by_hand.err
        assert "send it SIGHUP" in by_hand.err
        by_systemd = await command(*ask, env={"MAINPID": str(one.process.pid)})
        assert (by_systemd.code, by_systemd.out) == (0, "The configuration is applied.\n")


async def test_the_command_says_which_secret_takes_a_restart(tmp_path: Path) -> None:
    handed, secrets = tmp_path / "handed", tmp_path / "credentials"
    handed.mkdir()
    secrets.mkdir()
    async with (
        vendor() as gateway,
        inbox() as mails,
        porter(tmp_path, payment_only(gateway.url, mails.port)) as one,
    ):
        for name, old, new in (("key", "old", "new"), ("same", "as it was", "as it was")):
            (handed / f"credentials_{name}").write_text(old)
            (secrets / name).write_text(new)
        ask = ("--config", str(one.config), "reload")
        found = await command(*ask, env={"CREDENTIALS_DIRECTORY": str(handed)})
        assert (found.code, found.out) == (1, "The configuration is applied.\n")
        assert f"{secrets / 'key'}: changed since systemd handed it over" in found.err
        assert str(secrets / "same") not in found.err
        (secrets / "key").write_text("old")
        assert (await command(*ask, env={"CREDENTIALS_DIRECTORY": str(handed)})).code == 0
