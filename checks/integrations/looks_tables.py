"""Looks at the tables of the PMS. `query:` of a check replaces its statement; its module says which columns
it must give."""

from typing import Any

from checks.check import CheckType
from checks.integrations.built_in import SqlTuning, StockTuning, Tuning
from checks.integrations.looks_dns import GOOGLE_HOSTS
from checks.integrations.options import Quota
from checks.integrations.site import Site
from checks.tables import availability as availability_type
from checks.tables import (
    database_health,
    delivery_statement,
    mail_quota,
    question,
    queues,
    queues_statement,
    rates_statement,
    rhythm_statement,
    transactions_statement,
    triage_statement,
)
from checks.tables import delivery as delivery_type
from checks.tables import import_errors as import_errors_type
from checks.tables import orphans as orphans_type
from checks.tables import rate_mapping as rate_mapping_type
from checks.tables import rates as rates_type
from checks.tables import reservations as reservations_type
from checks.tables import room_mapping as room_mapping_type
from checks.tables import transactions as transactions_type
from checks.values import Options

Made = tuple[CheckType, Options]


def _asked(site: Site, tuning: SqlTuning, statement: str, *values: Any) -> dict[str, Any]:
    """Return the statement and its values, or the tuning's own, which takes none."""
    if tuning.query is not None:
        return {"dsn": site.pms.dsn, "query": tuning.query}
    return {"dsn": site.pms.dsn, "query": statement, "values": values}


def _listed(site: Site, tuning: SqlTuning, statement: str) -> dict[str, Any]:
    """Return the statement that lists what another counts, unless that is the tuning's own."""
    return {} if tuning.query is not None else {"listing": statement, "zone": _zone(site)}


def _zone(site: Site) -> str:
    return site.timezone.key


def availability(site: Site, tuning: StockTuning) -> Made:
    """Look for overbooked nights, nights without availability, and nights that are nearly sold out."""
    horizon = availability_type.reach(tuning.horizon_days or availability_type.HORIZON)
    few = availability_type.FEW if tuning.scarce is None else tuning.scarce
    asked = _asked(site, tuning, availability_type.STATEMENT, _zone(site), horizon, few)
    return availability_type.CHECK, availability_type.Options(**asked, horizon=horizon, few=few)


def room_mapping(site: Site, tuning: SqlTuning) -> Made:
    """Look for room types that are not mapped, or twice."""
    asked = _asked(site, tuning, room_mapping_type.STATEMENT, _zone(site))
    return room_mapping_type.CHECK, room_mapping_type.Options(**asked)


def reservations(site: Site, tuning: SqlTuning) -> Made:
    """Look for a silence that the hotel's rhythm does not explain."""
    asked = _asked(site, tuning, reservations_type.STATEMENT, _zone(site))
    return reservations_type.CHECK, reservations_type.Options(**asked, timezone=site.timezone)


def import_errors(site: Site, tuning: SqlTuning) -> Made:
    """Look for reservations that could not be imported."""
    asked = _asked(site, tuning, import_errors_type.STATEMENT, _zone(site))
    listed = _listed(site, tuning, triage_statement.IMPORTS)
    return import_errors_type.CHECK, import_errors_type.Options(**asked, **listed)


def rates(site: Site, tuning: SqlTuning) -> Made:
    """Look for nights without a rate, and rates that cannot be meant."""
    horizon = availability_type.reach(tuning.horizon_days or availability_type.HORIZON)
    asked = _asked(site, tuning, rates_statement.STATEMENT, _zone(site), horizon)
    return rates_type.CHECK, rates_type.Options(**asked, horizon=horizon)


def rate_mapping(site: Site, tuning: SqlTuning) -> Made:
    """Look for rate plans that the OTA's platform has no code for."""
    platform = site.system.platform or None
    asked = _asked(site, tuning, rate_mapping_type.STATEMENT, _zone(site), platform)
    return rate_mapping_type.CHECK, rate_mapping_type.Options(**asked, platform=platform)


def modification_queue(site: Site, tuning: SqlTuning) -> Made:
    """Look at the modifications that wait, and those that were rejected."""
    asked = _asked(site, tuning, queues_statement.MODIFICATIONS, site.bounds.queue_size + 1, _zone(site))
    listed = _listed(site, tuning, triage_statement.REJECTED)
    return _queue(site, asked, of="modifications", failing=True, **listed)


def modification_orphans(site: Site, tuning: SqlTuning) -> Made:
    """Look for modifications without a reservation, and reservations that stand twice."""
    asked = _asked(site, tuning, orphans_type.STATEMENT, _zone(site))
    listed = _listed(site, tuning, triage_statement.ORPHANS)
    return orphans_type.CHECK, orphans_type.Options(**asked, **listed)


def queue(site: Site, tuning: SqlTuning) -> Made:
    """Look at the updates that wait for the channel manager."""
    bounds = site.bounds
    statement = queues_statement.CHANNEL_MANAGER
    asked = _asked(site, tuning, statement, bounds.queue_size + 1, bounds.sync_delay)
    return _queue(site, asked, of="updates")


def _queue(site: Site, asked: dict[str, Any], **options: Any) -> Made:
    limits = {"limit": site.bounds.queue_size, "delay": site.bounds.sync_delay}
    return queues.CHECK, queues.Options(**asked, **limits, **options)


def transactions(site: Site, tuning: SqlTuning) -> Made:
    """Look at payments: faults and declines, told apart."""
    bounds = site.bounds
    asked = _asked(site, tuning, transactions_statement.STATEMENT, bounds.rate_window, bounds.sync_delay)
    options = transactions_type.Options(
        **asked,
        window=bounds.rate_window,
        limit=bounds.error_rate,
        least=bounds.min_samples,
        timezone=site.timezone,
        rhythm=_rhythm(site, tuning, rhythm_statement.PAYMENTS),
    )
    return transactions_type.CHECK, options


def _rhythm(site: Site, tuning: SqlTuning, statement: str) -> question.Options | None:
    """Return the question for a rhythm; a schema that differs has none."""
    if tuning.query is not None:
        return None
    return question.Options(**_asked(site, tuning, statement, _zone(site)))


def delivery(site: Site, tuning: SqlTuning) -> Made:
    """Look at the hotel's mails: which left, and which came back."""
    asked = _asked(site, tuning, delivery_statement.STATEMENT, _allowed(site).messages_per_day)
    bounds = site.bounds
    options = delivery_type.Options(
        **asked,
        limit=bounds.error_rate,
        least=bounds.min_samples,
        timezone=site.timezone,
        rhythm=_rhythm(site, tuning, rhythm_statement.MAILS),
    )
    return delivery_type.CHECK, options


def quota(site: Site, tuning: SqlTuning) -> Made:
    """Look at how many mails may still be sent."""
    allowed = _allowed(site)
    smtp = site.system.smtp
    google = smtp is not None and smtp.host.lower().rstrip(".") in GOOGLE_HOSTS
    options = mail_quota.Options(
        **_asked(site, tuning, delivery_statement.STATEMENT, allowed.messages_per_day),
        messages=allowed.messages_per_day,
        recipients=mail_quota.GOOGLE_RECIPIENTS if google else None,
        warn_remaining=allowed.warn_remaining,
        timezone=site.timezone,
    )
    return mail_quota.CHECK, options


def _allowed(site: Site) -> Quota:
    return site.system.quota or Quota()


def database(site: Site, _tuning: Tuning) -> Made:
    """Look at the database itself."""
    return database_health.CHECK, database_health.Options(dsn=site.pms.dsn)
