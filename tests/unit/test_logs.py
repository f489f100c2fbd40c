"""What is logged, and what never is."""

import base64
import json
import os
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


@pytest.mark.parametrize(
    ("secret", "text"),
    [
        ('pa"ss\\word', 'said {"echo": "pa\\"ss\\\\word"}'),
        ("Grand-K3y", "https://grand-k3y.vendor.example"),
        ("Größe-1", '{"echo": "Gr\\u00f6\\u00dfe-1"}'),
        ("sk_live_51Habcdefgh", "the body is xxxsk_live_51Hab…"),
        ("sk_live_51Habcdefgh", "sk_l… and sk_live_51… end so"),
    ],
)
def test_a_secret_is_known_in_every_form(secret: str, text: str) -> None:
    shown = logs.Redactor([secret])(text)
    assert "[hidden]" in shown
    assert not any(part in shown.lower() for part in ("ss\\", "k3y", "sk_l", "00f6"))


def test_what_is_no_beginning_of_a_secret_stays() -> None:
    assert logs.Redactor(["secret-word"])("a long tex… about sec…") == "a long tex… about sec…"


def test_short_secrets_do_not_blank_out_ordinary_words() -> None:
    assert logs.Redactor(["a", "on"])("a page on the web") == "a page on the web"


def test_a_redactor_learns_new_secrets_and_forgets_old_ones() -> None:
    redactor = logs.Redactor(["first-secret"])
    redactor.learn(["second-secret"])
    assert redactor("first-secret second-secret") == "first-secret [hidden]"


class Full:
    """A stream without room, until there is some."""

    def __init__(self) -> None:
        self.text = ""
        self.full = True

    def write(self, text: str) -> int:
        if self.full:
            raise OSError(28, "No space left on device")
        self.text += text
        return len(text)

    def flush(self) -> None:
        if self.full:
            raise BrokenPipeError


def test_a_log_that_cannot_be_written_stops_nothing_and_says_later_what_was_lost() -> None:
    stream = Full()
    sink = logs.Sink(stream)  # type: ignore[arg-type]  # as much of a stream as it uses
    sink.info("one")
    sink.error("two")
    stream.full = False
    sink.info('{"event": "three"}')
    sink.info('{"event": "four"}')
    lines = [json.loads(line) for line in stream.text.splitlines()]
    assert lines == [{"event": "log.lines_lost", "lines": 2}, {"event": "three"}, {"event": "four"}]


def test_what_goes_to_the_journal_says_how_grave_it_is(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = os.fstat(2)
    monkeypatch.setenv("JOURNAL_STREAM", f"{found.st_dev}:{found.st_ino}")
    logs.configure("debug", "json", logs.Redactor())
    log = structlog.get_logger()
    for say in (log.debug, log.info, log.warning, log.error, log.critical):
        say("thing.done")
    said = capfd.readouterr().err.splitlines()
    assert [line[:3] for line in said] == ["<7>", "<6>", "<4>", "<3>", "<2>"]
    assert all(json.loads(line[3:])["event"] == "thing.done" for line in said)


def test_no_line_of_a_traceback_says_to_the_journal_how_grave_it_is(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = os.fstat(2)
    monkeypatch.setenv("JOURNAL_STREAM", f"{found.st_dev}:{found.st_ino}")
    logs.configure("info", "console", logs.Redactor())
    error = ValueError("of the vendor\n<0>the house burns")
    structlog.get_logger().error("thing.failed", exc_info=error)
    said = capfd.readouterr().err.splitlines()
    assert "<3><0>the house burns" in said
    assert {line[:3] for line in said} == {"<3>"}


@pytest.mark.parametrize("stream", ["", "1:2", "no stream"])
def test_what_goes_elsewhere_is_json_alone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, stream: str
) -> None:
    monkeypatch.setenv("JOURNAL_STREAM", stream)
    logs.configure("info", "json", logs.Redactor())
    structlog.get_logger().warning("thing.done")
    assert lines(capsys)[0]["event"] == "thing.done"
    assert not logs.is_journal(-1, {"JOURNAL_STREAM": stream})
