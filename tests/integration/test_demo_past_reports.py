"""The demo's past has reports that were made, and the porter makes none of them again."""

from pathlib import Path

from alerts.reports import periods
from alerts.reports.report import Kind
from daemon.clock import SystemClock
from daemon.demo import past, past_reports
from daemon.demo.configuration import HOTEL, state_of
from daemon.settings import load
from daemon.store import Store

BODY = """
hotel: {{id: {hotel}, name: Grand Harbour Hotel, timezone: Europe/Lisbon}}
state: {state}
control: ["tcp://127.0.0.1:443", "https://localhost/"]
mail: {{from: porter@h.example, relays: [{{host: localhost, port: 2525, security: none}}]}}
escalation: {{levels: [{{level: 1, role: Support, email: [a@h.example]}}]}}
integrations:
  payment: {{url: "https://payment.demo", api_key: a-key}}
"""


async def test_three_daily_reports_and_a_weekly_one_stand_there(tmp_path: Path) -> None:
    file = tmp_path / "nightporter.yml"
    file.write_text(BODY.format(hotel=HOTEL, state=state_of(tmp_path)))
    await past.write(state_of(tmp_path), HOTEL)
    settings, clock = load(file, {}), SystemClock()
    await past_reports.make(settings)
    (hotel,) = settings.hotels
    store = await Store.open(state_of(tmp_path), clock)
    try:
        made = await store.reports.ends(HOTEL)
        assert sorted(kind for kind, _ in made) == [*[Kind.DAILY] * 3, Kind.WEEKLY]
        latest = periods.scheduled(Kind.DAILY, clock.now(), hotel.timezone, hotel.reports.at)
        report = await store.reports.one(HOTEL, Kind.DAILY, latest.period.ends)
        assert report is not None
        assert report.made_at == report.ends
        assert any(name.startswith("payment.") or ".payment." in name for name in report.figures)
        assert (await store.pending())[0] == 0
    finally:
        await store.close()
