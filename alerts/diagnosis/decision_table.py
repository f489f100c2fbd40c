"""All rules, in the order they are asked: what explains most comes first."""

from alerts.diagnosis import (
    certificates,
    credentials,
    database,
    flow_availability,
    flow_ota,
    flow_queue,
    host,
    mail,
    monitor,
    network,
    payments,
    security,
    slowness,
    together,
    unreachable,
    vendor,
    webhook,
)
from alerts.diagnosis.rule import Rule

RULES: tuple[Rule, ...] = (
    *monitor.RULES,
    *host.RULES,
    *network.RULES,
    *database.RULES,
    *together.RULES,
    *security.RULES,
    *certificates.RULES,
    *credentials.RULES,
    *vendor.RULES,
    *unreachable.RULES,
    *slowness.ON_THE_WAY,
    *mail.RULES,
    *webhook.RULES,
    *flow_availability.RULES,
    *flow_queue.RULES,
    *flow_ota.RULES,
    *payments.RULES,
    database.SLOW_DATABASE,
    slowness.SLOW,
)
