"""A stand-in for pm2: `python -m daemon.demo.pm2_stand_in FILE jlist` prints what FILE holds."""

import sys
from pathlib import Path

USAGE = 2


def main(arguments: list[str]) -> int:
    """Do as the arguments say; return an exit code."""
    words = [word for word in arguments if not word.startswith("--")]
    if len(words) != 2 or words[1] != "jlist":
        sys.stderr.write("usage: pm2_stand_in FILE jlist [--silent]\n")
        return USAGE
    sys.stdout.write(Path(words[0]).read_text())
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
