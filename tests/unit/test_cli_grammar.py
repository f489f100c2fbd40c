"""The grammar of the command line."""

import argparse
from collections.abc import Iterator

import pytest

from daemon.cli.grammar import parsed, parser


def commands(top: argparse.ArgumentParser, name: str = "") -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Yield every command and every action of one, by what is typed."""
    for action in top._actions:
        if isinstance(action, argparse._SubParsersAction):
            for word, one in action.choices.items():
                yield f"{name}{word}", one
                yield from commands(one, f"{name}{word} ")


COMMANDS = dict(commands(parser()))


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_every_command_has_an_example_that_it_takes(name: str) -> None:
    lines = COMMANDS[name].format_help().splitlines()
    example = lines[lines.index("example:") + 1].partition(" > ")[0]
    assert name in example.replace("--config porter.yml ", "").replace("incidents --all", "incidents list")
    words = [part for piece in example.split("'")[::2] for part in piece.split()]
    quoted = example.split("'")[1::2]
    assert words[0] == "nightporter"
    parser().parse_args(_typed(example) if quoted else words[1:])


def _typed(example: str) -> list[str]:
    pieces = example.split("'")
    return [
        word for number, piece in enumerate(pieces) for word in ([piece] if number % 2 else piece.split())
    ][1:]


@pytest.mark.parametrize("name", COMMANDS)
def test_help_keeps_to_eighty_columns(name: str) -> None:
    lines = COMMANDS[name].format_help().splitlines()
    body = lines[: lines.index("example:")]
    assert max(map(len, body)) <= 80


@pytest.mark.parametrize("command", ["incidents", "silence", "maintenance"])
def test_without_a_word_there_is_the_list(command: str) -> None:
    bare, named = (parser().parse_args(words.split()) for words in (command, f"{command} list"))
    assert bare.action == named.action == "list"
    assert vars(bare) == vars(named)


def test_options_may_stand_before_and_after_the_word() -> None:
    found = parser().parse_args(["incidents", "--all", "--json", "list", "--hotel", "h"])
    assert (found.all, found.json, found.hotel, found.limit) == (True, True, "h", 100)
    assert str(parser().parse_args(["incidents", "show", "x", "--config", "a.yml"]).config) == "a.yml"


def test_criteria_are_a_closed_set_and_may_be_several(capsys: pytest.CaptureFixture[str]) -> None:
    found = parser().parse_args(["who", "--criterion", "data-loss-risk", "critical-system-down"])
    assert found.criterion == ["data-loss-risk", "critical-system-down"]
    with pytest.raises(SystemExit) as refused:
        parser().parse_args(["who", "--criterion", "bad-luck"])
    assert refused.value.code == 2
    assert "security-incident" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("status --bogus", 3),
        ("check --bogus", 3),
        ("diagnose", 3),
        ("incidents show", 1),
        ("incidents list --limit x", 1),
        ("silence add --bogus", 1),
        ("maintenance done", 1),
        ("who --severity grave", 2),
        ("who --bogus", 2),
        ("run --bogus", 2),
        ("frob", 2),
    ],
)
def test_bad_arguments_never_end_as_if_something_had_been_looked_at(
    words: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        parsed(words.split())
    assert refused.value.code == code
    assert ": error: " in capsys.readouterr().err
