"""What the pages tell people to type does what they say, with a porter on duty."""

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.handbook import ROOT, blocks, typed, words_of
from tests.support.inbox import Inbox, inbox
from tests.support.process import A, Outcome, Porter, command, porter
from tests.support.vendor import vendor

HOUSE = """\
integrations:
  payment:
    url: {url}
    checks: {{health: {{interval: 1s}}}}
  house:
    kind: generic
    checks: {{night_job: {{type: heartbeat, interval: 24h}}}}
mail:
  from: "Night Porter <nightporter@hotel.example>"
  relays: [{{host: 127.0.0.1, port: {relay}, security: none}}]
escalation:
  levels:
    - {{level: 1, role: Support, email: [a@hotel.example]}}
    - {{level: 2, role: Technical Lead, email: [b@hotel.example]}}
"""
ELSEWHERE = {"demo", "run"}
"""What other scenarios do: it stays until it is ended."""

LOOKS = {"check": 2, "diagnose": 2, "status": 2}
"""How looking ends while a gateway is down; all else ends with 0."""

LINES = [
    line for block in blocks("sh") if not block.page.is_relative_to(ROOT / "deploy") for line in typed(block)
]
"""What is typed on all pages but those of `deploy`, which have tests of their own."""


def lines_of(page: str, *begins: str) -> list[str]:
    """Return what is typed on one page and begins so."""
    lines = [line for block in blocks("sh") if block.page.name == page for line in typed(block)]
    return [line for line in lines if line.startswith(begins)]


def needs(*programs: str) -> None:
    """Skip a test where a program is not installed, and fail it in CI."""
    missing = [one for one in programs if shutil.which(one) is None]
    if missing and os.environ.get("CI") == "true":
        pytest.fail(f"CI needs {', '.join(missing)}")
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")


@asynccontextmanager
async def trouble(directory: Path) -> AsyncIterator[tuple[Porter, Inbox, str]]:
    """Have a porter who has told of a payment gateway that is down; give the incident's id, too."""
    async with (
        vendor() as gateway,
        inbox() as mails,
        porter(directory, HOUSE.format(url=gateway.url, relay=mails.port)) as one,
    ):
        gateway.status = 503
        await mails.expect("problem", to=A)
        found = await one.poll("/api/v1/incidents", lambda answer: answer["incidents"])
        yield one, mails, found["incidents"][0]["id"]


async def shell(line: str, directory: Path) -> Outcome:
    """Type a line into a shell."""
    pipe = asyncio.subprocess.PIPE
    typed_in = await asyncio.create_subprocess_exec("sh", "-c", line, cwd=directory, stdout=pipe, stderr=pipe)
    async with asyncio.timeout(20):
        out, err = await typed_in.communicate()
    return Outcome(typed_in.returncode or 0, out.decode(), err.decode())


def told(one: Porter, words: list[str], incident: str, drill: str) -> list[str]:
    """Return the words with the ids there are, a short wait, and the porter's own configuration."""
    this = drill if words[0] == "drill" else incident
    real = {"k3x9d2m7qa": this, "ID": this, "15m": "1s", "porter.yml": str(one.config)}
    return ["--config", str(one.config), *(real.get(word, word) for word in words)]


async def drill_of(one: Porter) -> str:
    """Return the id of the latest drill."""
    found = (await one.json("/api/v1/drills"))["drills"]
    return str(found[0]["id"]) if found else ""


async def test_what_is_typed_on_the_pages_does_what_they_say(tmp_path: Path) -> None:
    calls = {tuple(words): line for line in LINES if (words := words_of(line, "nightporter"))}
    done = []
    async with trouble(tmp_path) as (one, mails, incident):
        for given, line in calls.items():
            plain = [word for word in given if word not in {"--config", "porter.yml"}]
            if plain[0] in ELSEWHERE:
                continue
            if plain[0] == "drill" and plain[1:2] not in (["list"], ["ack"]):
                # One is under way for each level: the next may begin when somebody has acknowledged it.
                await one.post(f"/api/v1/drills/{await drill_of(one)}/ack", json={"by": "Ada"})
            outcome = await command(*told(one, plain, incident, await drill_of(one)), cwd=tmp_path)
            assert outcome.code == LOOKS.get(plain[0], 0), f"{line}\n{outcome.out}{outcome.err}"
            assert "nightporter:" not in outcome.err, line
            done.append(plain[0])
        await one.stop()
        mails.take()
        assert {"check", "diagnose", "drill", "incidents", "maintenance", "report", "silence", "status"} <= {
            *done
        }
        assert {"validate", "who"} <= {*done}
        assert (tmp_path / "week.html").read_text().startswith("<!DOCTYPE html>")


def asked(one: Porter, line: str, incident: str) -> str:
    """Return a line that calls curl as it is for this porter, today; its end tells of refusals."""
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    line = line.replace("curl ", "curl -sS --fail-with-body ", 1).replace(
        "127.0.0.1:9187", f"127.0.0.1:{one.port}"
    )
    line = re.sub(r'("to": ")[\d-]+', rf"\g<1>{tomorrow:%Y-%m-%d}", line)
    line = re.sub(r"(from=)[\d-]+", rf"\g<1>{tomorrow - timedelta(days=2):%Y-%m-%d}", line)
    return line.replace("/ID/", f"/{incident}/")


async def test_what_curl_asks_on_the_pages_is_answered_with_a_token_too(tmp_path: Path) -> None:
    needs("curl", "openssl")
    lines = [line for line in LINES if line.startswith("curl ")]
    (make_token,) = lines_of("http.md", "openssl ")
    (header,) = set(re.findall(r'-H "Authorization: [^"]+"', (ROOT / "docs" / "http.md").read_text()))
    token = tmp_path / "token"
    async with trouble(tmp_path) as (one, mails, incident):
        for line in lines:
            outcome = await shell(asked(one, line, incident), tmp_path)
            assert outcome.code == 0, f"{line}\n{outcome.out}{outcome.err}"
        made = await shell(make_token.replace("/etc/nightporter/credentials/web-token", str(token)), tmp_path)
        assert (made.code, token.stat().st_mode & 0o777) == (0, 0o600), made.err
        one.write(f"{one.body}web: {{token_file: {token}}}\n")
        assert (await one.post("/-/reload"))[0] == 200
        refused = await shell(asked(one, lines[0], incident), tmp_path)
        assert (refused.code, "401" in refused.err) == (22, True)
        shown = asked(one, lines[0], incident).replace(
            "curl ", f"curl {header.replace('TOKEN_FILE', str(token))} ", 1
        )
        assert (await shell(shown, tmp_path)).code == 0
        await one.stop()
        mails.take()
    assert len(lines) >= 6


async def test_a_copy_of_the_state_is_made_and_put_back_as_the_pages_say(tmp_path: Path) -> None:
    needs("sqlite3")
    (copy,) = lines_of("operations.md", "sqlite3 ")
    back = lines_of("operations.md", "rm ", "install ")
    assert len(back) == 2
    places = {"/var/lib/nightporter/": f"{tmp_path}/", "/var/backups/": f"{tmp_path}/", "-o nightporter ": ""}

    async def type_in(line: str) -> None:
        for usual, here in places.items():
            line = line.replace(usual, here)
        outcome = await shell(line, tmp_path)
        assert outcome.code == 0, outcome.err

    async with trouble(tmp_path) as (one, mails, incident):
        await type_in(copy)
        await one.stop()
        (tmp_path / "state.db").write_bytes(b"a disk that forgot" * 500)
        for line in back:
            await type_in(line)
        await one.start()
        assert [each["id"] for each in await one.incidents()] == [incident]
        await one.stop()
        mails.take()


async def test_what_the_pages_show_is_what_is_printed(tmp_path: Path) -> None:
    """Of the policy on the page of alerts, `who` says what stands there, to the letter."""
    shown = next(block for block in blocks("console") if block.page.name == "alerts.md")
    policy = next(
        block for block in blocks("yaml") if block.page == shown.page and "escalation:" in block.text
    )
    config = tmp_path / "nightporter.yml"
    config.write_text(
        "hotel: {id: grand-harbour, name: Grand Harbour Hotel, timezone: Europe/Lisbon}\n"
        "integrations: {payment: {url: 'https://api.your-gateway.com'}}\n"
        "mail: {from: porter@your-hotel.com, relays: [{host: relay.your-hotel.com}]}\n" + policy.text
    )
    (line,) = typed(shown)
    words = words_of(line, "nightporter")
    assert words is not None
    outcome = await command("--config", str(config), *words)
    assert outcome.code == 0, outcome.err
    assert outcome.out.rstrip() == shown.text.split("\n", 1)[1].rstrip()
