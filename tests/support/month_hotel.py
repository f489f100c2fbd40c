"""The simulated hotel's configuration as a real hotel would have it: real intervals, three levels, a desk."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import yaml

from daemon.demo.authority import Authority
from daemon.demo.hotel import Hotel
from daemon.demo.mail_host import PASSWORD
from daemon.demo.message_box import MessageBox
from daemon.demo.vendors import KINDS
from daemon.settings import Settings, load

LEVEL_1, LEVEL_2, LEVEL_3 = "support@grand-harbour.demo", "lead@grand-harbour.demo", "cto@grand-harbour.demo"
DESK = "desk@grand-harbour.demo"
ESCALATION: dict[str, Any] = {
    "levels": [
        {"level": 1, "role": "Integration Support Team", "email": [LEVEL_1]},
        {
            "level": 2,
            "role": "Technical Lead",
            "email": [LEVEL_2],
            "hours": {"days": "mon-fri", "from": "09:00", "to": "18:00", "holidays": "PT"},
        },
        {"level": 3, "role": "CTO", "email": [LEVEL_3], "hours": "emergency"},
    ],
    "front_desk": {"email": [DESK]},
}


def settings(directory: Path) -> Settings:
    """Return the settings of the simulated hotel, whose house is closed: nothing of it runs.

    The porter's own demo looks at everything every two seconds; here the built-in checks keep their pace.
    """
    written = _closed(directory).configuration(escalation=ESCALATION)
    found: dict[str, Any] = yaml.safe_load(written)
    del found["thresholds"]
    for name, integration in found["integrations"].items():
        if name == "door_locks":
            integration["checks"]["gateway"]["interval"] = "30s"
        else:
            del integration["checks"]
    path = directory / "nightporter.yml"
    path.write_text(yaml.safe_dump(found, sort_keys=False))
    return load(path, {})


def _closed(directory: Path) -> Hotel:
    """Return the hotel with as much of it as its configuration names."""
    hosts = {kind: SimpleNamespace(url=f"https://api.{kind.replace('_', '-')}.demo") for kind in KINDS}
    outside = SimpleNamespace(url="https://outside.demo", port=8443)
    vendors = SimpleNamespace(hosts=hosts, outside=outside, locks=SimpleNamespace(url="http://10.0.3.9"))
    pms = SimpleNamespace(
        host=SimpleNamespace(url="https://pms.grand-harbour.demo"),
        url=lambda name: f"https://pms.grand-harbour.demo/webhooks/{name}",
    )
    logs = directory / "logs"
    logs.mkdir()
    return cast(
        "Hotel",
        _ClosedHotel(
            directory=directory,
            authority=Authority(directory),
            vendors=vendors,
            pms=pms,
            database=SimpleNamespace(dsn="postgresql://porter@10.0.3.4/pms"),
            mail=SimpleNamespace(port=587),
            mail_password=PASSWORD,
            names=SimpleNamespace(port=53),
            logs=SimpleNamespace(directory=logs),
            processes=SimpleNamespace(command="pm2"),
            messages=MessageBox(directory),
            backup=directory / "backups" / "pms-full.dump",
            relay=2525,
            urls={},
        ),
    )


class _ClosedHotel(SimpleNamespace):
    """What the configuration asks of a hotel, and nothing else."""

    configuration = Hotel.configuration
