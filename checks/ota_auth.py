"""Probe of an OTA's test endpoint: that it takes our credentials, and says so in its answer too."""

from checks import http, ota_answer, ota_plain, xml_answer
from checks.check import CheckType
from checks.context import Context
from checks.expectation import text_of
from checks.http_exchange import Response
from checks.result import RESPONSE_TIME, Reason, Result, failed, ok
from checks.xml_document import XmlError

TAKEN = ok("takes our credentials")


async def probe(options: http.Options, context: Context) -> Result:
    """Ask, and believe neither the status nor a body alone."""
    return await xml_answer.ask(options, context, judge)


def judge(response: Response) -> Result:
    """Return whether the body of a good answer tells of a failure, in XML or not; an empty one does not."""
    try:
        root = xml_answer.root_of(response)
    except XmlError as error:
        return _no_xml(response, error)
    if str(root.tag).rpartition("}")[2].lower() == "html":
        return _page()
    said = ota_answer.judge(root)
    return said if said.reason else TAKEN


def _no_xml(response: Response, error: XmlError) -> Result:
    kind = (response.header("content-type") or "").lower()
    start = text_of(response).lstrip()
    if not response.body.strip():
        return TAKEN
    if "html" in kind or start[:14].lower().startswith(("<!doctype html", "<html")):
        return _page()
    if "xml" in kind or start.startswith("<"):
        return failed(error.reason, f"the answer {error}")
    said = ota_plain.judge(response)
    return said if said.reason else TAKEN


def _page() -> Result:
    return failed(Reason.CONTENT, "answered with a web page instead of an answer to our login")


CHECK = CheckType("ota_auth", http.Options, RESPONSE_TIME, probe, http.target)
