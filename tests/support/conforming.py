"""Every answer of the API held against the document that describes it, to the last field."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # ships no types

from daemon.web.openapi.document import openapi

PREFIX = "/api/v1/"


def strict(schema: Any) -> Any:
    """Return a schema that takes no field which it does not name."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    found = {name: strict(one) for name, one in schema.items()}
    if found.get("type") == "object" and isinstance(found.get("properties"), dict):
        found.setdefault("additionalProperties", False)
    return found


class Description:
    """The document, asked what an answer may be."""

    def __init__(self) -> None:
        self._document = strict(openapi("1.2.3"))

    def unfit(self, method: str, path: str, status: int, body: Any) -> str:
        """Return what is wrong with an answer; empty when it is as described."""
        answers = self._document["paths"][path][method.lower()]["responses"]
        if str(status) not in answers:
            return f"{method} {path} is not said to answer {status}"
        schema = answers[str(status)]["content"]["application/json"]["schema"]
        whole = {**schema, "components": self._document["components"]}
        faults = Draft202012Validator(whole).iter_errors(body)
        return "; ".join(f"{method} {path} {status}: {one.json_path}: {one.message[:300]}" for one in faults)


class Listener:
    """Looks at what the API answers: notes in `unfit` what is not as described, counts what is `answered`."""

    def __init__(self) -> None:
        self._description = Description()
        self.unfit: list[str] = []
        self.answered: Counter[tuple[str, str, int]] = Counter()

    def middleware(self) -> Middleware:
        """Return what hears every answer."""

        @web.middleware
        async def hear(request: web.Request, handler: Handler) -> web.StreamResponse:
            answer = await handler(request)
            resource = request.match_info.route.resource
            path = resource.canonical if resource is not None else ""
            known = path.startswith(PREFIX) and request.match_info.http_exception is None
            if known:
                self.answered[request.method, path, answer.status] += 1
            if known and isinstance(answer, web.Response) and request.method not in {"HEAD", "OPTIONS"}:
                self._look(request.method, path, answer)
            return answer

        return hear

    def _look(self, method: str, path: str, answer: web.Response) -> None:
        body = answer.body
        assert isinstance(body, bytes | bytearray)
        assert answer.content_type == "application/json", path
        found = self._description.unfit(method, path, answer.status, json.loads(body))
        if found:
            self.unfit.append(found)
