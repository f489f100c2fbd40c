"""The login of an OTA: what its answer says, whatever the status."""

import base64

import pytest

from checks import ota_auth
from checks.result import RESPONSE_TIME, Reason, Result, Sign, State
from tests.support.probing import look
from tests.support.servers import http, server

XML, PAGE, TEXT = "application/xml", "text/html; charset=utf-8", "text/plain"
OTA = 'xmlns="http://www.opentravel.org/OTA/2003/05"'
FAULT = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault>'
    "<faultcode>s:Server</faultcode><faultstring>busy</faultstring></s:Fault></s:Body></s:Envelope>"
)


async def asked(body: bytes | str = b"", kind: str = XML, status: str = "200 OK") -> Result:
    raw = body.encode() if isinstance(body, str) else body
    async with server(http(status, raw, f"Content-Type: {kind}")) as one:
        result = await look(
            ota_auth.CHECK,
            url=one.url("/test"),
            username="hotel",
            password="hunter2",
            allow_plaintext_auth=True,
        )
        head = one.requests[0].decode()
    assert head.startswith("GET /test HTTP/1.1\r\n")
    assert "Basic " + base64.b64encode(b"hotel:hunter2").decode() in head
    assert "hunter2" not in result.message
    return result


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (f"<OTA_PingRS {OTA}><Success/></OTA_PingRS>", XML),
        (f"<OTA_PingRS {OTA}><Success/></OTA_PingRS>", "text/html"),
        ("<ok/>", XML),
        ("<ok/>".encode("utf-16"), XML),
        ("", XML),
        ("", PAGE),
        (" \r\n", TEXT),
        ("authenticated", TEXT),
        ('{"status": "ok"}', "application/json"),
        ('{"status": "authenticated", "error": null, "errors": [], "success": true}', "application/json"),
        ('{"Error": "none", "code": 0, "ok": "true"}', TEXT),
        ('["anything"]', "application/json"),
        ("OK, 0 errors", TEXT),
        ("Errors: 0", TEXT),
        ("error: none", TEXT),
        ("login successful; unknown user agent", TEXT),
        (b"\x89\x00\xff" * 50, "application/octet-stream"),
    ],
)
async def test_an_answer_that_tells_of_no_failure_is_ok(body: bytes | str, kind: str) -> None:
    result = await asked(body, kind)
    assert (result.state, result.message) == (State.OK, "takes our credentials")
    assert RESPONSE_TIME in result.measurements


@pytest.mark.parametrize(
    ("body", "reason", "decisive"),
    [
        ('<OTA_PingRS><Errors><Error Type="4" Code="448"/></Errors></OTA_PingRS>', Reason.CREDENTIALS, True),
        ('<OTA_PingRS><Errors><Error Type="6"/></Errors></OTA_PingRS>', Reason.FORBIDDEN, True),
        ('<OTA_PingRS><Errors><Error Type="10"/></Errors></OTA_PingRS>', Reason.CONTENT, False),
        ('<a><Success/><Warning Status="NotProcessed" Code="497"/></a>', Reason.FORBIDDEN, True),
        ('<a><Success/><Warning Status="NotProcessed"/></a>', Reason.CONTENT, False),
        ("<OTA_PingRS/>", Reason.PROTOCOL, False),
        (FAULT, Reason.SERVER_ERROR, False),
        ("<a>", Reason.CONTENT, False),
        ("nothing of the kind", Reason.CONTENT, False),
        ('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', Reason.CONTENT, False),
    ],
)
async def test_a_failure_told_with_200_is_a_failure(body: str, reason: Reason, decisive: bool) -> None:
    result = await asked(body)
    assert (result.state, result.reason, result.decisive) == (State.CRITICAL, reason, decisive)
    assert RESPONSE_TIME in result.measurements


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("ERROR: invalid credentials", "ERROR: invalid credentials"),
        (" * error 4711", "* error 4711"),
        ("Access denied", "Access denied"),
        ("login failed for hotel", "login failed for hotel"),
        ("The user name or password is incorrect.", "The user name or password is incorrect."),
        ("wrong password", "wrong password"),
        ("you are not authorized", "you are not authorized"),
        ('"Unauthorized"', '"Unauthorized"'),
        ('{"success": false, "error": "bad login"}', "bad login"),
        ('{"error": {"code": 401, "message": "who are you?"}}', "who are you?"),
        ('{"errors": [{"title": "no such hotel"}]}', "no such hotel"),
        ('{"error": true, "message": "no"}', "no"),
        ('{"Success": "False"}', "success: false"),
        ('{"ok": false, "message": "closed"}', "closed"),
        ('{"status": "Error"}', "status: Error"),
        ('{"status": 401}', "status: 401"),
        ('{"errors": [[[[[]]]]]}', "[[]]"),
    ],
)
@pytest.mark.parametrize("kind", [TEXT, "application/json"])
async def test_a_failure_told_without_xml_is_a_failure_too(body: str, says: str, kind: str) -> None:
    result = await asked(body, kind)
    if kind != TEXT and body[0] not in '{"':
        says = "the answer is not JSON, though it says so"
    else:
        says = f"the answer tells of a failure: {says}"
    assert (result.state, result.reason, result.message) == (State.CRITICAL, Reason.CONTENT, says)


@pytest.mark.parametrize(
    "body", ['{"error": "' + "x" * 200_000 + '"}', "error " + "wrong " * 30_000, "[" * 200_000]
)
async def test_what_an_answer_says_without_xml_is_clipped(body: str) -> None:
    result = await asked(body, "application/json" if body[0] == "[" else TEXT)
    assert result.reason is Reason.CONTENT
    assert len(result.message) < 150


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<!DOCTYPE html><p>Log in", PAGE),
        ("<html><body>maintenance</body></html>", XML),
        ("  <!doctype HTML><html></html>", TEXT),
        ('<html xmlns="http://www.w3.org/1999/xhtml"/>', "application/xhtml+xml"),
        ("plain words", PAGE),
    ],
)
async def test_a_web_page_is_no_answer(body: str, kind: str) -> None:
    result = await asked(body, kind)
    assert result.reason is Reason.CONTENT
    assert result.message == "answered with a web page instead of an answer to our login"


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("401 Unauthorized", Reason.CREDENTIALS),
        ("403 Forbidden", Reason.FORBIDDEN),
        ("404 Not Found", Reason.CLIENT_ERROR),
        ("429 Slow", Reason.RATE_LIMITED),
        ("500 Oops", Reason.SERVER_ERROR),
    ],
)
async def test_the_status_is_judged_first(status: str, reason: Reason) -> None:
    assert (await asked("<OTA_PingRS><Success/></OTA_PingRS>", status=status)).reason is reason


async def test_an_endless_answer_ends() -> None:
    assert (await asked(b"<a>" + b" " * 300_000)).reason is Reason.TOO_LARGE


@pytest.mark.parametrize(
    ("status", "body", "signs"),
    [
        ("400 Bad Request", "", {Sign.MESSAGE_INVALID}),
        ("401 Unauthorized", "", set()),
        ("200 OK", "login failed", {Sign.NOT_PROCESSED}),
        ("200 OK", FAULT, {Sign.NOT_PROCESSED}),
        ("200 OK", "<broken", set()),
    ],
)
async def test_an_answer_is_a_sign_of_what_it_says(status: str, body: str, signs: set[Sign]) -> None:
    assert (await asked(body, TEXT, status)).signs == signs
