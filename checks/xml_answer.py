"""Answers over HTTP that may be XML: asked for on the loop, read in a thread of their own."""

import asyncio
from dataclasses import replace

from lxml import etree

from checks import http
from checks.context import Context
from checks.expectation import text_of
from checks.http_exchange import Response
from checks.result import Reason, Result, Sign, ok
from checks.xml_document import Schema, parse

BAD_REQUEST = 400

_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")


async def ask(options: http.Options, context: Context, judge: http.Judge) -> Result:
    """Ask as `http.ask` does, with `judge` in a thread: it may take its time."""
    answers: list[Response] = []

    def keep(response: Response) -> Result:
        answers.append(response)
        return ok()

    result = await http.ask(options, context, keep)
    if not answers:
        refused = result.measurements.get("status_code") == BAD_REQUEST
        if refused and result.reason is Reason.CLIENT_ERROR:
            return replace(result, signs=result.signs | {Sign.MESSAGE_INVALID})
        return result
    judged = await asyncio.to_thread(judge, answers[0])
    return replace(
        result,
        state=judged.state,
        reason=judged.reason,
        message=judged.message or result.message,
        measurements={**result.measurements, **judged.measurements},
        decisive=judged.decisive,
        signs=judged.signs,
        findings=http.called(result.findings, result.findings.request, judged.findings.request),
    )


def root_of(response: Response, schema: Schema | None = None) -> etree._Element:
    """Return the XML document of an answer, as its schema wants it, or raise XmlError.

    A byte-order mark outranks the charset of the content type, and that the document's own word (RFC 7303).
    """
    kind = (response.header("content-type") or "").lower()
    if "charset" not in kind or response.body.startswith(_MARKS):
        return parse(response.body, schema=schema)
    return parse(text_of(response).encode("utf-8", "replace"), "utf-8", schema=schema)
