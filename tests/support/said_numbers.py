"""The numbers that a text says, and whether each of them is one of the figures it rests on."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta

from alerts.message_text import lasting

DAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)[a-z]* "
MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
NO_FIGURES = re.compile(
    rf"(?:{DAY})?\d{{1,2}} {MONTH}(?: \d{{4}})?(?:,? \d\d:\d\d(?::\d\d)?)?"  # a day, with its time or not
    r"|\d\d:\d\d|UTC[+-]\d\d:\d\d|\bp(?:50|95)\b|level [123]"
    r"|Under a day old|1 to 7 days|incident inc-\w+"
    rf"|{MONTH} \d{{4}}"
)
DURATION = re.compile(r"\d+ d(?: \d+ h)?\b|\d+ h(?: \d+ min)?\b|\d+ min(?: \d+ s)?\b|\d+ s\b")
ODDS = re.compile(r"\b1 in ([\d,]+)\b")
NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")


def unfounded(text: str, figures: Mapping[str, float]) -> list[str]:
    """Return the durations and numbers of a text that are none of the figures, rounded as they are said."""
    left = NO_FIGURES.sub(" ", " ".join(text.split()))
    minutes = {lasting(timedelta(minutes=value)) for name, value in figures.items() if "minutes" in name}
    late = [-value for name, value in figures.items() if name.endswith("days_left")]
    odds = {f"{float(f'{value:.2g}'):,.0f}" for name, value in figures.items() if name.endswith("one_in")}
    wrong = [said for said in DURATION.findall(left) if said not in minutes | {"0 min"}]
    wrong += [said for said in ODDS.findall(left) if said not in odds]
    return wrong + list(_strangers(ODDS.sub(" ", DURATION.sub(" ", left)), [*figures.values(), *late]))


def _strangers(text: str, known: list[float]) -> Iterator[str]:
    for said in NUMBER.findall(text):
        value = float(said.replace(",", ""))
        digits = len(said.partition(".")[2])
        if not any(abs(value - one) < 10.0**-digits for one in known):
            yield said
