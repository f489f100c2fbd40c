"""What people do about incidents over the API, over a real store and engine."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession

from alerts.incident import IncidentState
from alerts.notification import Kind
from checks.result import ok
from tests.support.desk import ADDRESSES, TECH_LEAD
from tests.support.web import DOWN, HEALTH, Shift, on_shift

HOSTILE = "\x1b[31mred\u202e <script>alert(1)</script>\ud800\r\nBcc: x@evil.example"

WRONG: list[tuple[str, object, str]] = [
    ("ack", {}, "by must be a name"),
    ("ack", {"by": ""}, "by must be a name"),
    ("ack", {"by": " \u200b "}, "by must be a name"),
    ("ack", {"by": "x" * 201}, "by must be a name"),
    ("ack", {"by": "Ada\r\nBcc: x"}, "by must be a name"),
    ("ack", {"by": 7}, "by must be a name"),
    ("ack", {"by": ["Ada"]}, "by must be a name"),
    ("note", {"note": "n"}, "by must be a name"),
    ("resolve", {"by": 7}, "by must be a name"),
    ("note", {"by": "Ada"}, "note must be text of 1 to 2000"),
    ("note", {"by": "Ada", "note": "\x00"}, "note must be text of 1 to 2000"),
    ("note", {"by": "Ada", "note": "x" * 2001}, "note must be text of 1 to 2000"),
    ("ack", {"by": "Ada", "note": {}}, "note must be text of at most 2000"),
    ("ack", {"by": "Ada", "until": 1_800_000_000}, "until must be a time with its offset"),
    ("ack", {"by": "Ada", "until": "1h"}, "until must be a time with its offset"),
    ("ack", {"by": "Ada", "until": "2026-11-25T10:00:00"}, "until must be a time with its offset"),
    ("ack", {"by": "Ada", "until": "2026-W48-3T10:00:00Z"}, "until must be a time with its offset"),
    ("ack", {"by": "Ada", "until": "2026-02-30T10:00:00Z"}, "until must be a time with its offset"),
    ("ack", {"by": "Ada", "until": "0001-01-01T00:00:00+14:00"}, "until must be a time with its offset"),
    ("ack", {"by": "Ada", "until": "2026-11-25T08:00:00Z"}, "until is refused: the time"),
    ("ack", {"by": "Ada", "until": "2027-11-25T08:00:00Z"}, "until is refused: nobody can promise"),
    ("ack", {"by": "Ada", "for": "1h"}, "There is no field 'for': there are by, note, until."),
    ("ack", ["Ada"], "The body must be a JSON object"),
]


@pytest.fixture
async def shift(tmp_path: Path) -> AsyncIterator[Shift]:
    async with on_shift(tmp_path) as one:
        yield one


@pytest.fixture
async def client(shift: Shift) -> AsyncIterator[ClientSession]:
    async with ClientSession(shift.house.url) as session:
        yield session


async def found(answer: ClientResponse, status: int = 200) -> dict[str, Any]:
    document: dict[str, Any] = await answer.json()
    assert answer.status == status, document
    return document


async def post(client: ClientSession, act: str, said: object, status: int = 200) -> dict[str, Any]:
    async with client.post(f"/api/v1/incidents/id1/{act}", json=said) as answer:
        return await found(answer, status)


def at(shift: Shift, seconds: float = 0.0) -> str:
    moment = shift.house.clock.now() + timedelta(seconds=seconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def test_an_incident_says_who_is_told_next_when_and_why(client: ClientSession, shift: Shift) -> None:
    async with client.get("/api/v1/incidents/id1") as answer:
        one = await found(answer)
    assert one["next_step"]["level"] == "2"
    assert one["next_step"]["at"] == at(shift, 15 * 60)
    assert one["next_step"]["reason"]
    assert one["standstill"] is None
    evidence = one["evidence"][0]
    assert (evidence["check"], evidence["state"], evidence["reason"]) == (
        "h/payment/health",
        "critical",
        "server_error",
    )
    assert evidence["last_ok"] < evidence["since"]
    assert set(one["diagnosis"]) == {
        "cause",
        "confidence",
        "fault",
        "summary",
        "steps",
        "evidence",
        "missing",
        "runner_up",
        "next_test",
    }


async def test_acknowledging_stops_the_next_step_until_the_promised_time(
    client: ClientSession, shift: Shift
) -> None:
    one = await post(client, "ack", {"by": "Ada", "note": "calling the vendor", "until": at(shift, 7200)})
    assert (one["state"], one["acknowledged_by"]) == ("acknowledged", "Ada")
    assert (one["acknowledged_at"], one["acknowledged_until"]) == (at(shift), at(shift, 7200))
    assert one["next_step"] == {
        "level": "2",
        "at": at(shift, 7200),
        "reason": "The time promised by Ada ends then.",
    }
    assert "calling the vendor" in one["timeline"][-1]["text"]
    await shift.night.see(HEALTH, *[DOWN] * 119)
    assert TECH_LEAD not in {row.recipient for row in await shift.night.letters()}
    await shift.night.see(HEALTH, DOWN)
    assert TECH_LEAD in {row.recipient for row in await shift.night.letters()}
    assert (await shift.now()).state is IncidentState.OPEN


async def test_without_a_time_an_hour_is_promised(client: ClientSession, shift: Shift) -> None:
    one = await post(client, "ack", {"by": "Ada"})
    assert one["acknowledged_until"] == at(shift, 3600)


async def test_a_second_acknowledgement_takes_the_place_of_the_first(
    client: ClientSession, shift: Shift
) -> None:
    await post(client, "ack", {"by": "Ada"})
    one = await post(client, "ack", {"by": "Bob", "until": at(shift, 600).replace("Z", "+00:00")})
    assert (one["acknowledged_by"], one["acknowledged_until"]) == ("Bob", at(shift, 600))
    assert [line["kind"] for line in one["timeline"]].count("acknowledged") == 2


async def test_two_at_once_are_taken_one_after_the_other(client: ClientSession, shift: Shift) -> None:
    both = await asyncio.gather(*(post(client, "ack", {"by": name}) for name in ("Ada", "Bob")))
    assert {one["state"] for one in both} == {"acknowledged"}
    promise = (await shift.now()).acknowledgement
    assert promise is not None
    assert promise.by in {"Ada", "Bob"}


async def test_resolving_at_once_happens_once(client: ClientSession, shift: Shift) -> None:
    async def status() -> int:
        async with client.post("/api/v1/incidents/id1/resolve", json={"by": "Ada"}) as answer:
            return answer.status

    assert sorted(await asyncio.gather(status(), status())) == [200, 409]


async def test_resolving_tells_those_who_were_told_and_stays_so_though_the_check_fails(
    client: ClientSession, shift: Shift
) -> None:
    one = await post(client, "resolve", {"by": "Ada", "note": "test system, ignore it."})
    assert (one["state"], one["resolved_at"]) == ("resolved", at(shift))
    assert one["outcome"] == one["timeline"][-2]["text"] == "resolved by Ada: test system, ignore it"
    assert one["next_step"] is None
    await shift.night.see(HEALTH, DOWN, DOWN, DOWN)
    assert await shift.night.open() == []
    letters = [row for row in await shift.night.letters() if row.kind is Kind.RESOLVED]
    assert [row.recipient for row in letters] == [*ADDRESSES, "desk@hotel.example"]
    assert b"esolved by Ada: test system, ignore it." in letters[0].message


async def test_a_resolved_incident_can_be_noted_but_not_acted_upon(
    client: ClientSession, shift: Shift
) -> None:
    await shift.night.see(HEALTH, ok(), ok())
    for act in ("ack", "resolve"):
        refused = await post(client, act, {"by": "Ada"}, 409)
        assert refused["error"].startswith("This incident was resolved at 2026-11-25T")
    one = await post(client, "note", {"by": "Ada", "note": "it was\nthe firewall"})
    assert (one["timeline"][-1]["kind"], one["timeline"][-1]["text"]) == ("note", "Ada: it was the firewall")
    assert one["state"] == "resolved"


async def test_a_note_changes_nothing_but_the_timeline(client: ClientSession, shift: Shift) -> None:
    before = await shift.now()
    await post(client, "note", {"by": "Ada", "note": "x" * 2000})
    assert await shift.now() == before


@pytest.mark.parametrize("act", ["ack", "resolve", "note"])
async def test_an_unknown_incident_is_not_found(client: ClientSession, act: str) -> None:
    for name in ("id2", "a%00b", "%F0%9F%94%91", "x" * 65):
        async with client.post(f"/api/v1/incidents/{name}/{act}", json={"by": "A", "note": "n"}) as answer:
            refused = await found(answer, 404)
            assert refused == {"error": "There is no incident with this id."}


async def test_what_is_wrong_is_named_with_what_would_be_right(client: ClientSession, shift: Shift) -> None:
    before = await shift.now()
    for act, said, says in WRONG:
        refused = await post(client, act, said, 400)
        assert refused["error"].startswith(says), (act, said)
    assert await shift.now() == before


async def test_what_is_no_json_object_is_refused(client: ClientSession) -> None:
    headers = {"Content-Type": "application/json"}
    for body in (b"{", b"[" * 50_000, b'{"by": "\xff"}', b"1" * 5000, b"NaN", b"\xff\xfe", b"null"):
        async with client.post("/api/v1/incidents/id1/ack", data=body, headers=headers) as answer:
            assert (await found(answer, 400))["error"].startswith("The body must be")


async def test_what_a_form_could_send_is_refused(client: ClientSession) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        body, headers = json.dumps({"by": "Ada"}), {"Content-Type": kind}
        async with client.post("/api/v1/incidents/id1/ack", data=body, headers=headers) as answer:
            assert (await found(answer, 415))["error"].startswith("The body must be JSON")


async def test_a_huge_body_is_refused(client: ClientSession) -> None:
    async with client.post("/api/v1/incidents/id1/note", json={"by": "x" * 70_000}) as answer:
        assert await found(answer, 413) == {"error": "The request is too large."}


@pytest.mark.parametrize("act", ["ack", "resolve", "note"])
async def test_only_this_host_may_act_without_a_token(client: ClientSession, shift: Shift, act: str) -> None:
    before = await shift.now()
    headers = {"X-Forwarded-For": "10.0.0.9"}
    said = {"by": "Ada", "note": "n"}
    async with client.post(f"/api/v1/incidents/id1/{act}", json=said, headers=headers) as answer:
        await found(answer, 403)
    assert await shift.now() == before


async def test_hostile_text_is_made_harmless(client: ClientSession, shift: Shift) -> None:
    await post(client, "note", {"by": "Ada", "note": HOSTILE})
    one = await post(client, "ack", {"by": "A\u202eda", "note": HOSTILE})
    assert one["acknowledged_by"] == "Ada"
    for line in one["timeline"]:
        assert line["text"].isprintable()
    async with client.get("/") as answer:
        page = await answer.text()
    assert "acknowledged by Ada until 09:03" in page
    await post(client, "resolve", {"by": "Ada", "note": HOSTILE})
    letters = [row for row in await shift.night.letters() if row.kind is Kind.RESOLVED]
    mail = message_from_bytes(letters[0].message, policy=policy.default)
    html = mail.get_body(("html",))
    assert html is not None
    assert mail["Bcc"] is None
    assert "<script" not in html.get_content()


async def test_a_state_that_fails_is_said_so(client: ClientSession, shift: Shift) -> None:
    await shift.night.store.close()
    refused = await post(client, "ack", {"by": "Ada"}, 503)
    assert "is closed" in refused["error"]
    async with client.get("/api/v1/incidents") as answer:
        await found(answer, 503)


async def test_a_field_or_parameter_given_twice_is_refused(client: ClientSession, shift: Shift) -> None:
    before, headers = await shift.now(), {"Content-Type": "application/json"}
    twice = b'{"by": "Ada", "by": "Eve"}'
    async with client.post("/api/v1/incidents/id1/ack", data=twice, headers=headers) as answer:
        assert (answer.status, await answer.json()) == (400, {"error": "The body names a field twice."})
    async with client.get("/api/v1/incidents?state=open&state=resolved") as answer:
        assert (answer.status, await answer.json()) == (400, {"error": "Each parameter may be given once."})
    assert await shift.now() == before
