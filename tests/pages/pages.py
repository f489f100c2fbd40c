"""Which pages are written from the code, and which slot of them by what."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.pages import causes, checks, configuration, diagnosis, metrics
from tests.pages.markdown import DOCS, filled


@dataclass(frozen=True)
class Page:
    """A page of `docs/`: its own words, and slots that are filled from the code."""

    name: str
    slots: Mapping[str, Callable[[], str]] = field(repr=False)

    @property
    def file(self) -> Path:
        """Where it is."""
        return DOCS / self.name

    def renewed(self) -> str:
        """Return the page as the code is now."""
        text = self.file.read_text()
        for slot, fill in self.slots.items():
            text = filled(text, slot, fill())
        return text

    def write(self) -> bool:
        """Write it anew; say whether that changed anything."""
        text = self.renewed()
        changed = text != self.file.read_text()
        self.file.write_text(text)
        return changed


PAGES = (
    Page(
        "causes.md",
        {
            "criteria": causes.criteria,
            "index": causes.index,
            "chapters": causes.chapters,
            "unexplained": causes.unexplained,
            "failures": causes.failures,
        },
    ),
    Page(
        "checks.md",
        {
            "built-ins": checks.built_ins,
            "shared": checks.shared_reasons,
            "common": checks.common,
            "types": checks.types,
        },
    ),
    Page("configuration.md", {"keys": configuration.tables}),
    Page("diagnosis.md", {"rules": diagnosis.tables}),
    Page("metrics.md", {"metrics": metrics.tables, "labels": metrics.labels}),
)
