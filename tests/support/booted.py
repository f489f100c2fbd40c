"""A machine of its own: a real systemd over a copy of this system that is written to memory only."""

import asyncio
import ctypes
import os
import shlex
import socket
import sys
import sysconfig
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from tests.support.nginx import needed
from tests.support.polling import look_until, until
from tests.support.process import Outcome

ROOT = Path(__file__).parents[2]
LENT = "/usr/local/lib/of-the-tests"
"""Where the machine finds the tests' interpreter and the packages that the tests were given."""

CHECKOUT = "/root/nightporter"
NEW_NETWORK = 0x40000000  # CLONE_NEWNET

OWN_GROUP = """
set -e
mount -t cgroup2 cgroup2 {place}
mkdir -p {place}/{group}
echo 0 > {place}/{group}/cgroup.procs
umount -l {place}
exec unshare --cgroup sh -c {boot}
"""
NO_GROUP = "mount -t cgroup2 cgroup2 {place} && find {place}/{group} -depth -type d -exec rmdir {{}} +"
BOOT = """
set -e
mount -t tmpfs tmpfs {place}
mkdir {place}/upper {place}/work {place}/root
mount -t overlay overlay -o lowerdir=/,upperdir={place}/upper,workdir={place}/work {place}/root
cd {place}/root
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs tmpfs tmp
for one in run dev; do mount -t tmpfs -o mode=755 tmpfs $one; done
for one in null zero full random urandom tty; do touch dev/$one; mount --bind /dev/$one dev/$one; done
mkdir dev/shm dev/mqueue dev/hugepages dev/pts; mount -t tmpfs tmpfs dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts; ln -s pts/ptmx dev/ptmx
{lend}
mkdir old
pivot_root . old
umount -l old
mount --make-rshared /
exec env -i container=x /sbin/init --unit=basic.target systemd.unified_cgroup_hierarchy=1
"""
WITH_US = ("setpriv", "--pdeathsig", "KILL")
LEND = "mkdir -p ./{there}; mount --bind {here} ./{there}; mount -o remount,bind,ro ./{there}"
NAMESPACES = ("--mount", "--pid", "--fork", "--uts", "--ipc", "--net", "--kill-child")


class Machine:
    """What runs on it is started by `run`; `listening` has the test itself serve something there."""

    def __init__(self, init: int) -> None:
        self._init = init

    async def run(self, command: str, *, stdin: str = "", within: float = 60.0) -> Outcome:
        """Run what somebody would type as root, in the checkout."""
        found = await asyncio.create_subprocess_exec(
            "nsenter", f"--target={self._init}", "--all", "env", "-i", *_environment(),
            "sh", "-c", f"cd {CHECKOUT}\n{command}",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        async with asyncio.timeout(within):
            out, err = await found.communicate(stdin.encode())
        assert found.returncode is not None
        return Outcome(found.returncode, out.decode(errors="replace"), err.decode(errors="replace"))

    async def done(self, command: str, *, stdin: str = "", within: float = 60.0) -> str:
        """Run what must succeed; return what it prints."""
        found = await self.run(command, stdin=stdin, within=within)
        assert found.code == 0, f"{command}: {found.code}\n{found.out}\n{found.err}\n{await self._journal()}"
        return found.out

    async def _journal(self) -> str:
        return (await self.run("journalctl --no-pager -o short-monotonic -n 60")).out

    async def unit(self, name: str, what: str) -> str:
        """Return a property of a unit."""
        return (await self.done(f"systemctl show --value -p {what} {name}")).strip()

    async def comes(self, command: str, words: str, within: float = 20.0) -> str:
        """Return what a command prints once it holds these words."""
        try:
            found = await look_until(
                lambda: self.run(command), lambda found: words in found.out, within, pause=0.2
            )
        except AssertionError as failed:
            raise AssertionError(f"{command}: {failed}\n{await self._journal()}") from None
        return found.out

    def listening(self) -> socket.socket:
        """Return a socket that listens on the machine's loopback."""
        libc = ctypes.CDLL(None, use_errno=True)
        with (
            Path("/proc/thread-self/ns/net").open() as ours,
            Path(f"/proc/{self._init}/ns/net").open() as its,
        ):
            assert libc.setns(its.fileno(), NEW_NETWORK) == 0, os.strerror(ctypes.get_errno())
            try:
                return socket.create_server(("127.0.0.1", 0))
            finally:
                assert libc.setns(ours.fileno(), NEW_NETWORK) == 0, os.strerror(ctypes.get_errno())


def _environment() -> list[str]:
    # Packages come from the tests' own, none from the network.
    path = f"{LENT}/python/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    pip = ("PIP_NO_INDEX=1", "PIP_NO_BUILD_ISOLATION=0", "PIP_DISABLE_PIP_VERSION_CHECK=1")
    return [f"PATH={path}", "HOME=/root", "LANG=C.UTF-8", "PIP_ROOT_USER_ACTION=ignore", *pip]


def lent_pm2() -> Path | None:
    """Return where npm has put the pm2 that the tests were given: PLACE of PLACE/node_modules/.bin/pm2."""
    pm2 = Path(os.environ.get("TEST_PM2", ""))
    return pm2.parents[2] if pm2.parts[-3:] == ("node_modules", ".bin", "pm2") else None


def _lent() -> Mapping[str, Path]:
    found = {f"{LENT}/packages": Path(sysconfig.get_path("purelib")), CHECKOUT: ROOT}
    if pm2 := lent_pm2():
        found[f"{LENT}/pm2"] = pm2
    if sys.base_prefix != "/usr":
        found[f"{LENT}/python"] = Path(sys.base_prefix)
    return found


@asynccontextmanager
async def booted(directory: Path) -> AsyncIterator[Machine]:
    """Have a machine while the context lasts; where none can be booted skip, and fail in CI."""
    for program in ("unshare", "nsenter", "systemctl", "pivot_root", "setpriv"):
        needed(program)
    lend = "\n".join(LEND.format(here=here, there=there) for there, here in _lent().items())
    place = directory / "machine"
    place.mkdir()
    group = f"machine-{os.getpid()}"
    boot = shlex.quote(BOOT.format(place=place, lend=lend))
    script = OWN_GROUP.format(place=place, group=group, boot=boot)
    with (directory / "console").open("wb") as console:
        outside = await asyncio.create_subprocess_exec(
            *WITH_US, "unshare", *NAMESPACES, "sh", "-c", script, stdin=asyncio.subprocess.DEVNULL,
            stdout=console, stderr=console,
        )  # fmt: skip
    try:
        yield await _up(outside, directory / "console")
    finally:
        inside = _children(outside.pid)
        with suppress(ProcessLookupError):
            outside.kill()
        await outside.wait()
        await until(lambda: not inside or not Path(f"/proc/{inside}").exists(), 20, "the machine to be off")
        tidy = NO_GROUP.format(place=place, group=group)
        await (await asyncio.create_subprocess_exec("unshare", "--mount", "sh", "-c", tidy)).wait()


def _children(pid: int) -> str:
    """Return the ids of a process's children."""
    found = Path(f"/proc/{pid}/task/{pid}/children")
    return found.read_text().strip() if found.exists() else ""


async def _up(outside: asyncio.subprocess.Process, console: Path) -> Machine:
    """Return the machine once its systemd answers."""

    def init() -> str:
        """Return the id of its first process: systemd, once that has taken the place of the script."""
        pid = _children(outside.pid)
        name = Path(f"/proc/{pid}/comm")
        return pid if pid and name.exists() and name.read_text().strip() == "systemd" else ""

    with suppress(AssertionError):
        await until(lambda: init() or outside.returncode is not None, 20)
    found = init()
    if not found:
        _impossible(console.read_text(errors="replace"))
    machine = Machine(int(found))
    await machine.comes("systemctl show -p ActiveState basic.target", "=active", 30)
    return machine


def _impossible(why: str) -> None:
    message = f"no systemd can be booted here: {why.strip()[-300:]}"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)
