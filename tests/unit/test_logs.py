"""What is logged, and what never is."""

import base64
import json
from collections.abc import Iterator

import pytest
import structlog

from daemon import logs

SECRET = "p4ss w/rd"


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_one_json_object_a_line_without_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "json", logs.Redactor([SECRET]))
    encoded = base64.b64encode(SECRET.encode()).decode()
    structlog.get_logger().info(
        "thing.done", url="http://x/p4ss%20w%2Frd", nested={"a": [SECRET]}, code=encoded
    )
    structlog.get_logger().debug("thing.hidden")
    (line,) = lines(capsys)
    assert line["event"] == "thing.done"
    assert SECRET not in json.dumps(line)
    assert encoded not in json.dumps(line)
    assert line["url"] == "http://x/[hidden]"


def test_tracebacks_lose_their_secrets_too(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "json", logs.Redactor([SECRET]))
    try:
        int(f"cannot use {SECRET}")
    except ValueError:
        structlog.get_logger().exception("thing.failed")
    (line,) = lines(capsys)
    assert "Traceback" in str(line["exception"])
    assert SECRET not in str(line)


def test_short_secrets_do_not_blank_out_ordinary_words() -> None:
    assert logs.Redactor(["a", "on"])("a page on the web") == "a page on the web"


def test_a_redactor_learns_new_secrets_and_forgets_old_ones() -> None:
    redactor = logs.Redactor(["first-secret"])
    redactor.learn(["second-secret"])
    assert redactor("first-secret second-secret") == "first-secret [hidden]"
