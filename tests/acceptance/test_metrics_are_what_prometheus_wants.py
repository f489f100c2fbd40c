"""/metrics, live: clean for promtool as text, and parsed as OpenMetrics."""

import asyncio
from pathlib import Path

from prometheus_client.openmetrics.parser import text_string_to_metric_families

from tests.acceptance.bodies import watching
from tests.pages import metrics as page
from tests.support.inbox import inbox
from tests.support.nginx import needed
from tests.support.process import A, B, porter, states
from tests.support.vendor import vendor


async def test_metrics_are_clean_in_both_formats(tmp_path: Path) -> None:
    promtool = needed("promtool")
    async with (
        vendor() as gateway,
        inbox() as mails,
        porter(tmp_path, watching(gateway.url, mails.port)) as one,
    ):
        await states(one, "payment", "health", "ok")
        await states(one, "door_locks", "gateway", "ok")
        gateway.status = 503
        await one.poll("/api/v1/incidents", lambda answer: len(answer["incidents"]) == 2)
        _, text = await one.get("/metrics")
        _, openmetrics = await one.get(
            "/metrics", headers={"Accept": "application/openmetrics-text;version=1.0.0"}
        )
        await one.kill()
        assert {mail["To"] for mail in mails.take()} <= {A, B}

    process = await asyncio.create_subprocess_exec(
        promtool,
        "check",
        "metrics",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate(text.encode())
    assert (process.returncode, said.decode()) == (0, "")
    parsed = text_string_to_metric_families(openmetrics)  # type: ignore[no-untyped-call]  # ships no types
    families = {family.name for family in parsed}
    described = {family.name for family in await asyncio.to_thread(page.families)}
    assert families - described == set(), "docs/metrics.md does not know of these"
    assert described - families <= page.conditional(), "docs/metrics.md tells of what is not there"
    assert 'nightporter_incidents_open{hotel="grand-harbour",severity="critical"} 2' in text
