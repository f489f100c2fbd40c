"""`python -m daemon` is the `nightporter` command."""

import sys

from daemon.cli import main

sys.exit(main())
