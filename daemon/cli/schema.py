"""`nightporter schema`: the JSON Schema of the configuration."""

import argparse
import json

from daemon.settings import schema


def main(_arguments: argparse.Namespace) -> int:
    """Print the schema."""
    print(json.dumps(schema(), indent=2, ensure_ascii=False))
    return 0
