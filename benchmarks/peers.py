"""Peers that look at the same targets: blackbox_exporter, check_http, monit, each as its manual has it."""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import quote, urlsplit

from benchmarks.process import Asker, cpu, fetch, running
from benchmarks.setting import Setting
from benchmarks.targets import free_port, wait_for

BLACKBOX = "prometheus-blackbox-exporter"
CHECK_HTTP = "/usr/lib/nagios/plugins/check_http"
MONIT = "monit"
PACKAGES = {BLACKBOX: BLACKBOX, CHECK_HTTP: "monitoring-plugins-basic", MONIT: "monit"}
"""The peers, and the packages of Debian that have them."""

ASKERS = 4
"""Connections that ask blackbox_exporter; Prometheus keeps them, too."""

MODULE = """\
modules:
  probe:
    prober: http
    timeout: 10s
    http:
      preferred_ip_protocol: ip4
      tls_config: {{ca_file: {ca_file}}}
"""
MONITRC = """\
set daemon 1
set pidfile {directory}/monit.pid
set idfile {directory}/monit.id
set statefile {directory}/monit.state
set ssl {{verify: enable, CACertificateFile: "{ca_file}"}}
"""


@contextmanager
def blackbox(one: Setting, url: str) -> Iterator[tuple[int, Callable[..., int]]]:
    """Have blackbox_exporter; return its id, and what has it probe at a rate for some seconds and counts."""
    port = free_port()
    path = f"/probe?module=probe&target={quote(url, safe='')}"
    with one.room() as directory:
        config = directory / "blackbox.yml"
        config.write_text(MODULE.format(ca_file=one.at.ca_file))
        listen = f"--web.listen-address=127.0.0.1:{port}"
        with running([BLACKBOX, f"--config.file={config}", listen]) as pid:
            wait_for(port)
            if "probe_success 1" not in fetch(port, path):
                raise RuntimeError("blackbox_exporter cannot probe the target")
            yield pid, partial(_asked, port, path)


def _asked(port: int, path: str, rate: float, seconds: float, *, hurried: bool = False) -> int:
    """Ask for a path so many times a second, or with no pause; return how many times it was in all."""
    count = round(rate * seconds)
    began = time.monotonic()

    def work(first: int) -> None:
        asker = Asker(port)
        for number in range(first, count, ASKERS):
            if not hurried:
                time.sleep(max(0.0, began + number / rate - time.monotonic()))
            asker.ask(path)
        asker.close()

    with ThreadPoolExecutor(ASKERS) as pool:
        list(pool.map(work, range(ASKERS)))
    return count


def blackbox_cost(one: Setting, url: str, rate: float, seconds: float, *, hurried: bool = False) -> float:
    """Return its CPU seconds per 1,000 probes: at a rate, or as fast as it answers four connections."""
    with blackbox(one, url) as (pid, probe):
        probe(rate, 1.0)
        before = cpu(pid)
        count = probe(rate, seconds, hurried=hurried)
        return (cpu(pid) - before) / count * 1000


def check_http_cost(url: str, count: int) -> float:
    """Return the CPU seconds of 1,000 processes that look once each, by what the kernel says of each."""
    parts = urlsplit(url)
    words = [CHECK_HTTP, "-H", "127.0.0.1", "-p", str(parts.port), "-u", "/", "-t", "10"]
    words += ["-S"] if parts.scheme == "https" else []
    # Its own CPU alone: what forks it is whoever schedules it, and is not counted.
    spent = 0.0
    with Path(os.devnull).open("w") as nowhere:
        for _ in range(count):
            actions = [(os.POSIX_SPAWN_DUP2, nowhere.fileno(), 1)]
            pid = os.posix_spawn(CHECK_HTTP, words, os.environ, file_actions=actions)
            _, status, used = os.wait4(pid, 0)
            if status:
                raise RuntimeError("check_http cannot probe the target")
            spent += used.ru_utime + used.ru_stime
    return spent / count * 1000


def monit_cost(one: Setting, url: str, checks: int, seconds: float) -> float:
    """Return its CPU seconds per 1,000 probes; it has neither metrics nor history."""
    parts = urlsplit(url)
    stanza = (
        'check host c{number} with address 127.0.0.1 if failed port {port} protocol {protocol} request "/" '
        "then alert\n"
    )
    with one.room() as directory:
        config = directory / "monitrc"
        stanzas = (
            stanza.format(number=number, port=parts.port, protocol=parts.scheme) for number in range(checks)
        )
        config.write_text(MONITRC.format(directory=directory, ca_file=one.at.ca_file) + "".join(stanzas))
        config.chmod(0o600)
        began = one.at.counted()
        with running([MONIT, "-I", "-c", config]) as pid:
            while one.at.counted() < began + checks:
                time.sleep(0.1)
            before, counted = cpu(pid), one.at.counted()
            time.sleep(seconds)
            return (cpu(pid) - before) / (one.at.counted() - counted) * 1000
