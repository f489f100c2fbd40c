"""Names and times as people say them."""

from datetime import timedelta

from alerts.message_text import capital

SAID = {"pms": "PMS", "ota": "OTA", "api": "API", "dns": "DNS", "smtp": "SMTP", "tls": "TLS", "ip": "IP"}


def called(name: str) -> str:
    """Return an id as a name, such as `Booking engine` for `booking_engine`."""
    words = name.replace("_", " ").replace("-", " ").split()
    return capital(" ".join(SAID.get(word, word) for word in words)) or name


def about(left: timedelta) -> str:
    """Return a time in its largest unit that tells enough, such as `3 h`."""
    seconds = max(0, round(left.total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 1.5 * size:
            return f"{round(seconds / size)} {unit}"
    return f"{seconds} s"
