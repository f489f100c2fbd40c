"""What a run makes goes with it: nothing waits for the search for garbage, which is made seldom."""

import gc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from checks.context import Trace
from checks.http_exchange import Exchange, Response
from checks.result import Result
from tests.support.certificates import authority, leaf
from tests.support.polling import until
from tests.support.probing import look
from tests.support.servers import Answer, http, nothing, raw, server, server_context

OF_A_RUN: tuple[type[Any], ...] = (Exchange, Response, Trace, Result)


def of_runs() -> list[Any]:
    """Return what there is of runs."""
    return [one for one in gc.get_objects() if isinstance(one, OF_A_RUN)]


@pytest.fixture(autouse=True)
def others() -> Iterator[list[Any]]:
    """Have nothing freed but by itself; return, and hold, what other tests keep, lest another get its id."""
    gc.collect()
    gc.disable()
    yield of_runs()
    gc.enable()


async def holds_nothing(others: list[Any]) -> None:
    """Wait until nothing is left of runs that are over; the event loop lets go a moment later."""
    known = {id(one) for one in others}
    await until(lambda: all(id(one) in known for one in of_runs()), within=5)


@pytest.mark.parametrize(
    "answer", [http("200 OK", b"fine"), http("500 Oops"), raw(b"no HTTP at all\r\n\r\n"), nothing]
)
async def test_a_plain_run_is_gone_when_it_is_over(answer: Answer, others: list[Any]) -> None:
    async with server(answer) as one:
        await look("http", url=one.url(), deadline=0.2)
        await one.all_closed()
    await holds_nothing(others)


async def test_a_run_over_tls_is_gone_when_it_is_over(tmp_path: Path, others: list[Any]) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    root = authority(now)
    (tmp_path / "root.pem").write_bytes(root.pem)
    signed = leaf(root, ("localhost",), now - timedelta(days=1), now + timedelta(days=90))
    async with server(http("200 OK", b"fine"), tls=server_context(signed, tmp_path)) as one:
        url = one.url(host="localhost", scheme="https")
        await look("http", url=url, ca_file=str(tmp_path / "root.pem"))
        await one.all_closed()
    await holds_nothing(others)
