"""Every fault that can be switched on, by its name."""

from collections.abc import Mapping
from types import MappingProxyType

from daemon.demo import (
    faults_business,
    faults_house,
    faults_mail,
    faults_tables,
    faults_together,
    faults_vendors,
)
from daemon.demo.fault import Fault

STORY = "vendor-outage"
"""What happens in the demo when nobody asks for anything else."""

TOUR = (
    STORY,
    "api-credentials-invalid:channel-manager",
    "room-type-not-mapped",
    "webhook-secret-wrong",
    "mail-authentication-broken:dkim",
    "local-network-down",
)
"""Six faults that show what the porter can do: of different kinds, and at different places."""

WITHOUT_DATABASE: Mapping[str, str] = MappingProxyType({"room-type-not-mapped": "message-invalid"})
"""What stands in the tour for a fault that happens in a database where there is none."""

NOT_SHOWN: Mapping[str, str] = MappingProxyType(
    {
        "webhook-blocked": "it is seen from outside of the house only",
        "webhook-subscription-disabled": "it is seen at the vendor only",
        "monitor-overloaded": "the porter would have to be starved for it",
    }
)
"""Causes that no fault of the simulated hotel leads to, and why."""


def _all() -> Mapping[str, Fault]:
    single = {}
    for area in (faults_vendors, faults_tables, faults_business, faults_mail, faults_house):
        single.update({fault.name: fault for fault in area.faults()})
    together = {fault.name: fault for fault in faults_together.faults(single)}
    return MappingProxyType(dict(sorted((single | together).items())))


FAULTS = _all()
