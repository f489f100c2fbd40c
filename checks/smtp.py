"""Probe of an SMTP server: whether it would take mail over verified TLS, and lets us in if we ask."""

from typing import Self

from pydantic import model_validator

from checks.check import CheckType
from checks.connection import place
from checks.context import Context
from checks.result import RESPONSE_TIME, Result
from checks.smtp_restraint import recall
from checks.smtp_visit import Visit
from checks.values import Flag, SmtpServer


class Options(SmtpServer):
    """Which server to greet, and whether to log in: once an hour at most, and not after two refusals."""

    login: Flag = False

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
        return await Visit(options, context).result(login=False)
    now = context.tools.now()
    logins = await recall(options, context.memory)
    held = logins.held(now)
    if held is not None:
        return held
    visit = Visit(options, context)
    result = await visit.result(login=bool(logins.refusals) or not logins.recent(now))
    if visit.logged_in:
        logins.worked(now).keep(context.memory)
    elif visit.login_refused(result):
        logins = logins.refused(result, now)
        logins.keep(context.memory)
        return logins.verdict(result)
    return result


CHECK = CheckType("smtp", Options, RESPONSE_TIME, probe, target)
