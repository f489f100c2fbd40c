"""Sessions, the wrong tries that are counted, and where somebody is sent back to."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.ack_link import AckLinks
from daemon.web.local_path import local_path
from daemon.web.sessions import IDLE, LONGEST, LONGEST_LIFE, MOST_ENDED, Sessions
from daemon.web.strikes import MOST, Allowance, Strikes
from tests.support.clock import START

SECRET = b"the key of a state, 32 bytes it "
MINUTE = timedelta(minutes=1)


def sessions(secret: bytes = SECRET, token: str | None = SECRET.hex()) -> Sessions:
    return Sessions(secret, lambda: token)


def test_a_session_is_read_as_it_was_written() -> None:
    ours = sessions()
    for name in ("", "Ada", "Zoë 🛎 \\ \"'; =", "名" * 200, "🛎" * 200):
        session = ours.begin(name, START)
        value = ours.write(session)
        assert len(value) <= LONGEST
        assert value.isascii()
        assert not set(value) & set(' ",;\\=')
        assert sessions().read(value, START) == session


def test_a_session_ends_when_it_is_not_used() -> None:
    ours = sessions()
    value = ours.write(ours.begin("Ada", START))
    assert ours.read(value, START + IDLE - MINUTE) is not None
    assert ours.read(value, START + IDLE) is None


def test_a_session_that_is_used_goes_on_until_its_last_day() -> None:
    ours = sessions()
    session = ours.begin("Ada", START)
    now = START
    assert ours.renewed(session, now + MINUTE) is None
    while now < START + LONGEST_LIFE:
        found = ours.read(ours.write(session), now)
        assert found is not None
        session = ours.renewed(found, now) or found
        assert session.id == found.id
        now += timedelta(hours=11)
    assert session.expires == START + LONGEST_LIFE
    assert ours.read(ours.write(session), START + LONGEST_LIFE) is None
    assert ours.renewed(session, START + LONGEST_LIFE) is None


def test_another_token_or_state_ends_every_session() -> None:
    value = sessions().write(sessions().begin("Ada", START))
    assert sessions(token="another").read(value, START) is None
    assert sessions(token=None).read(value, START) is None
    assert sessions(secret=b"another state").read(value, START) is None


def test_every_session_is_another_one() -> None:
    ours = sessions()
    assert len({ours.begin("Ada", START).id for _ in range(100)}) == 100


def test_a_session_that_was_logged_out_is_over_even_where_it_was_copied_to() -> None:
    ours = sessions()
    session = ours.begin("Ada", START)
    ours.end(session)
    assert ours.read(ours.write(session), START) is None
    later = ours.renewed(session, START + timedelta(hours=1))
    assert later is not None
    assert ours.read(ours.write(later), START) is None


def test_what_is_remembered_of_ended_sessions_is_bounded() -> None:
    ours = sessions()
    for _ in range(MOST_ENDED + 10):
        ours.end(ours.begin("", START))
    assert len(ours._ended) == MOST_ENDED


def test_a_session_is_no_link_and_a_link_is_no_session() -> None:
    ours, links = sessions(), AckLinks(SECRET)
    value = ours.write(ours.begin("Ada", START))
    assert links.read(value) is None
    session = ours.begin("Ada", START)
    assert ours.csrf(session) not in value
    body = value.partition(".")[0]
    assert ours.read(f"{body}.{ours.csrf(session)}", START) is None


def test_a_form_carries_the_mark_of_its_own_session() -> None:
    ours = sessions()
    one, other = ours.begin("Ada", START), ours.begin("Ada", START)
    assert ours.is_csrf(ours.csrf(one), one)
    for foreign in ("", ours.csrf(other), ours.csrf(None), one.id, "\udc80", "é"):
        assert not ours.is_csrf(foreign, one)
    renewed = ours.renewed(one, START + timedelta(hours=1))
    assert renewed is not None
    assert ours.is_csrf(ours.csrf(one), renewed)


@given(st.text(max_size=3000))
def test_nothing_a_stranger_writes_is_a_session(value: str) -> None:
    assert sessions().read(value, START) is None


@given(position=st.integers(0, 400), letter=st.characters())
def test_a_session_in_which_one_letter_differs_is_none(position: int, letter: str) -> None:
    ours = sessions()
    value = ours.write(ours.begin("Ada", START))
    changed = value[:position] + letter + value[position + 1 :]
    assert changed == value or ours.read(changed, START) is None


LOCAL = (
    "/",
    "/incidents",
    "/incidents/id1?x=1&y=/a",
    "/silences#new",
    "/a//b",
    "/%2f%2fevil.example",
    "/a:b@c",
)
FOREIGN = (
    "",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/incidents\\..\\evil",
    "https://evil.example/",
    "https:evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    " /incidents",
    "/ /evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    "/incidents\r\nSet-Cookie: a=b",
    "/\x00",
    "/é",
    "/\u2028",
    "incidents",
    "evil.example",
    "?next=/",
    "/" + "a" * 1000,
    "/login",
    "/login?next=/login",
    "/logout",
)


@pytest.mark.parametrize("address", LOCAL)
def test_a_path_of_ours_is_one_to_come_back_to(address: str) -> None:
    assert local_path(address) == address


@pytest.mark.parametrize("address", FOREIGN)
def test_nobody_is_sent_elsewhere(address: str) -> None:
    assert local_path(address) == "/"


def test_tries_run_out_and_come_back_one_by_one() -> None:
    strikes = Strikes(Allowance(3, 60.0))
    for _ in range(3):
        assert strikes.wait("a", 100.0) == 0
        strikes.add("a", 100.0)
    assert strikes.wait("a", 100.0) == 60
    assert strikes.wait("b", 100.0) == 0
    assert strikes.wait("a", 159.5) == 1
    assert strikes.wait("a", 160.0) == 0
    strikes.add("a", 160.0)
    assert strikes.wait("a", 160.0) == 60
    assert strikes.wait("a", 1000.0) == 0


def test_many_addresses_share_one_allowance() -> None:
    strikes = Strikes(Allowance(3, 60.0), Allowance(10, 6.0))
    for number in range(10):
        assert strikes.wait(str(number), 0.0) == 0
        strikes.add(str(number), 0.0)
    assert strikes.wait("somebody else", 0.0) == 6
    assert strikes.wait("somebody else", 6.0) == 0


def test_what_is_remembered_of_addresses_is_bounded() -> None:
    strikes = Strikes(Allowance(3, 60.0))
    for number in range(MOST * 2):
        strikes.add(str(number), number / 1000)
        assert len(strikes) <= MOST
    strikes.add("late", 10_000.0)
    assert len(strikes) == 1
