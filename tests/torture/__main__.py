"""`python -m tests.torture` is `make torture`."""

import sys

from tests.torture.run import main

sys.exit(main())
