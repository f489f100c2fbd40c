"""What the configuration says about drills."""

from typing import Literal

from pydantic import Field

from alerts.options import Email
from checks.values import Line, Options, Port, Secret, SmtpServer


class Mailbox(SmtpServer):
    """A mailbox to which every drill goes too, and in which the porter looks for it over IMAP."""

    address: Email = Field(description="where drills are mailed besides")
    port: Port = Field(993, description="usually 993 for `tls`, 143 for `starttls`")
    security: Literal["none", "starttls", "tls"] = Field("tls", description="how the connection is encrypted")
    username: Line = Field(description="who logs in")
    password: Secret = Field(description="what is logged in with")
    folder: Line = Field(
        "INBOX", max_length=200, description="which folder is looked into; nothing in it is changed"
    )


class Drills(Options):
    """How drills are held."""

    mailbox: Mailbox | None = Field(
        None, description="a mailbox that is read back over IMAP, to prove that mail arrives"
    )
