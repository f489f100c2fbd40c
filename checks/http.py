"""Probe of an HTTP endpoint: a fresh connection, one bounded answer, and whether it is a healthy one."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from yarl import URL

from checks import rate_limits, request_ids
from checks.certificate import Certificate, ends_of, findings_of
from checks.check import CheckType
from checks.connection import Unreachable, peer_certificate
from checks.context import Context
from checks.expectation import Expect
from checks.findings import Findings
from checks.http_exchange import Exchange, Response
from checks.http_request import (
    REDIRECTS,
    TAKES_BOOKINGS,
    Request,
    basic,
    plain_fields,
    request,
    standard_fields,
    takes_bookings,
)
from checks.result import RESPONSE_TIME, Reason, Result, failed
from checks.revision import revised
from checks.values import Flag, HeaderSecret, HttpUrl, Line, Secret, TlsTrust, Whole, trusting

MOST_REDIRECTS = 5
LONGEST_RETRY = 3600.0
"""Seconds that a `Retry-After` is obeyed for at the most."""

Judge = Callable[[Response], Result]

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)
_RESERVED = frozenset({"content-length", "transfer-encoding", "connection", "authorization"})
_BUSINESS = re.compile(
    r"\b((reservation|payment|refund)\.[a-z]+|(booking|charge|order|payout)\.(creat|updat|modif|cancel|succe|fail)[a-z]+)",
    re.IGNORECASE,
)


def _headers(fields: dict[str, str]) -> dict[str, str]:
    for name, value in fields.items():
        if not _TOKEN.fullmatch(name):
            raise ValueError(f"{name!r} is not the name of a header field")
        if name.lower() in _RESERVED:
            hint = (
                "use `api_key`, or `username` and `password`"
                if name.lower() == "authorization"
                else "it is set by itself"
            )
            raise ValueError(f"{name} cannot be given here; {hint}")
        if any(ord(char) < 32 or ord(char) > 255 or ord(char) == 127 for char in value):
            raise ValueError(f"the value of {name} holds characters that a header cannot carry")
    return fields


def _harmless_body(body: str) -> str:
    if _BUSINESS.search(body):
        raise ValueError("looks like a business event; a probe must never create a booking or a payment")
    return body


class Options(TlsTrust):
    """What to ask and what a healthy answer is."""

    url: HttpUrl = Field(description="what is asked for")
    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] = Field(
        "GET", description="how it is asked"
    )
    headers: Annotated[dict[str, Line], AfterValidator(_headers)] = Field(
        {}, description="header fields that are sent besides, or in place of ours"
    )
    body: Annotated[str, Field(max_length=65536), AfterValidator(_harmless_body)] = Field(
        "", description="what is sent"
    )
    username: Line | None = Field(None, description="the user name for HTTP Basic")
    password: Secret | None = Field(None, description="the password that belongs to it")
    api_key: HeaderSecret | None = Field(None, description="sent as a Bearer token; not beside `username`")
    follow_redirects: Flag = Field(
        False, description="whether another address is gone to; else a redirect is a warning"
    )
    expect: Expect = Field(Expect(), description="what a healthy answer is")
    max_bytes: Annotated[Whole, Field(ge=1, le=16_777_216)] = Field(
        262_144, description="bytes that are read of an answer; a longer one is a warning"
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError("`username` and `password` belong together")
        if self.username is not None and self.api_key is not None:
            raise ValueError("give either `api_key` or `username` and `password`, not both")
        if self.username is not None and ":" in self.username:
            raise ValueError("a user name must not hold a colon")
        secure = self.url.startswith("https:") or self.allow_plaintext_auth
        if self.password is not None and not secure:
            raise ValueError(
                "would send the password unencrypted; use https, or set allow_plaintext_auth: true"
            )
        if takes_bookings(URL(self.url)) or TAKES_BOOKINGS.search(self.body):
            raise ValueError("asks for reservations: looking at them would take them away from the hotel")
        return self

    def model_post_init(self, _context: object) -> None:
        """Work the request out: what loads is what runs."""
        _ = self.request

    @cached_property
    def request(self) -> Request:
        """The first request of a run."""
        fields = plain_fields()
        if self.headers or self.api_key is not None or self.username is not None:
            fields = self._fields()
        trust = trusting(self.ca_file, verify=self.verify)
        return request(self.method, URL(self.url), fields, self.body.encode(), trust)

    def _fields(self) -> Mapping[str, str]:
        """Return the header fields of a request that is not just a plain one."""
        fields = standard_fields()
        if self.api_key is not None:
            fields["Authorization"] = f"Bearer {self.api_key.get_secret_value()}"
        if self.username is not None and self.password is not None:
            fields["Authorization"] = basic(self.username, self.password.get_secret_value())
        given = {name.lower() for name in self.headers}
        return {name: value for name, value in fields.items() if name.lower() not in given} | self.headers


def target(options: Options) -> str:
    """Return whom a run burdens, as `host:port`."""
    return str(options.request.place)


async def probe(options: Options, context: Context) -> Result:
    """Ask, and hold the answer against the expectations."""
    return await ask(options, context, options.expect.judge)


async def ask(options: Options, context: Context, judge: Judge) -> Result:
    """Ask, and have `judge` look at an answer whose status is as expected."""
    trace, now = context.trace, context.tools.now()
    try:
        response, last, certificate = await _follow(options, context)
    except Unreachable as unreachable:
        return unreachable.result(trace)
    trace.end()
    seconds = sum(trace.phases.values())
    result = judge(response) if options.expect.wants(response.status) else by_status(response, last)
    return revised(
        result,
        message=result.message or f"answered {response.status}",
        measurements={
            RESPONSE_TIME: round(seconds * 1000, 3),
            "status_code": float(response.status),
            "body_bytes": float(len(response.body)),
            **result.measurements,
        },
        retry_after=retry_after(response, now),
        certificate_expiry=ends_of(certificate),
        quotas=rate_limits.quotas(response.headers),
        findings=called(
            findings_of(certificate), request_ids.of_headers(response.headers), result.findings.request
        ),
    )


def called(found: Findings, *ids: str) -> Findings:
    """Return what was found, and what the target calls its answer."""
    request = request_ids.joined(*filter(None, ids))
    return revised(found, request=request) if request else found


async def _follow(options: Options, context: Context) -> tuple[Response, Request, Certificate | None]:
    """Return the last answer, what it answers, and the first host's certificate."""
    asked, certificate, first = options.request, None, True
    for _ in range(MOST_REDIRECTS + 1):
        response, seen = await exchange(asked, context, options.max_bytes)
        certificate, first = (seen, False) if first else (certificate, False)
        location = response.header("location")
        if not options.follow_redirects or response.status not in REDIRECTS or location is None:
            return response, asked, certificate
        following = asked.after(response.status, location)
        if following is None:
            return response, asked, certificate
        asked = following
    raise Unreachable(Reason.REDIRECT, f"more than {MOST_REDIRECTS} redirects in a row")


async def exchange(
    asked: Request, context: Context, max_bytes: int, *, head_only: bool = False
) -> tuple[Response, Certificate | None]:
    """Return the answer to one request, and the host's certificate; raise `Unreachable`.

    With `head_only` the body is not waited for.
    """
    trace, now = context.trace, context.tools.now()
    one = Exchange(trace, max_bytes, head_only=head_only or asked.method == "HEAD")
    try:
        transport = await context.tools.connector.open(asked.place, one, trace, now)
        try:
            certificate = peer_certificate(transport) if asked.place.trust else None
            one.ask(transport, asked.wire)
            response = await one.answer
        finally:
            transport.abort()
    finally:
        one.discard()
        # An error that it holds leads here, and so back to it.
        del one
    return response, certificate


_REASONS = {
    401: (Reason.CREDENTIALS, "our credentials are refused (401)"),
    403: (Reason.FORBIDDEN, "access is forbidden (403)"),
    407: (Reason.CREDENTIALS, "a proxy asks for credentials (407)"),
    429: (Reason.RATE_LIMITED, "we are asked to slow down (429)"),
}


def by_status(response: Response, asked: Request) -> Result:
    """Return what a status that was not expected means."""
    status = response.status
    if status in _REASONS:
        return failed(*_REASONS[status])
    if status == 503 and response.header("retry-after") is not None:
        return failed(Reason.RATE_LIMITED, "we are asked to come back later (503 with Retry-After)")
    if 300 <= status < 400:
        to = f"to {_host_of(response, asked)}" if response.header("location") else "without saying where to"
        return failed(Reason.REDIRECT, f"answered {status}, a redirect {to}")
    if status >= 500:
        return failed(Reason.SERVER_ERROR, f"answered {status}, an error of the server")
    if status >= 400:
        return failed(Reason.CLIENT_ERROR, f"answered {status}: it does not accept our request")
    return failed(Reason.CONTENT, f"answered {status}, which is not an expected status")


def _host_of(response: Response, asked: Request) -> str:
    try:
        to = asked.url.join(URL(response.header("location") or ""))
    except ValueError:
        return "an address that is none"
    return f"{to.scheme}://{to.raw_host}"


def retry_after(response: Response, now: datetime) -> float | None:
    """Return the seconds an answer asks us to stay away (RFC 9110), an hour at most; None if it does not."""
    value = (response.header("retry-after") or "").strip()
    if not value:
        return None
    if value.isascii() and value.isdigit():
        return min(float(value[:9]), LONGEST_RETRY)
    try:
        moment = parsedate_to_datetime(value[:64])
    except (ValueError, TypeError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max((moment - now).total_seconds(), 0.0), LONGEST_RETRY)


CHECK = CheckType("http", Options, RESPONSE_TIME, probe, target)
