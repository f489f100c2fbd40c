"""Write the dashboards: `python deploy/grafana/generator [DIRECTORY]`, where the default is beside this directory."""

import json
import sys
from pathlib import Path

import integration
import overview
import porter

BOARDS = {"overview": overview, "integration": integration, "porter": porter}


def main() -> None:
    """Write each as a file that Grafana reads, and that a person can compare."""
    default = Path(__file__).resolve().parents[1] / "dashboards"
    directory = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    for name, board in BOARDS.items():
        (directory / f"{name}.json").write_text(json.dumps(board.build(), indent=2) + "\n")


main()
