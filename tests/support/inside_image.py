"""Run within the image: say who we are, where our modules come from, and what should not be there."""

import os
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

TOOLS = {"gcc", "cc", "make", "pip", "pip3", "uv", "ensurepip", "setuptools", "hatchling"}
EMPTY = ("/var/cache/apt", "/var/lib/apt/lists", "/tmp", "/build")  # noqa: S108 - to see that nothing is there
SEALED = ("/new", "/tmp/new", "/etc/nightporter/new", "/opt/nightporter/new")  # noqa: S108 - as above


def tools() -> Iterator[str]:
    """Yield what could build or install something."""
    for top in ("/usr/bin", "/usr/lib", "/usr/local", "/usr/share/python-wheels", "/opt"):
        for place, folders, files in os.walk(top):
            yield from (f"{place}/{name}" for name in {*folders, *files} & TOOLS)


def leftovers() -> Iterator[str]:
    """Yield what a build leaves behind."""
    for top in EMPTY:
        for place, _, files in os.walk(top):
            yield from (f"{place}/{name}" for name in files)


def promotions() -> Iterator[str]:
    """Yield programs that run as somebody else."""
    for place, _, files in os.walk("/usr"):
        for name in files:
            if os.lstat(f"{place}/{name}").st_mode & 0o6000:
                yield f"{place}/{name}"


def uncompiled() -> Iterator[str]:
    """Yield modules that would be compiled anew at each start."""
    tag = sys.implementation.cache_tag
    for room in ("daemon", "checks", "alerts"):
        for source in Path(str(import_module(room).__file__)).parent.rglob("*.py"):
            if not (source.parent / "__pycache__" / f"{source.stem}.{tag}.pyc").exists():
                yield str(source)


def writable() -> Iterator[str]:
    """Yield places where files can be made, but must not."""
    for name in SEALED:
        try:
            Path(name).touch()
        except OSError:
            continue
        yield name


def main() -> None:
    """Print the findings, one a line."""
    print(os.getuid(), os.getgid())  # noqa: T201 - the test reads it
    for room in ("daemon", "checks", "alerts"):
        print(import_module(room).__file__)  # noqa: T201 - as above
    for look in (tools, leftovers, promotions, uncompiled, writable):
        for found in look():
            print(f"{look.__name__}: {found}")  # noqa: T201 - as above


if __name__ == "__main__":
    main()
