"""What counts as right in the tour."""

from dataclasses import replace

from daemon.demo.faults import FAULTS
from daemon.demo.tour import Stop

FAULT = FAULTS["vendor-outage:ota"]


def test_right_is_the_one_cause_that_fits_told_of_from_beginning_to_end() -> None:
    whole = Stop(FAULT, {"vendor-outage"}, mailed=4.0, over=2.0, mails=4)
    assert whole.right
    assert not replace(whole, causes={"flapping"}).right
    assert not replace(whole, causes={"vendor-outage", "flapping"}).right
    assert not replace(whole, causes=set()).right
    assert not replace(whole, mailed=None).right
    assert not replace(whole, over=None).right
    assert not Stop(FAULT).right


def test_what_has_no_end_that_can_be_seen_need_not_be_told_of_it() -> None:
    assert Stop(FAULTS["card-number-in-log"], {"card-number-in-log"}, mailed=4.0, mails=2).right
