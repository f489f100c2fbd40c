"""What is released: the commit, its time, its version and its files."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

GIT = shutil.which("git") or "git"
ROOMS = ("alerts", "checks", "daemon")
"""The packages; all that the repository has in them is released, their data, too."""


class NotReady(Exception):  # noqa: N818 - what is not in order, in words for whoever releases
    """The repository is not as it must be for a release."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A checkout of the repository."""

    root: Path

    def git(self, *words: str) -> str:
        """Return what git says."""
        done = subprocess.run(  # noqa: S603 - with our own words
            (GIT, "-C", str(self.root), *words), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise NotReady(f"git {words[0]}: {done.stderr.strip()}")
        return done.stdout

    def version(self) -> str:
        """Return the version, from the one place where it stands."""
        text = (self.root / "daemon" / "__init__.py").read_text()
        found = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
        if found is None:
            raise NotReady("daemon/__init__.py names no __version__")
        return found[1]

    def commit_time(self) -> int:
        """Return when the commit was made, as a Unix time: the time of all that is built of it."""
        return int(self.git("log", "-1", "--format=%ct"))

    def files(self, *under: str) -> set[str]:
        """Return the files that belong to it, by their paths; what is not committed yet, too."""
        listed = self.git("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *under)
        return {name for name in listed.split("\0") if name and (self.root / name).is_file()}

    def judge(self) -> None:
        """Refuse what is not committed, and a version of which the changelog does not tell."""
        changed = self.git("status", "--porcelain").splitlines()
        if changed:
            raise NotReady(f"there are changes that are not committed: {', '.join(changed[:5])}")
        told = (self.root / "CHANGELOG.md").read_text()
        if not re.search(rf"^## \[{re.escape(self.version())}\] - \d{{4}}-\d\d-\d\d$", told, re.MULTILINE):
            raise NotReady(f"CHANGELOG.md has no entry `## [{self.version()}] - YYYY-MM-DD`")
