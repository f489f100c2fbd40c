"""Configurations that several scenarios share."""

from tests.support.process import PEOPLE


def watching(url: str, relay: int) -> str:
    """Return a configuration that watches a payment gateway and door locks every second."""
    return f"""\
integrations:
  payment:
    url: {url}
    checks: {{health: {{interval: 1s}}}}
  door_locks:
    kind: generic
    checks:
      gateway: {{type: http, url: "{url}/locks", interval: 1s}}
""" + PEOPLE.format(relay=relay)


def payment_only(url: str, relay: int) -> str:
    """Return a configuration that watches a payment gateway every second."""
    return f"""\
integrations:
  payment:
    url: {url}
    checks: {{health: {{interval: 1s}}}}
""" + PEOPLE.format(relay=relay)
