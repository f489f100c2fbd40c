"""The OpenAPI document: every address of the API, what it takes and what it answers."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web

from daemon.web import cookies, door
from daemon.web.answer import document
from daemon.web.deps import DEPS
from daemon.web.openapi import (
    drills,
    history,
    incidents,
    maintenance,
    parts,
    programs,
    reports,
    silences,
    status,
)
from daemon.web.openapi.words import OF_BODIES, REFUSALS, Operation, Schema, parameter, record, ref, text

MODULES = (status, history, incidents, silences, maintenance, reports, drills, programs)
ABOUT = """What the status page knows, for programs. Times are RFC 3339, in UTC where we write them; null is
what is not known. Take no notice of fields you do not know: a later version may have more of them.

What is wrong is answered as `{"error": SENTENCE}`. An address that is not here is 404, a method that it does
not take 405.

Where no `web.token_file` is configured nothing is asked of who reads, and changes are taken from the porter's
own host alone, not through a proxy and not from the page of another site."""
SECURITY = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "What `web.token_file` holds: `Authorization: Bearer TOKEN`.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": cookies.PLAIN,
        "description": f"What `/login` gives a browser; over HTTPS it is called `{cookies.SECURE}`. "
        f"Changes need the `csrf` of a form as `{door.CSRF_HEADER}`, too.",
    },
}
_PATH_NAME = re.compile(r"\{(\w+)\}")


def openapi(version: str) -> dict[str, Any]:
    """Return the document of this version."""
    paths: dict[str, dict[str, Any]] = {}
    schemas: dict[str, Schema] = {"Error": record("Why not.", {"error": text("A sentence for people.")})}
    for module in MODULES:
        schemas |= module.SCHEMAS
        for (method, path), operation in module.OPERATIONS.items():
            paths.setdefault(path, {"parameters": _path_parameters(path)})[method.lower()] = _told(
                method, operation
            )
    return {
        "openapi": "3.1.0",
        "info": {"title": "Night Porter", "version": version, "description": ABOUT},
        "security": [{name: []} for name in SECURITY],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": SECURITY},
    }


async def describe(request: web.Request) -> web.Response:
    """Answer the document."""
    return document(openapi(request.app[DEPS].version))


def _told(method: str, one: Operation) -> dict[str, Any]:
    refusals = {**REFUSALS, **(OF_BODIES if one.body else {}), **one.refusals}
    if method == "GET":
        refusals = {code: says for code, says in refusals.items() if code != 403}
    told: dict[str, Any] = {
        "operationId": one.id,
        "tags": [one.tag],
        "summary": one.summary,
        **({"description": one.description} if one.description else {}),
        **({"parameters": list(one.query)} if one.query else {}),
        **({"requestBody": _body(one.body, one.body_required)} if one.body else {}),
        "responses": {str(one.status): _json(one.says, one.answer)} | _refusals(refusals),
    }
    return told


def _refusals(refusals: Mapping[int, str]) -> dict[str, Any]:
    return {str(code): _json(refusals[code], ref("Error")) for code in sorted(refusals)}


def _body(schema: Schema, required: bool) -> dict[str, Any]:
    return {"required": required, "content": {"application/json": {"schema": schema}}}


def _json(says: str, schema: Schema) -> dict[str, Any]:
    return {"description": says, "content": {"application/json": {"schema": schema}}}


def _path_parameters(path: str) -> Iterable[dict[str, Any]]:
    return [
        parameter(name, text(minLength=1), parts.PATH_NAMES[name], "path")
        for name in _PATH_NAME.findall(path)
    ]
