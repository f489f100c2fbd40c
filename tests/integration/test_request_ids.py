"""What a target calls its answer is kept, harmless and short, whatever it sends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import ota_auth, request_ids
from checks.result import Reason
from tests.support.probing import look
from tests.support.servers import http, server


async def called(*fields: str, secrets: tuple[str, ...] = (), status: str = "503 Away") -> str:
    async with server(http(status, b"", *fields)) as one:
        return (await look("http", url=one.url(), secrets=secrets)).findings.request


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ((), ""),
        (("X-Request-Id: 7f3a-91",), "x-request-id: 7f3a-91"),
        (("CF-RAY: 8a1b-LIS", "X-Correlation-ID: c.7"), "x-correlation-id: c.7, cf-ray: 8a1b-LIS"),
        (("x-amzn-RequestId: aa==", "Request-Id: r", "X-Request-ID: x"), "x-request-id: x, request-id: r"),
        (("X-Request-Id: first", "X-Request-Id: second"), "x-request-id: first"),
        (("X-Request-Id: <b>7</b>'\" é",), "x-request-id: b7/b"),
        (("X-Request-Id:   ",), ""),
        (("Set-Cookie: session=1", "Authorization: no"), ""),
    ],
)
async def test_the_ids_of_an_answer_are_kept(fields: tuple[str, ...], expected: str) -> None:
    assert await called(*fields) == expected


async def test_they_are_kept_of_a_good_answer_too() -> None:
    assert await called("X-Request-Id: 1", status="200 OK") == "x-request-id: 1"


async def test_ten_kilobytes_of_an_id_are_a_hundred_characters() -> None:
    found = await called(f"X-Request-Id: {'A' * 10_000}", "CF-Ray: 1")
    assert len(found) == request_ids.LENGTH
    assert set(found.removeprefix("x-request-id: ")) == {"A"}


async def test_a_folded_field_brings_no_second_line() -> None:
    assert "\n" not in await called("X-Request-Id: 7\r\n Bcc: everybody@evil.example")


async def test_a_secret_that_is_sent_back_is_not_told() -> None:
    assert "hunter2-hunter2" not in await called(
        "X-Request-Id: hunter2-hunter2", secrets=("hunter2-hunter2",)
    )


async def test_a_travel_site_echoes_a_token() -> None:
    body = (
        b'<OTA_PingRS xmlns="http://www.opentravel.org/OTA/2003/05" EchoToken="e-1&#10;x"><Errors>'
        b'<Error Type="12" Code="450">busy</Error></Errors></OTA_PingRS>'
    )
    async with server(http("200 OK", body, "Content-Type: application/xml", "X-Request-Id: 9")) as one:
        result = await look(
            ota_auth.CHECK, url=one.url(), username="h", password="p", allow_plaintext_auth=True
        )
    assert result.reason is Reason.SERVER_ERROR
    assert result.findings.request == "x-request-id: 9, EchoToken: e-1x"


@given(st.lists(st.tuples(st.sampled_from([*request_ids.NAMES, "other"]), st.text(max_size=300)), max_size=6))
def test_whatever_is_sent_is_a_short_line_of_ids(headers: list[tuple[str, str]]) -> None:
    found = request_ids.of_headers(headers)
    assert len(found) <= request_ids.LENGTH
    assert found.isascii()
    assert found.isprintable()
    assert not set(found) & set("<>\"'`|[]\\")
