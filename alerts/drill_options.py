"""What the configuration says about drills."""

from typing import Literal

from pydantic import Field

from alerts.options import Email
from checks.values import Line, Options, Port, Secret, SmtpServer


class Mailbox(SmtpServer):
    """A mailbox to which every drill goes too, and in which the porter looks for it over IMAP."""

    address: Email
    port: Port = 993
    security: Literal["none", "starttls", "tls"] = "tls"
    username: Line
    password: Secret
    folder: Line = Field("INBOX", max_length=200)


class Drills(Options):
    """How drills are held."""

    mailbox: Mailbox | None = None
