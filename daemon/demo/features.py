"""Where in the demo each feature is seen: which button to press, and where to look."""

from dataclasses import dataclass

from alerts.aids.aid import AidKind


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature, `how` it comes to be seen, the `fault` to break for it, and the `page` of the porter.

    `aid` is what the incident of the fault then shows.
    """

    name: str
    how: str
    fault: str = ""
    page: str = ""
    where: str = ""
    aid: AidKind | None = None


FEATURES = (
    Feature("Reports", "mail one above, or read it as of now:", page="/reports", where="reports"),
    Feature(
        "Ledger",
        "the owner's tasks, who did them, and one that is overdue:",
        page="/maintenance",
        where="the ledger",
    ),
    Feature(
        "Credentials",
        "one is to be renewed within ten days, in the ledger and the reports:",
        page="/maintenance",
        where="the register",
    ),
    Feature("Drill", "one was held 12 days ago; hold another above:", page="/drills", where="drills"),
    Feature(
        "Triage list",
        "bookings to enter by hand, by arrival, on the incident:",
        "room-type-not-mapped",
        aid=AidKind.TRIAGE,
    ),
    Feature(
        "Overbooking radar",
        "nights that are nearly sold out while updates are late, on the incident:",
        "processing-bottleneck",
        aid=AidKind.RADAR,
    ),
    Feature(
        "Guest-impact clock",
        "from when Expedia sends bookings by e-mail, by the day of arrival, on the incident:",
        "vendor-outage:ota",
        aid=AidKind.CLOCK,
    ),
    Feature(
        "Mail budget",
        "what is left of 24 hours, and when more comes back:",
        "mail-quota-exhausted",
        aid=AidKind.BUDGET,
    ),
    Feature(
        "Vendor ticket",
        "a letter to the vendor with times and account, on the incident:",
        "vendor-outage",
        aid=AidKind.TICKET,
    ),
    Feature(
        "Silence by rhythm",
        "how rare it is, and how to tell loss from low demand:",
        "reservation-silence",
        aid=AidKind.SILENCE,
    ),
    Feature(
        "Wrong instructions",
        "an incident of last week whose note says that the runbook was wrong:",
        page="/incidents/past-2",
        where="that incident",
    ),
    Feature(
        "Hand-over",
        "level 2 hears when its hours begin what it missed at night: show it above, of a simulated night.",
    ),
)
