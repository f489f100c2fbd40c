"""What the checks of mail records share."""

import json
from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.context import Context, Tools, Trace
from checks.mail_records import broken, doubtful, last_seen, remember, tags
from checks.memory import Memory
from checks.result import Reason, Result, State, ok
from checks.spf_record import SpfError, parse
from tests.support.clock import FakeClock

NAME = "hotel.example"
WORDS = st.text(alphabet="v=spf1 :/%{}idr.-+?~ainclude4609x", max_size=80)


class Desk:
    """A check's memory, and a clock moved by hand."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.memory = Memory()

    @property
    def context(self) -> Context:
        return Context(Tools.new(self.clock.now), Trace(), 3600.0, 10.0, self.memory)

    def see(self, *records: str, result: Result | None = None, hours: float = 0, name: str = NAME) -> Result:
        """Look again, so many hours later; without records it is missing."""
        self.clock.advance(hours * 3600)
        self.memory = Memory(json.loads(json.dumps(self.memory.value)))
        seen: dict[str, Sequence[str] | None] = {name: records or None}
        return remember(self.context, seen, result or (ok("fine") if records else broken("missing")))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a=1; b = 2 ;", {"a": "1", "b": "2"}),
        ("", {}),
        (";;", {}),
        ("a=", {"a": ""}),
        ("a=b=c", {"a": "b=c"}),
        ("a=1\r\n ;b=2", {"a": "1", "b": "2"}),
    ],
)
def test_tag_lists_are_read(text: str, wanted: dict[str, str]) -> None:
    assert tags(text) == wanted


@pytest.mark.parametrize("text", ["a", "a=1;b", "=1", "a=1;a=2", "x" * 10_000])
def test_what_is_no_tag_list_is_told_briefly(text: str) -> None:
    with pytest.raises(ValueError, match=r"tag|form") as raised:
        tags(text)
    assert len(str(raised.value)) < 100


async def test_the_order_of_records_is_no_change() -> None:
    desk = Desk()
    assert desk.see("a", "b").state is State.OK
    assert desk.see("b", "a").state is State.OK
    assert desk.see("b").reason is Reason.MISMATCH


async def test_a_second_change_is_told_for_a_day_of_its_own() -> None:
    desk = Desk()
    desk.see("one")
    assert '"one" and is now "two"' in desk.see("two").message
    assert '"two" and is now "three"' in desk.see("three", hours=20).message
    assert desk.see("three", hours=23).state is State.WARNING
    assert desk.see("three", hours=2) == ok("fine")


async def test_a_change_is_told_beside_a_warning_and_waits_behind_worse() -> None:
    desk = Desk()
    desk.see("one")
    message = desk.see("two", result=doubtful("too open")).message
    assert message.startswith("too open; changed, seen 25 Nov 08:00 UTC")
    assert desk.see(hours=1) == broken("missing")
    assert desk.see("two", hours=1).state is State.WARNING


async def test_the_last_good_record_is_kept_while_there_is_none() -> None:
    desk = Desk()
    assert last_seen(desk.context, NAME) == ""
    desk.see("one")
    desk.see(hours=100)
    assert last_seen(desk.context, NAME) == ' (it was "one")'
    assert '"one" and is now "two"' in desk.see("two").message


async def test_another_domain_is_looked_at_for_the_first_time() -> None:
    desk = Desk()
    desk.see("one")
    assert desk.see("two", name="other.example").state is State.OK


async def test_little_is_remembered_of_much() -> None:
    desk = Desk()
    seen = {f"{at}.example": ["x" * 60_000] for at in range(100)}
    remember(desk.context, seen, ok())
    remember(desk.context, {name: ["y" * 60_000] for name in seen}, ok())
    assert len(json.dumps(desk.memory.value)) < 10_000


async def test_a_change_far_behind_is_noticed_too_and_told_without_its_digest() -> None:
    desk = Desk()
    long = "v=spf1 " + "ip4:192.0.2.1 " * 100
    desk.see(long + "ip4:198.51.100.1 -all")
    assert desk.see(long + "ip4:198.51.100.1 -all").state is State.OK
    result = desk.see(long + "ip4:203.0.113.66 -all")
    assert result.state is State.WARNING
    assert result.message.endswith(f"{NAME} differs behind its first 800 characters")
    message = desk.see(long[:-1].upper()).message
    assert '"v=spf1' in message
    assert len(message) < 300


@pytest.mark.parametrize("length", [800, 801])
async def test_a_record_that_grows_past_what_is_remembered_has_changed(length: int) -> None:
    desk = Desk()
    desk.see("x" * length)
    assert desk.see("x" * length).state is State.OK
    assert desk.see("x" * (length + 1)).state is State.WARNING


async def test_a_clock_set_back_does_not_make_a_change_last() -> None:
    desk = Desk()
    desk.see("one")
    desk.see("two")
    desk.clock.jump(-30 * 24 * 3600)
    assert desk.see("two").state is State.OK


@given(WORDS)
def test_any_text_is_an_spf_record_or_is_refused(text: str) -> None:
    with suppress(SpfError):
        assert all(term.name for term in parse("v=spf1 " + text).terms)
