"""Write all pages anew: `python -m tests.pages`."""

import sys

from tests.pages.pages import PAGES

for page in PAGES:
    if page.write():
        sys.stdout.write(f"written anew: docs/{page.name}\n")
