"""Configurations of any size: what the benchmarks of scale and of start-up let the porter watch."""

from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.targets import ADDRESSES

HEAD = """\
state: sqlite:///{directory}/state.db
listen: 127.0.0.1:{port}
log: {{level: info, format: json}}
"""
HOTEL = "hotel: {{id: {0}, name: Hotel {0}, timezone: UTC}}\n"

A_FEW, MANY = 10, 100
"""Checks of an integration, and of a hotel where there are several."""

Line = Callable[[int], str]
"""Returns one check's line of a configuration, by its number."""


def http(url: str, ca_file: Path | None, interval: str) -> Line:
    """Return what writes checks of a URL."""
    extra = "" if ca_file is None else f", ca_file: {ca_file}"
    return lambda number: f'      c{number}: {{type: http, url: "{url}", interval: {interval}{extra}}}\n'


def spread(url: str, ca_file: Path | None, interval: str) -> Line:
    """Return the same, with the checks spread over the addresses of the local nginx."""
    lines = [http(url.replace(ADDRESSES[0], one), ca_file, interval) for one in ADDRESSES]
    return lambda number: lines[number % len(lines)](number)


def one_hotel(checks: int, line: Line) -> dict[str, str]:
    """Return one hotel with many integrations, as file names and texts; the first is the main one."""
    return {"nightporter.yml": HOTEL.format("h0") + _integrations(checks, A_FEW, line)}


def one_integration(checks: int, line: Line) -> dict[str, str]:
    """Return one hotel with all its checks in one integration: the worst there is."""
    return {"nightporter.yml": HOTEL.format("h0") + _integrations(checks, checks, line)}


def many_hotels(checks: int, line: Line) -> dict[str, str]:
    """Return as many hotels as it takes, each in a file of its own."""
    sizes = [min(MANY, checks - start) for start in range(0, checks, MANY)]
    hotels = {
        f"hotels.d/h{number}.yml": HOTEL.format(f"h{number}") + _integrations(size, A_FEW, line)
        for number, size in enumerate(sizes)
    }
    return {"nightporter.yml": "hotels_dir: hotels.d\n"} | hotels


SHAPES: Mapping[str, Callable[[int, Line], dict[str, str]]] = {
    "hotels": many_hotels,
    "integrations": one_hotel,
    "one": one_integration,
}


def _integrations(checks: int, size: int, line: Line) -> str:
    parts = ["integrations:\n"]
    for start in range(0, checks, size):
        parts.append(f"  i{start // size}:\n    kind: generic\n    checks:\n")
        parts += [line(number) for number in range(start, min(start + size, checks))]
    return "".join(parts)


def write(directory: Path, files: Mapping[str, str], port: int) -> Path:
    """Write a configuration that listens on a port, and return the path of its main file."""
    (directory / "hotels.d").mkdir(exist_ok=True)
    for name, text in files.items():
        head = HEAD.format(directory=directory, port=port) if name == "nightporter.yml" else ""
        (directory / name).write_text(head + text)
    return directory / "nightporter.yml"
