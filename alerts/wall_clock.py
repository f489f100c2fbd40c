"""What the clocks on the wall show, and when that is: gaps in spring, an hour twice in autumn."""

from datetime import UTC, datetime, timedelta, tzinfo


def moment(wall: datetime, zone: tzinfo, *, last: bool = False) -> datetime:
    """Return when the clocks of a zone show a naive time, in UTC.

    For a time they skip that is the first moment after the gap. A time they show twice is the first one,
    or the `last`.
    """
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first > second:
        return _change(second, first, zone)
    return second if last else first


def _change(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    old = before.astimezone(zone).utcoffset()
    while after - before > timedelta.resolution:
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after
