"""Registry, kinds and option models -> `docs/checks.md`: every check there is."""

import ast
import inspect
import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from checks.check import NETWORK, CheckType
from checks.integrations import KINDS, OWN_SIDE
from checks.integrations.built_in import BuiltIn, StockTuning, Tuning
from checks.integrations.options import Pms, System
from checks.integrations.site import Site
from checks.registry import CHECKS
from checks.result import RESPONSE_TIME, Reason
from checks.values import Options
from daemon.settings.own_checks import OwnTuning
from tests.pages.markdown import DOCS, code, codes, fenced, sentence, table
from tests.pages.options import COLUMNS, keys_of, span

SYSTEM: Mapping[str, Any] = {
    "url": "https://vendor.example",
    "api_key": "key",
    "username": "hotel",
    "password": "password",
    "webhook": {"url": "https://pms.example/hook", "secret": "secret"},
    "messages": {"directory": "/var/spool"},
    "sync_process": "sync",
    "smtp": {"host": "mail.example", "username": "hotel", "password": "password"},
    "domain": "hotel.example",
    "dkim_selectors": ["mail"],
    "sending_ips": ["10.0.0.1"],
    "blocklists": ["list.example"],
    "vendor": {"status_url": "https://status.example"},
}
PMS: Mapping[str, Any] = {
    "dsn": "postgresql://pms",
    "log_dir": "/var/log",
    "url": "https://pms.example",
    "backup": {"path": "/b"},
}
"""A configuration in which no built-in check lacks anything."""

BOUNDS = {
    "queue_size": "queue_size",
    "sync_delay": "sync_delay_minutes",
    "error_rate": "error_rate_percent",
    "rate_window": "rate_window",
    "min_samples": "min_samples",
}
"""The thresholds, by what checks call them."""

SHARED = {
    "goes over the network": ("checks.connection",),
    "speaks HTTP": ("checks.http", "checks.http_exchange"),
    "asks the PMS's database": (
        "checks.database",
        "checks.database_lane",
        "checks.database_fault",
        "checks.tables.question",
    ),
    "reads files": ("checks.log_follow", "checks.off_loop"),
    "asks pm2": ("checks.pm2", "checks.pm2_command"),
    "asks name servers": ("checks.resolver",),
    "looks at mail records or blocklists": ("checks.mail_records",),
}
"""What several checks have in common, and where that may fail."""

EXAMPLES: Mapping[str, str] = {
    "http": "locks: {type: http, url: https://locks.your-hotel.com/health, expect: {json: {$.status: ok}}}",
    "tcp": "pms_port: {type: tcp, host: pms.your-hotel.com, port: 5432}",
    "tls": "website: {type: tls, host: www.your-hotel.com, interval: 1h}",
    "smtp": "mail_server: {type: smtp, host: mail.your-hotel.com, port: 587, security: starttls}",
    "dns": "mail_route: {type: dns, name: your-hotel.com, record: MX}",
    "sql": 'keys: {type: sql, dsn: "${PMS_DSN}", query: SELECT count(*) FROM key_jobs, critical_above: 50}',
    "log": "night_audit: {type: log, path: /var/log/pms/night-audit.log, success: done, max_age: 26h}",
    "process": "key_worker: {type: process, name: key-worker, workers: 2}",
    "heartbeat": "night_job: {type: heartbeat, interval: 24h, grace: 2h}",
    "xml": "messages: {type: xml, path: /var/spool/pms/ota}",
}
"""The least that a check of each type needs."""


class _Noting:
    """Stands for the thresholds, and notes which of them are asked for."""

    def __init__(self) -> None:
        self.asked: dict[str, None] = {}

    def __getattr__(self, name: str) -> float:
        self.asked[BOUNDS[name]] = None
        return 1


def built_ins() -> str:
    """Return what each kind of integration consists of."""
    parts = []
    for kind, checks in {**KINDS, **OWN_SIDE}.items():
        if checks:
            seen = table(("check", "every", "sees", "needs"), (_seen(one) for one in checks))
            judged = table(
                ("check", "main value", "thresholds", "reasons of its own", "in the guide"),
                (_judged(kind, one) for one in checks),
            )
            parts.append(f"### {kind}\n\n{seen}\n\nHow they judge:\n\n{judged}")
    return "\n\n".join(parts)


def common() -> str:
    """Return what every check may say, and those of one's own besides."""
    tuning = table(COLUMNS, (key.row() for key in keys_of(Tuning)))
    more = [key for key in keys_of(StockTuning) if key.path not in Tuning.model_fields]
    own = [key for key in keys_of(OwnTuning) if key.path not in Tuning.model_fields]
    return (
        f"### Of every check\n\n{tuning}\n\n"
        f"### Of built-in checks on the PMS's tables\n\n{table(COLUMNS, (key.row() for key in more))}\n\n"
        f"### Of checks of your own\n\n{table(COLUMNS, (key.row() for key in own))}"
    )


def types() -> str:
    """Return every type that a check of one's own may have."""
    return "\n\n".join(_type(name, kind) for name, kind in CHECKS.items())


def shared_reasons() -> str:
    """Return what checks fail for that have something in common."""
    rows = [(f"a check that {what}", codes(_reasons(*modules))) for what, modules in SHARED.items()]
    rows.append(("any check", codes((Reason.TIMEOUT, Reason.INTERNAL))))
    return table(("besides its own reasons", "may also give"), rows)


def _type(name: str, kind: CheckType) -> str:
    options = [key for key in keys_of(kind.options) if key.path not in {"interval", "timeout"}]
    if name == "heartbeat":
        options = list(keys_of(kind.options))
    said = (kind.options.__doc__ or "").strip()
    within = "integrations:\n  house:\n    kind: generic\n    checks:\n"
    example = fenced(f"{within}      {EXAMPLES[name]}", "yaml")
    reasons = codes(own_reasons(kind)) or "none"
    return (
        f"### {name}\n\n{' '.join(said.split())} Main value: {code(kind.measurement)}. Reasons of its own: "
        f"{reasons}.\n\n{table(COLUMNS, (key.row() for key in options))}\n\n{example}"
    )


def _seen(one: BuiltIn) -> tuple[str, ...]:
    needs = [code(need) for need in one.needs]
    if one.name == "certificate":
        needs = ["`url` with `https://`"]
    return code(one.name), span(one.interval), sentence(one.why), ", ".join(needs)


def _judged(kind: str, one: BuiltIn) -> tuple[str, ...]:
    made, asked = made_of(kind, one)
    timed = made.measurement == RESPONSE_TIME or (made.name in NETWORK and made.name != "tls")
    rated = made.name in NETWORK and kind != "payment"
    ours = {"response_time_ms": timed, "error_rate_percent": rated}
    thresholds = dict.fromkeys((*(name for name, holds in ours.items() if holds), *asked))
    return (
        code(one.name),
        code(made.measurement),
        codes(thresholds),
        codes(own_reasons(made)),
        ", ".join(_guide(kind, one.name)),
    )


def made_of(kind: str, one: BuiltIn) -> tuple[CheckType, list[str]]:
    """Return the type that a built-in check has, and the thresholds that it is given."""
    noting = _Noting()
    site = Site(
        hotel="hotel",
        name=kind,
        kind=kind,
        system=System.model_validate(SYSTEM),
        pms=Pms.model_validate(PMS),
        control=("tcp://10.0.0.1:443", "https://www.example.org/"),
        bounds=cast("Any", noting),
        timezone=ZoneInfo("UTC"),
    )
    made, _ = one.look(site, one.tuning())
    return made, list(noting.asked)


def own_reasons(kind: CheckType) -> list[str]:
    """Return the reasons that a type's own code names: its module's, and those beside it by their names."""
    home = next(name for name in _modules() if any(one is kind for one in vars(import_module(name)).values()))
    shared = {one for modules in SHARED.values() for one in modules} - {home}
    names = [one for one in _modules() if one == home or one.startswith(f"{home}_")]
    return _reasons(*(one for one in names if one not in shared))


def _modules() -> list[str]:
    packages = ("checks", "checks.tables")
    found = ((name, Path(import_module(name).__path__[0])) for name in packages)
    names = sorted(f"{name}.{file.stem}" for name, folder in found for file in folder.glob("[!_]*.py"))
    return [name for name in names if name != "checks.registry"]


def option_paths() -> Iterator[str]:
    """Yield every key that stands under `checks`, as paths of the configuration."""
    within = "integrations.NAME.checks.NAME."
    yield f"{within}type"
    models: tuple[type[Options], ...] = (StockTuning, OwnTuning, *(kind.options for kind in CHECKS.values()))
    for model in models:
        yield from (key.path for key in keys_of(model, within))


def _reasons(*modules: str) -> list[str]:
    named = {name for module in modules for name in _named(module)}
    return [reason for reason in Reason if reason.name in named]


def _named(module: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(inspect.getsource(import_module(module)))):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in {"Reason", "Why"}:
            yield node.attr


def _guide(kind: str, check: str) -> Iterator[str]:
    """Yield the lines of the troubleshooting guide that a check looks at, as the coverage lists them."""
    for line in (DOCS / "coverage.md").read_text().splitlines():
        cells = line.split(" | ")
        if len(cells) > 4 and f"`{kind}/{check}`" in cells[3] and (found := re.match(r"L[\d-]+", cells[1])):
            yield found[0]
