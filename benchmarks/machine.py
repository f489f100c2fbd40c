"""Where and with what it was measured."""

import os
import platform
import re
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

DEBIAN = ("prometheus-blackbox-exporter", "monitoring-plugins-basic", "monit", "nginx-light")
PYTHON = ("aiohttp", "apscheduler", "httptools", "nightporter", "sqlalchemy", "uvloop")


def environment() -> dict[str, Any]:
    """Return what a reader must know to judge the figures: processor, system, versions."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "kernel": platform.release().partition("-")[0],
        "system": platform.freedesktop_os_release().get("PRETTY_NAME", "Linux"),
        "python": platform.python_version(),
        "packages": {name: found for name in DEBIAN if (found := _debian(name))},
        "libraries": {name: version(name) for name in PYTHON},
    }


def _processor() -> str:
    found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1].strip() if found else platform.machine()


def _debian(name: str) -> str | None:
    """Return the version of a Debian package, None where there is no such thing."""
    if shutil.which("dpkg-query") is None:
        return None
    command = ["dpkg-query", "-W", "-f=${db:Status-Status} ${Version}", name]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()
    return said[1] if said[:1] == ["installed"] else None
