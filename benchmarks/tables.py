"""The results -> the tables of `docs/performance.md`, each by the name of its place there."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from benchmarks.chart import plain
from benchmarks.figures import PEERS, Results, aims, found, middle, per_check, ratios, spread

A_HOTEL = 50
"""Checks of a hotel with all five integrations: what the built-in checks come to."""

DATABASES = ("SQLite", "PostgreSQL")
SETTINGS = {
    "at_once": "every second, `failures: 1`",
    "default": "every minute, `failures: 3`, as they are by default",
}


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def machine(results: Results) -> str:
    """Return where and when it was measured, and the versions of all sides."""
    at = results["machine"]
    peers = ", ".join(f"{name} {version}" for name, version in sorted(at["packages"].items()))
    libraries = ", ".join(f"{name} {version}" for name, version in sorted(at["libraries"].items()))
    loads = ", ".join(f"{name} {plain(load)}" for name, load in results["loads"].items())
    runs = results["runs"]
    medians = f"Medians of {runs} alternating runs, the lowest and the highest in brackets."
    once = "One run of each side: these figures only show that the measurement works."
    days = sorted({*(results.get("days") or {"": results["measured"]}).values()})
    when = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    where = f"{at['cores']} cores of an {at['processor']}, Linux {at['kernel']}, {at['system']}"
    lines = (
        f"Measured {when} on {where}, Python {at['python']}.",
        f"Load of the machine before each area: {loads}.",
        f"Peers and targets: {peers}.",
        f"Ours: {libraries}.",
        medians if runs > 1 else once,
    )
    return "\n".join(f"- {line}" for line in lines)


def carries(results: Results) -> str:
    """Return what hotels take, by what was measured."""
    rows = []
    for count, seen in sorted(_sizes(results), key=lambda pair: pair[0]):
        hotels = max(1, round(count / A_HOTEL))
        rows.append((
            f"{hotels:,}", f"{count:,}", f"{plain(100 * middle(seen['share']))} %",
            f"{plain(middle(seen['private_bytes']) / 2**20)} MiB",
            f"{plain(1000 * middle(seen['late_p99']))} ms",
        ))  # fmt: skip
    head = ("hotels", "checks", "of one core", "memory", "99 of 100 looks begin within")
    return table(head, rows) + "\n\n" + _in_words(results)


def _in_words(results: Results) -> str:
    sizes = dict(_sizes(results))
    if not sizes:
        return "Not measured."
    most = max(sizes)
    half = 0.5 * most / middle(sizes[most]["share"])
    hotels = int(half / A_HOTEL)
    about = hotels if hotels < 100 else round(hotels, -1)
    return (
        f"By that, half of one core carries some **{about:,} hotels** with {A_HOTEL} checks each, every one "
        "of them an HTTPS request with a new handshake once a minute. Most checks are cheaper: plain HTTP, a "
        "question to the database, a log file."
    )


def _sizes(results: Results) -> list[tuple[int, Mapping[str, Any]]]:
    return [(int(count), seen) for count, seen in (found(results, "sizes") or {}).items()]


def reached(results: Results) -> str:
    """Return the aims, and whether they were reached."""
    rows = [
        (
            one.what,
            f"at most {plain(one.limit)}{one.unit}",
            "-" if one.value is None else f"{plain(one.value)}{one.unit}",
            one.verdict,
        )
        for one in aims(results)
    ]
    return table(("what", "aim", "measured", ""), rows)


def probes(results: Results) -> str:
    """Return the CPU of probes, ours and the peers'."""
    rows = []
    for protocol, sides in (found(results, "probes") or {}).items():
        mine = sides["porter"]
        rows.append((f"**{protocol.upper()}**", "**the porter**", f"**{spread(mine, 1, ' s')}**", ""))
        for name, title in PEERS.items():
            if name in sides:
                ratio = spread(ratios(mine, sides[name]))
                rows.append(("", title, spread(sides[name], 1, " s"), ratio))
    head = ("", "", "CPU of 1,000 probes", "the porter takes so many times as much")
    return table(head, rows)


def sizes(results: Results) -> str:
    """Return what the porter takes by the number of its checks."""
    told: dict[str, Callable[[Mapping[str, Any]], str]] = {
        "CPU, scraped every 15 s": lambda one: f"{plain(100 * middle(one['share']))} % of a core",
        "CPU of a run": lambda one: f"{plain(1e6 * middle(one['cpu_of_a_run']))} µs",
        "looks begin late, p50": lambda one: f"{plain(1000 * middle(one['late_p50']))} ms",
        "looks begin late, p99": lambda one: f"{plain(1000 * middle(one['late_p99']))} ms",
        "memory": lambda one: f"{plain(middle(one['private_bytes']) / 2**20)} MiB",
        "`/metrics` answers in": lambda one: f"{plain(1000 * middle(one['scrape_seconds']))} ms",
        "`/metrics` is, compressed": lambda one: f"{plain(middle(one['scrape_bytes']) / 1000)} kB",
        "`/metrics` takes": lambda one: f"{plain(1000 * middle(one['scrape_cpu']))} ms of CPU",
        "it holds the event loop at the most": lambda one: f"{plain(1000 * max(one['scrape_stall']))} ms",
        "looks left out for want of room": lambda one: f"{plain(100 * middle(one['left_out']))} %",
    }
    seen = sorted(_sizes(results), key=lambda pair: pair[0])
    if all("failed" in one for _, one in seen):
        told["looks that were not ok"] = lambda one: f"{plain(100 * middle(one['failed']))} %"
    rows = [(name, *(say(one) for _, one in seen)) for name, say in told.items()]
    each = per_check(results)
    if each is not None:
        rows.append(("memory of one check more", *[""] * (len(seen) - 1), f"{plain(each)} KiB"))
    return table(("", *(f"{count:,} checks" for count, _ in seen)), rows)


def startup(results: Results) -> str:
    """Return how soon the porter works."""
    rows = [
        (f"{int(count):,}", spread(one["first_probe"], 1, " s"), spread(one["cpu"], 1, " s"))
        for count, one in (found(results, "startup") or {}).items()
    ]
    return table(("checks", "from the start of the process to the first look", "CPU until then"), rows)


def mails(results: Results) -> str:
    """Return how soon people are told."""
    rows = []
    for name, seen in (found(results, "mails") or {}).items():
        rows.append((SETTINGS[name], *(spread(seen[part], 1, " s") for part in ("whole", "floor", "own"))))
    head = ("looks", "from the fault to the mail", "until the look that decides", "the porter's own share")
    return table(head, rows)


def minutes(results: Results) -> str:
    """Return what history costs."""
    seen = found(results, "minutes") or {}
    names = [name for name in DATABASES if name in seen]
    rows = []
    for count in seen[names[0]] if names else ():
        at = [seen[name][count] for name in names]
        what = f"a minute of {int(count):,} checks packed and written"
        rows.append((what, *(spread(one["minute"], 1000, " ms of CPU") for one in at)))
        rows.append(("others wait meanwhile at the most", *(spread(one["held"], 1000, " ms") for one in at)))
        rows.append(("a run noted", *(spread(one["note"], 1e6, " µs of CPU") for one in at)))
    return table(("", *names), rows)


TABLES: Mapping[str, Callable[[Results], str]] = {
    "machine": machine,
    "carries": carries,
    "aims": reached,
    "probes": probes,
    "sizes": sizes,
    "startup": startup,
    "mails": mails,
    "minutes": minutes,
}
