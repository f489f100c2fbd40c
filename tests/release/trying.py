"""A wheel, installed where nothing else is, and used from a directory that is not the project's."""

import os
import re
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from tests.release.tree import ROOMS, NotReady

QUIET = ("-qq", "--disable-pip-version-check", "--no-input")
VALUES = {"PMS_DSN": "postgresql://porter@pms-db/pms", "APPRISE_URL": "json://sms.example"}
"""What stands in the variables of the example; all others are secrets."""


class Place:
    """A new environment, and an empty directory to be in."""

    def __init__(self, directory: Path) -> None:
        self.environment = directory / "environment"
        self.elsewhere = directory / "elsewhere"
        self.elsewhere.mkdir(parents=True)
        venv.create(self.environment, symlinks=True)
        self.bin = self.environment / "bin"

    def run(self, *words: str, **variables: str) -> str:
        """Return what a program of the environment prints, run elsewhere; refuse what fails."""
        inherited = {
            key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL"))
        }
        done = subprocess.run(  # noqa: S603 - what was just installed
            (str(self.bin / words[0]), *words[1:]),
            cwd=self.elsewhere,
            env={**inherited, **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise NotReady(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def pip(self, *words: str) -> None:
        """Install into the environment, with the pip of the one we run in."""
        python = str(self.bin / "python")
        done = subprocess.run(  # noqa: S603 - our own interpreter
            (sys.executable, "-m", "pip", *QUIET, "--python", python, "install", *words),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise NotReady(f"pip install {' '.join(words)}:\n{done.stdout}{done.stderr}")

    def borrow(self) -> None:
        """Take what the project needs from the environment that we run in, without fetching anything."""
        ours = Path(sysconfig.get_path("purelib"))
        theirs = self.environment / ours.relative_to(sys.prefix)
        (theirs / "borrowed.pth").write_text(f"{ours}\n")

    def install(self, wheel: Path) -> None:
        """Install the wheel alone, and see that it is what is used."""
        self.pip("--no-deps", "--no-index", str(wheel))
        found = (
            f"import {', '.join(ROOMS)}; print({', '.join(f'{room}.__file__' for room in ROOMS)}, sep='\\n')"
        )
        for where in self.run("python", "-c", found).splitlines():
            if not Path(where).is_relative_to(self.environment):
                raise NotReady(f"this is not the installed one: {where}")

    def validate(self, example: Path) -> str:
        """Return what `validate` says of the example configuration."""
        text = example.read_text()
        names = re.findall(r"\$\{(\w+)\}", text)
        variables = {name: VALUES.get(name, "s3cret-of-ours") for name in names}
        return self.run("nightporter", "--config", str(example), "validate", **variables)
