"""The document that describes the API: whole, sound, and true of a hotel in trouble."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, web
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # ships no types

from daemon.web.app import build
from daemon.web.openapi.document import openapi
from tests.support.conforming import PREFIX, Description
from tests.support.web import House, on_shift, serving

DOCUMENT = openapi("1.2.3")


def routes(house: House) -> set[tuple[str, str]]:
    """Return every method and address of the API that the application answers."""
    router = build(house.deps).router
    return {
        (route.method, route.resource.canonical)
        for route in router.routes()
        if isinstance(route.resource, web.Resource) and route.resource.canonical.startswith(PREFIX)
    }


def every(value: Any, key: str) -> Iterator[Any]:
    """Yield what stands under a key, wherever it does."""
    if isinstance(value, dict):
        if key in value:
            yield value[key]
        for one in value.values():
            yield from every(one, key)
    elif isinstance(value, list):
        for one in value:
            yield from every(one, key)


async def test_every_address_of_the_api_is_described_and_no_other() -> None:
    async with serving() as house:
        found = routes(house)
    told = {
        (method.upper(), path)
        for path, methods in DOCUMENT["paths"].items()
        for method in methods
        if method != "parameters"
    }
    assert told == {(method, path) for method, path in found if method != "HEAD"}


def test_every_schema_is_one_and_every_reference_leads_somewhere() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    for schema in (*schemas.values(), *every(DOCUMENT["paths"], "schema")):
        Draft202012Validator.check_schema(schema)
    named = {reference.removeprefix("#/components/schemas/") for reference in every(DOCUMENT, "$ref")}
    assert named <= set(schemas)
    assert set(schemas) <= named | {"Status"}
    names = list(every(DOCUMENT["paths"], "operationId"))
    assert len(set(names)) == len(names)


def test_everything_is_said_in_words() -> None:
    for path, methods in DOCUMENT["paths"].items():
        for method, told in methods.items():
            if method == "parameters":
                assert all(one["description"] for one in told)
                continue
            assert told["summary"], path
            assert all(answer["description"].endswith(".") for answer in told["responses"].values()), path
            assert all(one["description"] for one in told.get("parameters", ())), path


async def test_it_is_served_to_who_may_look() -> None:
    async with serving(token="secret") as house, ClientSession(house.url) as session:
        async with session.get("/api/v1/openapi.json") as answer:
            assert answer.status == 401
        headers = {"Authorization": "Bearer secret"}
        async with session.get("/api/v1/openapi.json", headers=headers) as answer:
            assert answer.headers["Content-Type"] == "application/json"
            assert await answer.json() == openapi("1.2.3")


async def test_the_status_is_as_described(tmp_path: Path) -> None:
    description = Description()
    async with on_shift(tmp_path) as shift, serving() as ordinary:
        for house in (shift.house, ordinary):
            async with ClientSession(house.url) as session, session.get("/api/v1/status") as answer:
                assert description.unfit("GET", "/api/v1/status", 200, await answer.json()) == ""
