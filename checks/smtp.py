"""Probe of an SMTP server: whether it would take mail over verified TLS, and lets us in if we ask."""

from typing import Self

from pydantic import Field, model_validator

from checks.check import CheckType
from checks.connection import place
from checks.context import Context
from checks.result import RESPONSE_TIME, Result
from checks.smtp_restraint import account
from checks.smtp_visit import Visit
from checks.values import Flag, SmtpServer


class Options(SmtpServer):
    """Which server to greet, and whether to log in: once an hour at most, and not after two failures."""

    login: Flag = Field(
        False,
        description="whether to log in, at most once an hour, and no more after two failures",
    )

    @model_validator(mode="after")
    def _with_login(self) -> Self:
        if self.login and (self.username is None or self.password is None):
            raise ValueError("`login: true` needs `username` and `password`")
        return self


def target(options: Options) -> str:
    """Return whom a run burdens, as `host:port`."""
    return str(place(options.host, options.port))


async def probe(options: Options, context: Context) -> Result:
    """Look at a server; log in when that is asked for and due."""
    if not options.login:
        return await Visit(options, context).result()
    ours = await account(options, context.memory.logins, context.tools.now)
    held = ours.held()
    if held is not None:
        return held
    try:
        return ours.judged(await Visit(options, context, ours).result())
    finally:
        ours.close()


CHECK = CheckType("smtp", Options, RESPONSE_TIME, probe, target)
