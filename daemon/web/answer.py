"""Answers: short sentences as text or JSON, documents, and times as programs read them."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

from aiohttp import hdrs, web

from alerts.incident_document import instant

__all__ = ["API", "RefusedError", "document", "instant", "refusal", "stream", "text"]

API = "/api/"


class RefusedError(Exception):
    """What is asked cannot be done: the status of the answer, the sentence that says why, perhaps headers."""

    def __init__(self, status: int, sentence: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.headers = headers


def text(sentence: str, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """Return a plain answer of whole lines."""
    body = sentence.encode("utf-8", "replace") + b"\n"
    return web.Response(body=body, status=status, headers=headers, content_type="text/plain", charset="utf-8")


def document(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """Return a JSON document, in ASCII, so that nothing odd in it can disturb a reader."""
    body = (json.dumps(value, allow_nan=False) + "\n").encode("ascii")
    return web.Response(body=body, status=status, headers=headers, content_type="application/json")


def refusal(
    request: web.BaseRequest, status: int, sentence: str, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Return an error in the form that the path promises."""
    if request.path.startswith(API):
        return document({"error": sentence}, status, headers)
    return text(sentence, status, headers)


async def stream(
    request: web.Request, headers: Mapping[str, str], pieces: AsyncIterator[bytes]
) -> web.StreamResponse:
    """Send an answer in pieces; one that breaks off ends the connection, lest it pass for whole."""
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    whole = False
    try:
        if request.method != hdrs.METH_HEAD:
            async for piece in pieces:
                await response.write(piece)
        whole = True
    finally:
        if not whole and request.transport is not None:
            request.transport.abort()
    return response
