"""The forms of a page as a person finds them: what stands in each field before anything is typed."""

from html.parser import HTMLParser


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str]] = {}
        self._fields: dict[str, str] | None = None
        self._select = self._area = ""
        self._first = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        name = known.get("name", "")
        if tag == "form":
            self._fields = self.found.setdefault(known.get("action", ""), {})
        elif self._fields is None:
            return
        elif tag == "input" and name:
            if known.get("type") not in {"radio", "checkbox"} or "checked" in known:
                self._fields[name] = known.get("value", "")
        elif tag == "textarea":
            self._area, self._fields[name] = name, ""
        elif tag == "select":
            self._select, self._first = name, True
        elif tag == "option" and self._select and ("selected" in known or self._first):
            self._fields[self._select], self._first = known.get("value", ""), False

    def handle_data(self, data: str) -> None:
        if self._area and self._fields is not None:
            self._fields[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._fields = None
        elif tag == "textarea":
            self._area = ""
        elif tag == "select":
            self._select = ""


def forms(page: str) -> dict[str, dict[str, str]]:
    """Return the forms of a page by where they are sent, each with what its fields hold."""
    reader = _Reader()
    reader.feed(page)
    return reader.found
