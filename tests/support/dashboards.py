"""The shipped dashboards, and their queries as Grafana would send them."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.support.promtool import DEPLOY

DASHBOARDS = DEPLOY / "grafana" / "dashboards"
BOARDS: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text()) for path in sorted(DASHBOARDS.glob("*.json"))
}


def panels(board: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the panels that show something."""
    return [one for one in board["panels"] if one["type"] != "row"]


def filled(text: str, values: Mapping[str, str]) -> str:
    """Put values in the place of variables; one that is not known fails."""
    return re.sub(r"\$(?:\{(\w+)\}|(\w+))", lambda found: values[found[1] or found[2]], text)


def queries(board: Mapping[str, Any], values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Return where each query stands, and what is asked: panels and annotations."""
    for panel in panels(board):
        for target in panel["targets"]:
            yield f"{panel['title']} {target['refId']}", filled(target["expr"], values)
    for one in board["annotations"]["list"]:
        yield f"annotation {one['name']}", filled(one["expr"], values)


def label_queries(board: Mapping[str, Any], values: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Return name, series and label of each variable that asks for the values of a label."""
    for one in board["templating"]["list"]:
        if one["type"] == "query":
            found = re.fullmatch(r"label_values\((.+), (\w+)\)", one["query"]["query"])
            assert found is not None, one["query"]
            yield one["name"], filled(found[1], values), found[2]
