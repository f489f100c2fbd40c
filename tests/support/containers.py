"""Real images and containers: buildah and podman over a store of their own, with the host's network."""

import asyncio
import os
import shutil
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from daemon import __version__
from tests.support.nginx import needed

ROOT = Path(__file__).parents[2]
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
BASE, IMAGE = "localhost/base:bookworm", "localhost/nightporter:test"
BUILD_WITHIN, RUN_WITHIN = 900, 60
CONFINED = (
    "--network", "host", "--read-only", "--read-only-tmpfs=false", "--cap-drop", "all",
    "--security-opt", "no-new-privileges", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=4096:4096",
)  # fmt: skip
"""How every container of the tests is run: it may do nothing but what the porter needs."""


class Containers:
    """A store of images, and what runs of them."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.build_seconds = 0.0
        # podman takes no more than 50 characters for it.
        self._run = tempfile.mkdtemp(prefix="np-")
        self._store = (
            "--root", str(directory / "store"), "--runroot", self._run,
            "--storage-driver", "overlay",
        )  # fmt: skip

    def podman(self, *words: str) -> tuple[str, ...]:
        """Return the command line of a podman command."""
        return ("podman", *self._store, "--runtime", "runc", "--cgroup-manager", "cgroupfs", *words)

    def confined(self, *words: str) -> tuple[str, ...]:
        """Return the command line that runs a container with no rights."""
        return self.podman("run", "--rm", *CONFINED, *words)

    def do(
        self, *words: str, within: float = RUN_WITHIN, stdin: IO[bytes] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command line to its end."""
        return subprocess.run(  # noqa: S603 - the words are the test's own
            words, check=False, capture_output=True, text=True, timeout=within, stdin=stdin
        )

    def said(self, *words: str) -> str:
        """Return what a podman command says; fail where it fails."""
        done = self.do(*self.podman(*words))
        assert done.returncode == 0, f"podman {' '.join(words)}: {done.stderr}"
        return done.stdout.strip()

    async def ask(self, *words: str) -> tuple[int, str, str]:
        """Run a podman command without holding up the loop."""
        done = await asyncio.to_thread(self.do, *self.podman(*words))
        return done.returncode, done.stdout, done.stderr

    def take_base(self, root: Path) -> None:
        """Make an image of a directory that holds a whole Debian."""
        packed = self.directory / "base.tar"
        with tarfile.open(packed, "w") as archive:
            archive.add(root, ".", filter=_is_wanted)
        with packed.open("rb") as stream:
            done = self.do(*self.podman("import", "-q", "-", BASE), within=BUILD_WITHIN, stdin=stream)
        packed.unlink()
        assert done.returncode == 0, done.stderr

    def build(self) -> None:
        """Build the porter's image from the working tree."""
        secret = ("--secret", f"id=ca,src={CERTIFICATES}") if CERTIFICATES.exists() else ()
        began = time.monotonic()
        done = self.do(
            "buildah", *self._store, "bud", "--format", "docker", "--isolation", "chroot",
            "--network", "host", *secret, "--build-arg", f"BASE_IMAGE={BASE}",
            "--build-arg", f"VERSION={__version__}", "-t", IMAGE, str(ROOT), within=BUILD_WITHIN,
        )  # fmt: skip
        assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
        self.build_seconds = time.monotonic() - began

    def clear(self) -> None:
        """End what runs, and let the file system go."""
        self.do(*self.podman("rm", "--all", "--force", "--time", "0"))
        self.do("umount", str(self.directory / "store" / "overlay"))
        shutil.rmtree(self._run, ignore_errors=True)


def _is_wanted(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Leave out what a running system mounts, and what was downloaded."""
    unwanted = ("./proc/", "./sys/", "./dev/", "./var/cache/apt/", "./var/lib/apt/lists/")
    return None if entry.name.startswith(unwanted) else entry


def needed_containers() -> None:
    """Skip a test where containers cannot be made; fail it in CI."""
    for name in ("buildah", "podman", "runc", "debootstrap"):
        needed(name)
    if os.geteuid() != 0:
        pytest.skip("containers of the tests need root")


def _base(directory: Path) -> Path:
    """Return a directory with a Debian without Python: the one made beforehand, or a new one."""
    made = os.environ.get("TEST_IMAGE_BASE")
    if made:
        return Path(made)
    done = subprocess.run(  # noqa: S603 - its own words
        ["/usr/sbin/debootstrap", "--variant=minbase", "bookworm", str(directory)],
        check=False, capture_output=True, text=True, timeout=BUILD_WITHIN,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return directory


@contextmanager
def built(directory: Path) -> Iterator[Containers]:
    """Have the image while the context lasts."""
    needed_containers()
    one = Containers(directory)
    try:
        one.take_base(_base(directory / "debian"))
        one.build()
        yield one
    finally:
        one.clear()
