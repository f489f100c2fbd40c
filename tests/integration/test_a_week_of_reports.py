"""A hotel lives through a week, and each number of its reports is counted again from rows of the state."""

import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from alerts.change import Change, Event
from alerts.incident import Cause, Incident, Severity
from checks.result import CheckId, Quota, State
from daemon.store.sightings import Sighting
from tests.support.boards import answered, check, put
from tests.support.inbox import inbox
from tests.support.recount import Recount, reports_in
from tests.support.recounted_ends import Watched
from tests.support.reported import HOTEL, HOUR, LEAD, TEAM, Reported, a_hotel, deliver, outbox_of
from tests.support.rows import tables
from tests.support.said_numbers import unfounded
from tests.support.stored import standing, url_of

LISBON = ZoneInfo("Europe/Lisbon")
WEEK = timedelta(days=7)
PAYMENT = CheckId(HOTEL, "payment", "health")
ROOMS = CheckId(HOTEL, "booking_engine", "room_mapping")


def six(day: str) -> datetime:
    """Return six o'clock on a day in Lisbon."""
    return datetime.fromisoformat(f"{day} 06:00").replace(tzinfo=LISBON).astimezone(UTC)


def watched_until(monday: datetime) -> Watched:
    """Return what is on the board and in the register, by the beginning of the week that is reported on."""
    today = monday.date()
    return Watched(
        {
            "ota-password": (None, today + timedelta(days=17)),
            "mail-password": (today - timedelta(days=100), today - timedelta(days=10)),
            "api-key": (today - timedelta(days=50), today + timedelta(days=400)),
        },
        ("expedia", "health", monday + timedelta(days=20, hours=3)),
        ("email", "quota", monday + timedelta(days=6, hours=9)),
    )


def register(watched: Watched) -> str:
    """Return the register as it stands in the configuration."""
    known = watched.credentials
    return f"""
credentials:
  ota-password: {{title: Password at the OTA, owner: Rui, expires: {known["ota-password"][1]}}}
  mail-password: {{title: Mail password, owner: Ada, created: {known["mail-password"][0]}, rotate_every: 90d}}
  api-key: {{owner: Ada, created: {known["api-key"][0]}, expires: {known["api-key"][1]}}}
"""


def put_up(hotel: Reported, watched: Watched) -> None:
    """Put a certificate on the board, and a quota that will be used up."""
    integration, name, ends = watched.certificate
    sealed = check(integration, name, hotel=HOTEL)
    mails = check(*watched.quota[:2], hotel=HOTEL)
    hotel.board.watch([sealed, mails], {HOTEL: "Grand Harbour Hotel"})
    put(hotel.board, sealed, replace(answered(), certificate_expiry=ends.timestamp()), hotel.clock)
    quota = Quota(1500.0, 2000.0, exhausted_at=watched.quota[2].timestamp())
    put(hotel.board, mails, replace(answered(), quotas={"messages": quota}), hotel.clock)


@dataclass
class Story:
    """What happens to the hotel, by the hour of its second week."""

    hotel: Reported
    monday: datetime
    open: dict[str, Incident]

    async def before(self) -> None:
        """Live through the week before, which nobody reports on."""
        hotel, seen = self.hotel, self.hotel.store.sightings
        found = await hotel.opens("inc-z", "email", Cause.MAIL_QUOTA_EXHAUSTED, Severity.WARNING)
        await hotel.look(span=4 * HOUR)
        await hotel.ends(found)
        ends = (self.monday + timedelta(days=22)).date().isoformat()
        await seen.add(
            [
                Sighting(PAYMENT, "certificate.ends", hotel.clock.now(), ends),
                Sighting(ROOMS, "mappings", hotel.clock.now(), "three of them"),
            ]
        )
        stands = [
            replace(standing(CheckId(HOTEL, *name), State.OK), reason=None, message="", breached=False)
            for name in (("booking_engine", "availability"), ("pms", "backup"), ("payment", "webhook"))
        ]
        await hotel.store.commit(Change(standings=tuple(stands)))
        while hotel.clock.now() < self.monday:
            await hotel.look(span=min(6 * HOUR, self.monday - hotel.clock.now()))

    async def hour(self, number: int) -> None:
        """Let an hour of the week pass."""
        hotel, seen = self.hotel, self.hotel.store.sightings
        if number == 20:
            self.open["inc-a"] = await hotel.opens("inc-a", "payment", Cause.VENDOR_OUTAGE, Severity.CRITICAL)
        if number == 60:
            self.open["inc-b"] = await hotel.opens(
                "inc-b", "booking_engine", Cause.WEBHOOK_BLOCKED, Severity.EMERGENCY
            )
        if number == 70:
            await self._comes_back("inc-b")
        if number == 140:
            await hotel.opens("inc-c", "expedia", Cause.SLOW_RESPONSES, Severity.WARNING)
        if number in {23, 61, 75}:
            await hotel.ends(self.open["inc-a" if number == 23 else "inc-b"])
        if number == 30:
            await seen.add([Sighting(ROOMS, "mappings", hotel.clock.now(), "four of them")])
        if number == 50:
            await seen.add([Sighting(PAYMENT, "error.0a1b", hotel.clock.now(), "no route to the gateway")])
        await hotel.look(away=number in {52, 53, 54}, settle=number % 6 == 5)

    async def _comes_back(self, name: str) -> None:
        now = self.hotel.clock.now()
        again = replace(self.open[name], opened_at=now, epoch=2, reopened=(now,))
        event = Event(name, now, "reopened", f"reopened: {again.title}")
        await self.hotel.store.commit(Change(incidents=(again,), events=(event,)))
        self.open[name] = again


async def test_a_week_ends_with_seven_reports_of_its_days_and_one_of_it_all_and_every_number_is_true(
    address: str, tmp_path: Path
) -> None:
    await live_and_count(address, tmp_path, "2026-11-23", 168)


@pytest.mark.parametrize(("monday", "hours"), [("2026-03-23", 167), ("2026-10-19", 169)])
async def test_so_does_a_week_in_which_the_clocks_change(monday: str, hours: int, tmp_path: Path) -> None:
    await live_and_count(url_of(tmp_path), tmp_path, monday, hours)


async def live_and_count(address: str, tmp_path: Path, monday: str, hours: int) -> None:
    """Live through a week, and hold what was mailed and kept against what the rows say."""
    start = six(monday)
    watched = watched_until(start)
    async with (
        a_hotel(address, tmp_path, six_before(monday), more=register(watched)) as hotel,
        inbox() as relay,
    ):
        put_up(hotel, watched)
        story = Story(hotel, start, {})
        await story.before()
        outbox = outbox_of(hotel.store, hotel.clock, relay.port)
        for number in range(hours):
            await hotel.nights.tick()
            if number % 6 == 0:
                await deliver(outbox)
            await story.hour(number)
        await hotel.nights.tick()
        await deliver(outbox)
        mails = [one for one in relay.take() if one["X-Nightporter-Kind"] == "report"]
        assert hotel.clock.now() == six(monday_after(monday))
        await hotel.look(span=HOUR)
        found = await tables(address)
    bodies = list(reports_in(found))
    assert [body["kind"] for body in bodies] == ["daily"] * 7 + ["weekly"]
    for body in bodies:
        assert_counted(Recount(found, LISBON, watched), body)
    assert Counter((one["To"], kind_of(one)) for one in mails) == {
        (TEAM, "Daily"): 7,
        (TEAM, "Weekly"): 1,
        (LEAD, "Weekly"): 1,
    }
    for mail in mails:
        assert_founded(mail, bodies)


def six_before(monday: str) -> datetime:
    return six((datetime.fromisoformat(monday) - WEEK).date().isoformat())


def monday_after(monday: str) -> str:
    return (datetime.fromisoformat(monday) + WEEK).date().isoformat()


def assert_counted(recount: Recount, body: dict[str, Any]) -> None:
    """Hold each figure of a report against what the rows say, and all that they say against the figures."""
    ends = datetime.fromisoformat(body["to"])
    day = ends.astimezone(LISBON).replace(tzinfo=None)
    length = timedelta(days=1) if body["kind"] == "daily" else WEEK
    before = [(day - WEEK - one).replace(tzinfo=LISBON).astimezone(UTC) for one in (length, timedelta())]
    expected = recount.figures(body, (before[0], before[1]))
    assert body["figures"].keys() ^ expected.keys() == set()
    assert body["figures"] == pytest.approx(expected, rel=1e-6, abs=1e-3)


def kind_of(mail: EmailMessage) -> str:
    return str(re.search("REPORT . ([A-Z][a-z]+) report", text_of(mail))[1])  # type: ignore[index]  # it is there


def text_of(mail: EmailMessage) -> str:
    found = mail.get_body(("plain",))
    assert found is not None
    return " ".join(str(found.get_content()).split())


def assert_founded(mail: EmailMessage, bodies: list[dict[str, Any]]) -> None:
    """Hold each number that a mail says against the figures of its report."""
    kind, dated = kind_of(mail).lower(), mail["Date"].datetime.astimezone(UTC)
    (body,) = (
        one
        for one in bodies
        if one["kind"] == kind and datetime.fromisoformat(one["made_at"]).replace(microsecond=0) == dated
    )
    assert unfounded(text_of(mail), body["figures"]) == []
