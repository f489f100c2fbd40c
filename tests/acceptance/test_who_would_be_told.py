"""who: who would be told of an incident, when and why, without a daemon."""

import json
from pathlib import Path

import pytest

from tests.support.process import Outcome, command

BODY = """\
hotel: {id: h, name: Grand Harbour Hotel, timezone: Europe/Lisbon}
mail:
  from: "Night Porter <nightporter@hotel.example>"
  relays: [{host: 127.0.0.1, port: 25, security: none}]
escalation:
  levels:
    - {level: 1, role: Support, email: [a@hotel.example, b@hotel.example], phone: "+351 21 555 0200"}
    - {level: 2, role: Lead, email: [lead@hotel.example],
       hours: {days: mon-fri, from: "09:00", to: "18:00", holidays: PT}}
    - {level: 3, role: CTO, email: [cto@hotel.example], hours: emergency}
  front_desk: {email: [desk@hotel.example]}
silences:
  - {match: {integration: payment}, cron: "0 3 * * *", for: 2h, reason: nightly settlement}
  - {match: {hotel: elsewhere}, cron: "0 3 * * *", for: 2h, reason: not this hotel}
"""
SATURDAY = "2026-11-28 20:00"


async def who(directory: Path, *words: str, body: str = BODY) -> Outcome:
    config = directory / "c.yml"
    config.write_text(body)
    return await command("--config", str(config), "who", *words)


async def test_level_2_is_told_when_its_hours_begin_and_level_3_is_not(tmp_path: Path) -> None:
    outcome = await who(tmp_path, "--at", SATURDAY)
    assert outcome.code == 0
    said = outcome.out
    assert "Sat 28 Nov 20:00 WET   Level 1, Support (+351 21 555 0200)" in said
    assert "Mon 30 Nov 09:00 WET   Level 2, Lead" in said
    assert "Outside its hours until then." in said
    assert "not told               Level 3, CTO" in said
    assert "Level 3 is told of emergencies only." in said
    assert said.index("desk@hotel.example") < said.index("lead@hotel.example")
    assert "cto@hotel.example" not in said
    assert max(map(len, said.splitlines())) <= 80


async def test_a_security_incident_is_an_emergency_whatever_was_asked(tmp_path: Path) -> None:
    words = ("--at", SATURDAY, "--severity", "warning", "--criterion", "security-incident")
    plain, script = await who(tmp_path, *words), await who(tmp_path, *words, "--json")
    assert plain.out.startswith("Where security-incident holds, it is an emergency at once.\n")
    answer = json.loads(script.out)
    assert (answer["severity"], answer["criteria"]) == ("emergency", ["security-incident"])
    assert {turn["at"] for turn in answer["turns"]} == {"2026-11-28T20:00:00.000Z"}
    assert [turn["level"] for turn in answer["turns"]] == ["1", "2", "3", "front-desk"]


async def test_a_warning_goes_to_level_1_only(tmp_path: Path) -> None:
    outcome = await who(tmp_path, "--at", SATURDAY, "--severity", "warning", "--json")
    turns = json.loads(outcome.out)["turns"]
    assert [turn["level"] for turn in turns if turn["at"]] == ["1"]


async def test_a_planned_silence_is_mentioned_while_it_holds(tmp_path: Path) -> None:
    within = await who(tmp_path, "--at", "2026-11-28 04:59")
    after = await who(tmp_path, "--at", "2026-11-28 05:00")
    assert "planned silence" in " ".join(within.out.split())
    assert "nightly settlement" in within.out
    assert "not this hotel" not in within.out
    assert "silence" not in after.out


async def test_clocks_that_change_are_told_of(tmp_path: Path) -> None:
    autumn = await who(tmp_path, "--at", "2026-10-25 01:30")
    spring = await who(tmp_path, "--at", "2026-03-29 01:30")
    assert "twice on that day" in " ".join(autumn.out.split())
    assert "The clocks skip 01:30" in spring.out
    assert (autumn.code, spring.code) == (0, 0)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--at", "tomorrow"), "'tomorrow' is no time"),
        (("--severity", "fatal"), "invalid choice: 'fatal'"),
        (("--criterion", "bad-luck"), "invalid choice: 'bad-luck'"),
        (("--hotel", "ritz"), "there is no hotel 'ritz'; there are h"),
    ],
)
async def test_bad_arguments_end_with_two(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    outcome = await who(tmp_path, *words)
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err


async def test_where_nobody_is_configured_nobody_is_told(tmp_path: Path) -> None:
    outcome = await who(tmp_path, body="hotel: {id: h, name: H, timezone: UTC}\n")
    assert outcome.code == 0
    assert "nobody is told: `escalation` names nobody" in " ".join(outcome.out.split())


async def test_of_several_hotels_one_has_to_be_named(tmp_path: Path) -> None:
    hotels = tmp_path / "hotels.d"
    hotels.mkdir()
    for name, zone in (("east", "Asia/Tokyo"), ("west", "America/Lima")):
        (hotels / f"{name}.yml").write_text(f"hotel: {{id: {name}, name: {name}, timezone: {zone}}}\n")
    unnamed = await who(tmp_path, body="hotels_dir: hotels.d\n")
    named = await who(tmp_path, "--hotel", "east", "--at", SATURDAY, "--json", body="hotels_dir: hotels.d\n")
    assert (unnamed.code, unnamed.err) == (
        2,
        "nightporter: say which hotel: --hotel ID; there are east, west\n",
    )
    assert json.loads(named.out)["at"] == "2026-11-28T11:00:00.000Z"


async def test_the_channels_of_a_level_are_named_and_those_that_hear_of_everything(tmp_path: Path) -> None:
    channels = """\
channels:
  bridge: {type: webhook, url: "https://ops.hotel.test/hook", secret: s3cret}
  pager: {type: webhook, url: "https://pager.hotel.test/hook", secret: s3cret}
"""
    body = BODY.replace("hours: emergency}", "hours: emergency, channels: [pager]}") + channels
    words = ("--at", SATURDAY, "--criterion", "security-incident")
    plain, script = await who(tmp_path, *words, body=body), await who(tmp_path, *words, "--json", body=body)
    assert "cto@hotel.example\n                       over the channel pager\n" in plain.out
    assert "Told of every incident, from its opening to its end: bridge." in plain.out
    answer = json.loads(script.out)
    assert answer["channels"] == ["bridge"]
    assert [turn["channels"] for turn in answer["turns"]] == [[], [], ["pager"], []]


async def test_a_level_of_channels_only_is_told(tmp_path: Path) -> None:
    body = """\
hotel: {id: h, name: H, timezone: UTC}
channels: {pager: {type: webhook, url: "https://pager.hotel.test/hook", secret: s3cret}}
escalation: {levels: [{level: 1, role: Night team, channels: [pager]}]}
"""
    outcome = await who(tmp_path, "--severity", "warning", body=body)
    assert "Level 1, Night team" in outcome.out
    assert "over the channel pager" in outcome.out
