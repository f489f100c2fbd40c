"""Every mistake a user can make has a file, and its words."""

from pathlib import Path

import pytest

from daemon.settings import ConfigError, load

FILES = sorted((Path(__file__).parents[2] / "config").glob("invalid-*.yml"))
MARK = "# expect: "


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_mistake_is_named_with_its_line_and_its_remedy(path: Path) -> None:
    lines = path.read_text().splitlines()
    expected = [line.removeprefix(MARK) for line in lines if line.startswith(MARK)]
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    folder = f"{path.parent}/"
    said = [str(problem).removeprefix(str(path)).lstrip(": ") for problem in caught.value.problems]
    assert [text.replace(folder, "tests/config/") for text in said] == expected


def test_there_are_enough_of_them() -> None:
    assert len(FILES) >= 45
