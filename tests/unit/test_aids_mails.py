"""Mails with what helps beside the diagnosis, as they were approved; `UPDATE_GOLDEN=1` writes them anew."""

from dataclasses import replace

import pytest

from alerts.aids.sight import Sight
from alerts.message import Renderer
from checks.findings import Budget, Findings, Gap, Scarce
from checks.result import Reason, Sign
from tests.support.aiding import (
    ahead,
    failed_imports,
    late_queue,
    listed,
    mail,
    sight,
    stock,
    stuck,
    unmapped,
)
from tests.support.facts import failing
from tests.support.letters import at_the_desk
from tests.unit.test_message import as_approved, parse

IMPORTS = listed(
    stuck("BE-X1", 0, "DLX"),
    stuck("BE-X2", 0, "DLX"),
    stuck("BE-X3", 1, "DLX"),
    stuck("BE-X4", 4, "DLX"),
    stuck("BE-X5", 9, "DLX"),
    stuck("BE-X6", None, "DLX"),
    gaps=(Gap("DLX", 6, pms=True),),
)
NIGHTS = (
    Scarce("DLX", ahead(3), 1),
    Scarce("STE", ahead(3), 1),
    Scarce("STE", ahead(9), 2),
    Scarce("DLX", ahead(10), 1),
)
EMPTY = Budget("messages", 2000, 2000, 80, (120, 180, 0, 300, *[70] * 20))


def used_up() -> Sight:
    told = "2,000 of 2,000 messages used within 24 h, 0 left; the first is free again at 08:20"
    fact = failing("email/quota", Reason.THRESHOLD, Sign.QUOTA_USED_UP, message=told, type_="quota")
    return sight(replace(fact, findings=Findings(budgets=(EMPTY,))))


@pytest.mark.parametrize(
    ("name", "about"),
    [
        ("failed-imports", sight(unmapped(), failed_imports(IMPORTS))),
        ("late-updates", sight(late_queue(), stock(*NIGHTS, minutes=9))),
        ("late-updates-plenty", sight(late_queue(), stock())),
        ("quota-used-up", used_up()),
    ],
)
@pytest.mark.parametrize("desk", [False, True], ids=["engineer", "desk"])
def test_the_mail_reads_as_it_was_approved(name: str, about: Sight, desk: bool) -> None:
    letter = mail(about)
    approved = f"{name}-desk" if desk else name
    as_approved(approved, parse(Renderer().render(at_the_desk(letter) if desk else letter)))
