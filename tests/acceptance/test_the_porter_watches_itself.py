"""The service manager, a watchdog elsewhere and people hear how the porter itself is."""

import signal
import time
from pathlib import Path

from tests.acceptance.bodies import payment_only
from tests.support.inbox import inbox
from tests.support.polling import until
from tests.support.process import Porter, porter, states
from tests.support.servers import Script, http, server
from tests.support.service_manager import Told, listening
from tests.support.vendor import vendor

SECRET = "7d0c1f-of-this-porter"
DEAD_MAN = 'dead_man: {{url: "{url}/ping/${{DEAD_MAN_ID}}", interval: 1s}}\n'


def told_to(one: Porter, told: Told, patience: float) -> None:
    """Have the porter tell how it is, and be expected to say so within `patience` seconds."""
    one.environment = {"NOTIFY_SOCKET": told.address, "WATCHDOG_USEC": f"{patience * 1e6:.0f}"}


async def test_the_service_manager_hears_of_its_whole_life(tmp_path: Path) -> None:
    with listening(tmp_path) as told:
        async with (
            vendor() as gateway,
            inbox() as mails,
            porter(tmp_path, payment_only(gateway.url, mails.port), start=False) as one,
        ):
            told_to(one, told, patience=1.0)
            await one.start()
            await told.hear("READY=1")
            await told.hear("WATCHDOG=1", times=3)
            await told.hear("STATUS=1 checks, 0 open incidents, 0 notifications wait")
            one.send(signal.SIGHUP)
            await told.hear("RELOADING=1")
            assert int((await told.hear("MONOTONIC_USEC=")).partition("=")[2]) > 0
            await told.hear("READY=1", times=2)
            one.write("colour: blue\n")
            assert (await one.post("/-/reload"))[0] == 500
            await told.hear("READY=1", times=3)
            assert await one.stop() == 0
            assert [word for word in told.words() if not word.startswith("STATUS")][-1] == "STOPPING=1"


async def test_the_dead_man_is_pinged_only_while_all_is_well(tmp_path: Path) -> None:
    path = f"/ping/{SECRET}"
    with listening(tmp_path) as told:
        async with vendor() as elsewhere, porter(tmp_path, "", start=False) as one:
            one.write(DEAD_MAN.format(url=elsewhere.url))
            told_to(one, told, patience=1.0)
            one.environment["DEAD_MAN_ID"] = SECRET
            await one.start()
            await until(lambda: elsewhere.requests[path] >= 2, 20, "two pings")
            state = tmp_path / "state.db"
            state.rename(tmp_path / "away.db")
            await until(lambda: one.logged("self_audit.failed"), 20, "the audit to fail")
            assert "is gone" in await told.hear("STATUS=not ready")
            pinged, beats = elsewhere.requests[path], told.count("WATCHDOG=1")
            await told.hear("WATCHDOG=1", times=beats + 6)
            assert elsewhere.requests[path] == pinged
            (tmp_path / "away.db").rename(state)
            await until(lambda: elsewhere.requests[path] > pinged, 20, "pings to go on")
            await until(lambda: one.logged("self_audit.passed"), 5, "the audit to pass")
            one.write("")
            assert (await one.post("/-/reload"))[0] == 200
            await told.hear("WATCHDOG=1", times=told.count("WATCHDOG=1") + 2)
            pinged, beats = elsewhere.requests[path], told.count("WATCHDOG=1")
            await told.hear("WATCHDOG=1", times=beats + 6)
            assert elsewhere.requests[path] == pinged, "a reload has taken the URL away"
            assert await one.stop() == 0
            assert SECRET not in (tmp_path / "porter.log").read_text()


async def test_a_porter_that_was_stopped_for_a_while_blames_nobody(tmp_path: Path) -> None:
    asked: list[Script] = []
    async with server(asked.append) as gateway, inbox() as mails:
        body = payment_only(gateway.url("", scheme="http"), mails.port).replace(
            "{interval: 1s}", "{interval: 5s, timeout: 5s, failures: 1}"
        )
        async with porter(tmp_path, body) as one:
            await until(lambda: asked, 20, "a look that is under way")
            one.send(signal.SIGSTOP)
            over = time.monotonic() + 6
            await until(lambda: time.monotonic() > over, 20, "more time to pass than a look may take")
            gateway.answer = http("200 OK")
            one.send(signal.SIGCONT)
            await states(one, "payment", "health", "ok")
            _, metrics = await one.get("/metrics")
            assert await one.incidents() == []
    failures = [line for line in metrics.splitlines() if line.startswith("nightporter_check_failures_total{")]
    told = {line.partition('reason="')[2].partition('"')[0]: line.rpartition(" ")[2] for line in failures}
    assert {reason for reason, count in told.items() if float(count)} == {"internal"}
    lags = dict(
        line.removeprefix("nightporter_event_loop_lag_seconds_").split(" ")
        for line in metrics.splitlines()
        if line.startswith("nightporter_event_loop_lag_seconds_")
    )
    assert float(lags["count"]) - float(lags['bucket{le="5.0"}']) == 1, "one pause, as long as it was"
