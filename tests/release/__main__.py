"""Build the release of this checkout into dist/, and try it: `python -m tests.release`."""

import shutil
import sys
import tempfile
from pathlib import Path

from tests.release.building import build_all, judge_sdist, judge_wheel, sum_of
from tests.release.tree import NotReady, Tree
from tests.release.trying import Place

ROOT = Path(__file__).parents[2]


def say(text: str) -> None:
    """Tell how far it is."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def release(tree: Tree, scratch: Path) -> None:
    """Build, judge and try; leave what is released in dist/."""
    tree.judge()
    dist = tree.root / "dist"
    for old in (*dist.glob("nightporter-*"), *dist.glob("SHA256SUMS")):
        old.unlink()
    commit = tree.git("rev-parse", "--short", "HEAD").strip()
    say(f"Building nightporter {tree.version()} of {commit}, twice ...")
    wheel, sdist = build_all(tree, scratch / "dist", scratch)
    judge_wheel(wheel, tree)
    judge_sdist(sdist, tree)
    say("The same bytes each time, from the sdist, too; in them is what is in the repository.")
    place = Place(scratch)
    place.pip("--require-hashes", "-r", str(tree.root / "requirements.lock"))
    place.install(wheel)
    installed = place.run("nightporter", "--version").strip()
    say(f"Installed {installed} where nothing else is. Of the example configuration it says:")
    say(place.validate(tree.root / "deploy" / "nightporter.example.yml").splitlines()[0])
    place.pip("--require-hashes", "-r", str(tree.root / "requirements-demo.lock"))
    say("The tour, from an empty directory (some minutes):")
    say(place.run("nightporter", "demo", "--tour"))
    # Only what was tried lies where it is taken from.
    dist.mkdir(exist_ok=True)
    wheel, sdist = (Path(shutil.copy(one, dist)) for one in (wheel, sdist))
    sums = [f"{sum_of(one)}  {one.name}" for one in (wheel, sdist)]
    (dist / "SHA256SUMS").write_text("".join(f"{line}\n" for line in sums))
    for one in (wheel, sdist):
        say(f"dist/{one.name}  {one.stat().st_size:,} bytes  sha256 {sum_of(one)}")


def main() -> int:
    """Release, or say what keeps us from it."""
    with tempfile.TemporaryDirectory(prefix="nightporter-release-") as scratch:
        try:
            release(Tree(ROOT), Path(scratch))
        except NotReady as error:
            sys.stderr.write(f"No release: {error}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
