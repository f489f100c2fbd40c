"""The results -> `docs/performance.md` and its pictures: `python -m benchmarks.page`."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

from benchmarks.figures import Results
from benchmarks.pictures import PICTURES
from benchmarks.tables import TABLES

ROOT = Path(__file__).parents[1]
LATEST = ROOT / "benchmarks" / "results" / "latest.json"
PAGE, IMAGES = ROOT / "docs" / "performance.md", ROOT / "docs" / "images"
PLACE = re.compile(r"<!-- measured: (\w+) -->.*?<!-- /measured -->", re.DOTALL)


def renewed(page: str, results: Results) -> str:
    """Return the page with all that was measured as the results have it; the words around it stay."""

    def write(place: re.Match[str]) -> str:
        name = place[1]
        return f"<!-- measured: {name} -->\n\n{TABLES[name](results)}\n\n<!-- /measured -->"

    return PLACE.sub(write, page)


def drawn(results: Results) -> Mapping[str, str]:
    """Return the pictures there are figures for, by their file names."""
    made = {name: draw(results) for name, draw in PICTURES.items()}
    return {name: picture for name, picture in made.items() if picture is not None}


def main() -> None:
    """Write the page and its pictures anew."""
    results = json.loads(LATEST.read_text())
    PAGE.write_text(renewed(PAGE.read_text(), results))
    for name, picture in drawn(results).items():
        (IMAGES / name).write_text(picture)
    print(f"{PAGE.relative_to(ROOT)} is written from {LATEST.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
