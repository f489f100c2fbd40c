"""What `make release` builds is the same each time, holds what it should, and works where nothing else is."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from daemon import __version__
from tests.release.building import build_all, judge_metadata, judge_sdist, judge_wheel
from tests.release.tree import GIT, NotReady, Tree
from tests.release.trying import Place
from tests.support.handbook import PAGES, ROOT

CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-11-29\n"


def commit(root: Path) -> None:
    me = ("-c", "user.name=Ada", "-c", "user.email=ada@hotel.example")
    for words in (("init", "-q"), ("add", "-A"), (*me, "commit", "-q", "--allow-empty", "-m", "A commit")):
        subprocess.run((GIT, "-C", str(root), *words), check=True, capture_output=True)  # noqa: S603 - git


@pytest.fixture
def small(tmp_path: Path) -> Tree:
    """Return a small checkout that may be released."""
    (tmp_path / "daemon").mkdir()
    (tmp_path / "daemon" / "__init__.py").write_text('__version__ = "1.2.3"\n')
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    commit(tmp_path)
    return Tree(tmp_path)


@pytest.fixture(scope="module")
def here() -> Tree:
    """Return the checkout that these tests are part of."""
    if not (ROOT / ".git").exists():
        if os.environ.get("CI") == "true":
            pytest.fail("CI needs a checkout")
        pytest.skip("this is no checkout: there is no .git")
    return Tree(ROOT)


@pytest.fixture(scope="module")
def built(here: Tree, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Build wheel and sdist: twice, and from the sdist, or else it is refused."""
    into = tmp_path_factory.mktemp("built")
    return build_all(here, into / "dist", into)


def test_the_wheel_holds_the_packages_and_their_data_alone(here: Tree, built: tuple[Path, Path]) -> None:
    judge_wheel(built[0], here)
    assert built[0].name == f"nightporter-{__version__}-py3-none-any.whl"


def test_the_sdist_holds_what_building_and_testing_takes(here: Tree, built: tuple[Path, Path]) -> None:
    judge_sdist(built[1], here)
    assert {"Makefile", "requirements-dev.lock", "docs/guide.md"} <= here.files()


def test_the_wheel_works_where_nothing_else_is(built: tuple[Path, Path], tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.borrow()
    place.install(built[0])
    assert place.run("nightporter", "--version") == f"nightporter {__version__}\n"
    said = place.validate(ROOT / "deploy" / "nightporter.example.yml")
    assert re.match(r"Watched \(\d\d+\):\n", said)
    assert "local-network-down" in place.run("nightporter", "demo", "--list")
    assert list(place.elsewhere.iterdir()) == []


def test_a_clean_tree_with_an_entry_is_released(small: Tree) -> None:
    small.judge()
    assert small.version() == "1.2.3"


def test_uncommitted_changes_are_refused(small: Tree) -> None:
    (small.root / "new.py").write_text("")
    with pytest.raises(NotReady, match=r"not committed: \?\? new.py"):
        small.judge()


@pytest.mark.parametrize("entry", ["## [1.2.3]", "## [1.2.3] - soon", "## [1.2.30] - 2026-11-29", "## 1.2.3"])
def test_a_version_without_an_entry_is_refused(small: Tree, entry: str) -> None:
    (small.root / "CHANGELOG.md").write_text(f"{entry}\n")
    commit(small.root)
    with pytest.raises(NotReady, match=r"has no entry `## \[1\.2\.3\] - YYYY-MM-DD`"):
        small.judge()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Metadata-Version: 2.4\nName: nightporter\nVersion: 9.9.9\n\n# x", "are of nightporter 9.9.9"),
        ("Metadata-Version: 2.4\nName: nightporter\nVersion: 1.2.3\n\n", "do not describe"),
    ],
)
def test_metadata_that_an_index_would_show_wrongly_are_refused(small: Tree, text: str, why: str) -> None:
    with pytest.raises(NotReady, match=why):
        judge_metadata(text, small)


def test_the_version_stands_in_one_place() -> None:
    # What was measured is of one version, and stays so.
    pages = [page for page in PAGES if page.name != "performance.md"]
    texts = {path: path.read_text() for path in (*pages, ROOT / "pyproject.toml", *ROOT.glob("Dockerfile"))}
    repeats = [
        path.name
        for path, text in texts.items()
        if re.search(rf"nightporter[:\-= ]v?{re.escape(__version__)}", text)
    ]
    assert repeats == []
    assert 'dynamic = ["version"]' in texts[ROOT / "pyproject.toml"]


def test_all_locks_agree() -> None:
    def pins(name: str) -> dict[str, str]:
        return dict(re.findall(r"^([\w.-]+)==([^\s;\\]+)", (ROOT / name).read_text(), re.MULTILINE))

    runtime, demo, dev = (pins(f"requirements{one}.lock") for one in ("", "-demo", "-dev"))
    assert runtime.items() <= demo.items()
    assert demo.items() <= dev.items()
