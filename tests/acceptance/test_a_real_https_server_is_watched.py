"""nginx over HTTPS with a private authority: watched, stopped, mailed."""

from pathlib import Path

from tests.support.inbox import inbox
from tests.support.nginx import nginx
from tests.support.process import PEOPLE, A, B, porter, states


async def test_nginx_stopping_is_mailed_and_its_return_too(tmp_path: Path) -> None:
    async with nginx(tmp_path / "nginx") as server, inbox() as mails:
        body = f"""\
integrations:
  web:
    kind: generic
    checks:
      page: {{type: http, url: "https://localhost:{server.port}/", interval: 1s, ca_file: {server.ca_file},
              expect: {{json: {{"$.status": ok}}}}}}
      certificate: {{type: tls, host: localhost, port: {server.port}, interval: 1s,
                     ca_file: {server.ca_file}}}
"""
        async with porter(tmp_path, body + PEOPLE.format(relay=mails.port)) as one:
            await states(one, "web", "page", "ok")
            await states(one, "web", "certificate", "ok")
            _, metrics = await one.get("/metrics")
            labels = 'hotel="grand-harbour",integration="web",check="certificate"'
            assert f"nightporter_tls_certificate_expiry_timestamp_seconds{{{labels}}}" in metrics
            assert f'nightporter_check_phase_duration_seconds{{{labels},phase="tls"}}' in metrics
            await server.stop()
            for who in (A, B):
                problem = await mails.expect("problem", to=who)
                assert problem["X-Nightporter-Integration"] == "web"
                assert problem["X-Nightporter-Severity"] == "critical"
            await server.start()
            for who in (A, B):
                await mails.expect("resolved", to=who)


async def test_a_certificate_of_an_unknown_authority_is_mailed_after_its_first_run(tmp_path: Path) -> None:
    async with nginx(tmp_path / "nginx") as server, inbox() as mails:
        body = f"""\
integrations:
  web:
    kind: generic
    checks:
      page: {{type: http, url: "https://localhost:{server.port}/", interval: 10s}}
"""
        async with porter(tmp_path, body + PEOPLE.format(relay=mails.port)) as one:
            for who in (A, B):
                problem = await mails.expect("problem", to=who, within=25)
                assert problem["X-Nightporter-Cause"] == "certificate-invalid"
            incident = (await one.incidents())[0]
            _, metrics = await one.get("/metrics")
    assert incident["checks"] == ["grand-harbour/web/page"]
    labels = 'hotel="grand-harbour",integration="web",check="page"'
    assert f"nightporter_check_runs_total{{{labels}}} 1" in metrics, "one run decides"
