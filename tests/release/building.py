"""A checkout -> the wheel and the sdist of it, always the same bytes."""

import hashlib
import os
import subprocess
import sys
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path

from packaging.metadata import Metadata

from tests.release.tree import ROOMS, NotReady, Tree


def build(root: Path, into: Path, kind: str, at: int) -> Path:
    """Return the `wheel` or `sdist` of a directory; `at` is the time of all files in it."""
    into.mkdir(parents=True, exist_ok=True)
    before = set(into.iterdir())
    done = subprocess.run(  # noqa: S603 - our own interpreter
        (sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(into)),
        cwd=root,
        env={**os.environ, "SOURCE_DATE_EPOCH": str(at)},
        capture_output=True,
        text=True,
        check=False,
    )
    made = set(into.iterdir()) - before
    if done.returncode or len(made) != 1:
        raise NotReady(f"the {kind} cannot be built: {done.stderr.strip() or made}")
    return made.pop()


def sum_of(file: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def build_all(tree: Tree, into: Path, scratch: Path) -> tuple[Path, Path]:
    """Return wheel and sdist; refuse them if they do not come out the same, from the sdist, too."""
    at = tree.commit_time()
    wheel, sdist = (build(tree.root, into, kind, at) for kind in ("wheel", "sdist"))
    again = [build(tree.root, scratch / "again", kind, at) for kind in ("wheel", "sdist")]
    with tarfile.open(sdist) as archive:
        archive.extractall(scratch / "sdist", filter="data")
    unpacked = scratch / "sdist" / sdist.name.removesuffix(".tar.gz")
    from_sdist = build(unpacked, scratch / "from-sdist", "wheel", at)
    for one, other in ((wheel, again[0]), (sdist, again[1]), (wheel, from_sdist)):
        if sum_of(one) != sum_of(other):
            raise NotReady(f"{one.name} did not come out the same a second time: compare {other}")
    return wheel, sdist


def judge_wheel(wheel: Path, tree: Tree) -> None:
    """Hold what is in a wheel against the repository: its packages with all their data, and nothing else."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        about = f"nightporter-{tree.version()}.dist-info"
        metadata = archive.read(f"{about}/METADATA").decode()
        entries = archive.read(f"{about}/entry_points.txt").decode()
    beside = {
        f"{about}/{name}" for name in ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")
    }
    odd = names ^ (tree.files(*ROOMS) | beside)
    if odd:
        raise NotReady(f"{wheel.name} does not hold what it should: {', '.join(sorted(odd)[:10])}")
    if "nightporter = daemon.cli:main" not in entries:
        raise NotReady(f"{wheel.name} has no command nightporter")
    judge_metadata(metadata, tree)


def judge_sdist(sdist: Path, tree: Tree) -> None:
    """Hold what is in an sdist against the repository: all that building and testing takes."""
    with tarfile.open(sdist) as archive:
        names = {one.name.split("/", 1)[1] for one in archive.getmembers() if one.isfile()}
    odd = names ^ (tree.files() | {"PKG-INFO"})
    if odd:
        raise NotReady(f"{sdist.name} does not hold what it should: {', '.join(sorted(odd)[:10])}")


def judge_metadata(text: str, tree: Tree) -> None:
    """Refuse metadata that an index would refuse, and what it would show wrongly."""
    found = Metadata.from_email(text, validate=True)
    said = Parser().parsestr(text)
    if str(found.version) != tree.version() or found.name != "nightporter":
        raise NotReady(f"the metadata are of {found.name} {found.version}")
    if said["Description-Content-Type"] != "text/markdown" or not (found.description or "").startswith("# "):
        raise NotReady("the metadata do not describe the project by its README")
