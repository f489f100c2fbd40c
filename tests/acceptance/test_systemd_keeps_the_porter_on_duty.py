"""A real systemd: the porter is installed as the page says, and stays on duty whatever happens to it."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio

from tests.support.booted import LENT, lent_pm2
from tests.support.installed import LIBRARY, PASSWORD, SUPPORT, House, blocks, installed, steps
from tests.support.polling import look_until, until
from tests.support.process import Outcome

pytestmark = pytest.mark.asyncio(loop_scope="module")

UNIT, PLACE = "nightporter.service", "/etc/nightporter/nightporter.yml"
PM2, DROP_INS = f"{LENT}/pm2/node_modules/.bin/pm2", f"/etc/systemd/system/{UNIT}.d"
WORKER = "  worker: {kind: generic, checks: {up: {type: process, name: worker, interval: 1s}}}\n"
AT_ONCE = "    checks: {health: {interval: 1s, failures: 1, successes: 1}}\n"
FETCH = "import urllib.request as r; print(r.urlopen('http://127.0.0.1:9187/metrics').read().decode())"
METRICS = f'python3 -c "{FETCH}" | grep ^nightporter_config_last_reload_successful'


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with installed(tmp_path_factory.mktemp("house")) as found:
        yield found


def misspelt(text: str) -> str:
    return text + "colour: blue\n"


def hasty(text: str) -> str:
    return text.replace("\nmail:", f"\n{AT_ONCE}\nmail:")


def with_worker(text: str) -> str:
    return f"pms: {{pm2: {PM2}}}\n" + text.replace("integrations:\n", f"integrations:\n{WORKER}")


def with_a_token(text: str) -> str:
    return text + "web: {token: the-first-token-of-all}\n"


def with_another_token(text: str) -> str:
    return text + "web: {token: the-token-after-that}\n"


@asynccontextmanager
async def configured(house: House, change: Callable[[str], str]) -> AsyncIterator[None]:
    """Have the configuration changed in its file for as long as the context lasts."""
    before = await house.machine.done(f"cat {PLACE}")
    await house.machine.done(f"cat > {PLACE}", stdin=change(before))
    try:
        yield
    finally:
        await house.machine.done(f"cat > {PLACE}", stdin=before)
        await house.machine.done(f"systemctl reload-or-restart {UNIT}")


async def main_pid(house: House) -> int:
    return int(await house.machine.unit(UNIT, "MainPID"))


async def another(house: House, pid: int) -> None:
    """Wait until another porter than this one is on duty."""
    asked = f"systemctl is-active {UNIT}; systemctl show --value -p MainPID {UNIT}; systemctl status {UNIT}"

    def is_there(found: Outcome) -> bool:
        state, found_pid = found.out.splitlines()[:2]
        return state == "active" and int(found_pid) not in {0, pid}

    await look_until(lambda: house.machine.run(asked), is_there, 30, pause=0.2)


async def test_the_page_ends_with_a_mail_in_the_inbox(house: House) -> None:
    said = await house.machine.done(steps()[-1])
    assert f"{SUPPORT}: accepted by the relay" in said
    mail = await house.mails.expect("drill", to=SUPPORT)
    assert mail["From"] == "Night Porter <support@your-hotel.com>".replace("support@your-hotel.com", SUPPORT)


async def test_the_page_ends_with_a_prometheus_that_scrapes_the_porter(house: House) -> None:
    asked = "promtool query instant http://127.0.0.1:9090 nightporter_integration_up"
    found = await house.machine.comes(asked, 'integration="payment"', 40)
    assert "0100007F:2382 " in await house.machine.done("grep -i ' 0A ' /proc/net/tcp")
    assert ":2382 " not in await house.machine.done("cat /proc/net/tcp6")
    assert re.search(r'hotel="grand-harbour".* => 1 ', found), found


async def test_it_is_active_once_it_is_ready_and_says_what_it_does(house: House) -> None:
    assert await house.machine.unit(UNIT, "StatusText") == "2 checks, 0 open incidents, 0 notifications wait"
    journal = await house.machine.done(f"journalctl -u {UNIT} -o cat --no-pager")
    assert journal.index("porter.started") < journal.index("Started nightporter.service")
    assert '"level": "info"' in journal
    assert "<6>" not in journal


async def test_it_is_nobody_in_particular_and_writes_nothing_but_its_state(house: House) -> None:
    pid = await main_pid(house)
    status = await house.machine.done(f"cat /proc/{pid}/status")
    uid = (await house.machine.done("id -u nightporter")).strip()
    assert re.search(rf"^Uid:\t{uid}\t{uid}\t{uid}\t{uid}$", status, re.MULTILINE)
    assert re.search(r"^CapEff:\t0+$", status, re.MULTILINE)
    for place in ("/etc/nightporter/x", "/opt/nightporter/x", "/usr/x", "/var/log/x", "/var/lib/x", "/srv/x"):
        refused = await house.machine.run(f"nsenter --target {pid} --mount touch {place}")
        assert "Read-only file system" in refused.err, place
    await house.machine.done(f"nsenter --target {pid} --mount touch /var/lib/nightporter/x")
    assert await house.machine.done("stat -c %a /var/lib/nightporter/state.db") == "600\n"


async def test_secrets_are_read_by_the_porter_and_by_root_and_by_nobody_else(house: House) -> None:
    kept, handed = "/etc/nightporter/credentials/relay-password", "/run/credentials/nightporter.service"
    for file in (kept, f"{handed}/credentials_relay-password"):
        assert await house.machine.done(f"cat {file}") == PASSWORD
        stranger = await house.machine.run(f"setpriv --reuid nobody --clear-groups cat {file}")
        assert "Permission denied" in stranger.err
    # As a mail server's pipe would.
    as_it = f"LD_LIBRARY_PATH={LIBRARY} setpriv --reuid nightporter --regid nightporter --clear-groups"
    assert "Watched (2)" in await house.machine.done(f"{as_it} nightporter validate")
    assert PASSWORD not in await house.machine.done(f"cat /proc/{await main_pid(house)}/environ")
    assert (await house.machine.run("nightporter check")).code == 0
    # It may have begun a moment ago, with nothing looked at yet.
    await house.machine.comes("nightporter status; echo code $?", "code 0", 40)


async def test_commands_know_the_variables_as_the_page_says(house: House) -> None:
    (typed,) = blocks("Secrets")
    typed = typed.replace("nightporter validate", f"env LD_LIBRARY_PATH={LIBRARY} nightporter validate")
    async with configured(house, lambda text: text.replace("Grand Harbour Hotel", '"${A_NAME}"')):
        await house.machine.done("umask 077; echo 'A_NAME=Hotel by the Sea' > /etc/nightporter/environment")
        assert "Watched (2)" in await house.machine.done(typed)
        assert (await house.machine.run("nightporter validate")).code == 2
    await house.machine.done("rm /etc/nightporter/environment")


async def test_systemd_finds_no_fault_with_the_unit_and_its_drop_ins(house: House) -> None:
    await house.machine.done(
        "mkdir -p /root/v/nightporter.service.d && cp deploy/systemd/nightporter.service /root/v"
    )
    await house.machine.done("cp deploy/systemd/*.conf /root/v/nightporter.service.d")
    for place in ("/etc/systemd/system", "/root/v"):
        found = await house.machine.run(f"systemd-analyze verify --man=no {place}/{UNIT}")
        assert (found.code, found.err) == (0, "")
    exposed = await house.machine.run(
        f"systemd-analyze security --offline=yes --threshold=20 /etc/systemd/system/{UNIT}"
    )
    assert exposed.code == 0, exposed.out


async def test_a_reload_says_how_it_went_and_a_bad_configuration_changes_nothing(house: House) -> None:
    pid = await main_pid(house)
    async with configured(house, misspelt):
        failed = await house.machine.run(f"systemctl reload {UNIT}")
        assert failed.code == 1
        journal = await house.machine.done(f"journalctl -u {UNIT} -o cat --no-pager -n 10")
        assert "colour: is not a known key" in journal
        assert await house.machine.unit(UNIT, "ActiveState") == "active"
        await house.machine.comes(METRICS, " 0.0")
        # What it refused stands among the warnings.
        await house.machine.comes(f"journalctl -u {UNIT} -o cat -p warning", '"event": "config.refused"')
    journal = await house.machine.done(f"journalctl -u {UNIT} -o cat --no-pager -n 5")
    assert "The configuration is applied." in journal
    await house.machine.comes(METRICS, " 1.0")
    assert await main_pid(house) == pid


async def test_a_reload_names_the_secret_that_takes_a_restart(house: House) -> None:
    kept = "/etc/nightporter/credentials/relay-password"
    await house.machine.done(f"cat > {kept}", stdin="another one")
    failed = await house.machine.run(f"systemctl reload {UNIT}")
    await house.machine.done(f"cat > {kept}", stdin=PASSWORD)
    assert failed.code == 1
    journal = await house.machine.done(f"journalctl -u {UNIT} -o cat --no-pager -n 10")
    assert f"{kept}: changed since systemd handed it over" in journal
    assert (await house.machine.run(f"systemctl reload {UNIT}")).code == 0


async def test_a_reload_brings_another_token(house: House) -> None:
    pid = await main_pid(house)
    for change in (with_a_token, with_another_token):
        async with configured(house, change):
            await house.machine.done(f"systemctl reload {UNIT}")
            assert (await house.machine.run("nightporter status")).err == ""
    assert await main_pid(house) == pid


async def test_it_leaves_in_time_and_a_bad_configuration_is_not_tried_again(house: House) -> None:
    async with configured(house, misspelt):
        began = asyncio.get_running_loop().time()
        await house.machine.done(f"systemctl stop {UNIT}")
        assert asyncio.get_running_loop().time() - began < 10
        assert await house.machine.unit(UNIT, "Result") == "success"
        assert await house.machine.unit(UNIT, "ExecMainStatus") == "0"
        assert (await house.machine.run(f"systemctl start {UNIT}")).code == 1
        assert await house.machine.unit(UNIT, "ActiveState") == "failed"
        assert await house.machine.unit(UNIT, "ExecMainStatus") == "2"
        assert "colour: is not a known key" in (await house.machine.run(f"systemctl status {UNIT}")).out
        mistakes = (await house.machine.run("nightporter validate")).err
        assert "1 problem in the configuration" in mistakes
    assert await house.machine.unit(UNIT, "ActiveState") == "active"


async def test_a_killed_porter_comes_back_and_tells_nothing_twice(house: House) -> None:
    async with configured(house, hasty):
        await house.machine.done(f"systemctl reload {UNIT}")
        house.gateway.status = 503
        await house.mails.expect("problem", to=SUPPORT)
        pid = await main_pid(house)
        await house.machine.done(f"kill -KILL {pid}")
        await another(house, pid)
        asked = house.gateway.requests["/v1/status"]
        await until(lambda: house.gateway.requests["/v1/status"] > asked + 2, 20, "the porter to look on")
        assert house.mails.subjects() == []
        house.gateway.status = 200
        await house.mails.expect("resolved", to=SUPPORT)


async def test_a_porter_that_stands_still_is_ended_and_comes_back(house: House) -> None:
    pid = await main_pid(house)
    await house.machine.done(f"kill -STOP {pid}")
    await another(house, pid)
    assert "Watchdog timeout" in await house.machine.done(f"journalctl -u {UNIT} -o cat --no-pager")


@pytest.mark.parametrize("section", ["Upgrading", "Back-up and restoring"])
async def test_what_the_page_says_of_later_days_works(house: House, section: str) -> None:
    for block in blocks(section):
        for command in block.splitlines(keepends=True):
            # What was typed when it was installed works a second time, too, and takes a while.
            if command not in house.typed:
                await house.machine.done(command)
    assert await house.machine.unit(UNIT, "ActiveState") == "active"
    assert (await house.machine.run("nightporter drill list")).code == 0


@pytest.mark.skipif(not lent_pm2(), reason="TEST_PM2 names no pm2 of npm's: .ci/run gets one")
async def test_with_its_drop_in_the_porter_asks_the_pm2_of_another_user(house: House) -> None:
    as_pms = "HOME=/home/pms setpriv --reuid pms --regid pms --clear-groups"
    await house.machine.done("useradd --create-home pms")
    await house.machine.done(f"cd /home/pms && {as_pms} {PM2} start /bin/sleep --name worker -- 1000")
    await house.machine.done(f"mkdir -p {DROP_INS} && cp deploy/systemd/pm2.conf {DROP_INS}")
    async with configured(house, with_worker):
        await house.machine.done(f"systemctl daemon-reload && systemctl restart {UNIT}")
        assert await house.machine.done("stat -c %U /var/lib/nightporter/state.db") == "pms\n"
        await house.machine.comes("nightporter status", "healthy  grand-harbour/worker")
        await house.machine.done(
            f"rm {DROP_INS}/pm2.conf && systemctl daemon-reload && systemctl stop {UNIT}"
        )
    assert await house.machine.done("stat -c %U /var/lib/nightporter/state.db") == "nightporter\n"
