"""Days of arrival and nights, as people say them."""

from datetime import date

from alerts.message_text import DAYS, MONTHS


def said(day: date, today: date) -> str:
    """Return `today`, `tomorrow`, or such as `Thu 24 Dec`; with its year where that is another."""
    ahead = (day - today).days
    if 0 <= ahead <= 1:
        return ("today", "tomorrow")[ahead]
    year = f" {day.year}" if day.year != today.year else ""
    return f"{DAYS[day.weekday()][:3]} {day.day} {MONTHS[day.month - 1]}{year}"
