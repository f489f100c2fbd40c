"""Regular expressions that users write, searched in a time linear in the text.

RE2 rather than `re`: one odd answer must not hold the event loop up, whatever the pattern. It knows neither
look-around nor back-references; a pattern that needs them is refused when the configuration is read.
"""

from typing import Any

import re2

MOST_CHARACTERS = 10_000
"""Characters of a pattern at the most."""


class Pattern:
    """A compiled pattern. `pattern` is its text."""

    __slots__ = ("_compiled", "pattern")

    def __init__(self, pattern: str) -> None:
        """Compile; raise ValueError that says what is wrong."""
        if len(pattern) > MOST_CHARACTERS:
            raise ValueError(f"is longer than {MOST_CHARACTERS} characters")
        options = re2.Options()
        options.log_errors = False
        try:
            self._compiled = re2.compile(pattern, options=options)
        except re2.error as error:
            raise ValueError(f"is not a regular expression (RE2): {_reason(error)}") from error
        except UnicodeError as error:
            raise ValueError("is not a regular expression: it holds half a character") from error
        self.pattern = pattern

    def search(self, text: str) -> Any:
        """Return the first match (`match[0]` is its text), or None.

        As in `re`, `$` also stands before a line break that ends the text.
        """
        text = text.encode("utf-8", "replace").decode()
        found = self._compiled.search(text)
        return self._compiled.search(text[:-1]) if found is None and text.endswith("\n") else found

    def __repr__(self) -> str:
        return f"Pattern({self.pattern!r})"


def _reason(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    hint = " (look-around and back-references are not known here)" if "(?" in text or "escape" in text else ""
    return f"{text}{hint}"
