"""Options of the SMTP check: accepted, not yet watched."""

from typing import Literal

from checks.check import CheckType
from checks.result import RESPONSE_TIME
from checks.values import Flag, Host, Line, Port, Secret, TlsTrust


class Options(TlsTrust):
    """Which server to greet, and whether to log in."""

    host: Host
    port: Port = 587
    security: Literal["none", "starttls", "tls"] = "starttls"
    username: Line | None = None
    password: Secret | None = None
    login: Flag = False


CHECK = CheckType("smtp", Options, RESPONSE_TIME, None)
