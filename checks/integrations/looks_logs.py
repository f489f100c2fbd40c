"""Looks at what the PMS writes: its logs, its audit trail, its backups."""

from pathlib import Path
from typing import Any

from checks import audit_log as audit
from checks import backup as backups
from checks import log, log_dirs
from checks.check import CheckType
from checks.integrations.built_in import Look
from checks.integrations.site import Site
from checks.result import Sign
from checks.values import Options

Made = tuple[CheckType, Options]


def _lines(
    what: str, *words: str, last: int = 50, folder: str = "integrations", sync: bool = False, **failing: Any
) -> Look:
    """Return a look at the log of an integration: the file of its name, or else of its kind.

    `failing` says what too many failures are a sign of.
    """

    def look(site: Site, _tuning: Any) -> Made:
        directory = _log_dir(site) / folder
        options = log.Words(
            paths=tuple(directory / f"{name.replace('_', '-')}.log" for name in (site.name, site.kind)),
            what=what,
            words=words,
            last=last,
            limit=100 * site.bounds.error_rate,
            least=site.bounds.min_samples,
            max_age=site.bounds.sync_delay if sync else None,
            recent=site.bounds.rate_window,
            sync=sync,
            **failing,
            timezone=site.timezone,
        )
        return log.WORDS, options

    return look


def _log_dir(site: Site) -> Path:
    return Path(site.pms.log_dir or "")


sync_log = _lines("successful availability sync", "availability sync", last=20, sync=True)
rate_log = _lines("successful rate update", "rate update", sync=True)
modification_log = _lines("successful modification", "modification", last=30, sign=Sign.CHANGES_REJECTED)
payment_log = _lines("successful payment", "payment")
webhook_log = _lines(
    "accepted webhook",
    folder="webhooks",
    sign=Sign.SIGNATURE_FAILURES,
    telling=("signature", "hmac"),
    events=True,
)
email_log = _lines("successful mail", "email", "smtp")
channel_log = _lines("successful sync", "sync")


def pms_logs(site: Site, _tuning: Any) -> Made:
    """Look at the five log folders."""
    return log_dirs.CHECK, log_dirs.Options(path=_log_dir(site))


def audit_log(site: Site, _tuning: Any) -> Made:
    """Look at the audit trail."""
    return audit.CHECK, audit.Options(path=_log_dir(site) / "audit", timezone=site.timezone)


def backup(site: Site, _tuning: Any) -> Made:
    """Look at the backups."""
    kept = site.pms.backup
    if kept is None:
        raise ValueError("pms.backup is not configured")
    return backups.CHECK, backups.Options(path=kept.path, max_age=kept.max_age)
