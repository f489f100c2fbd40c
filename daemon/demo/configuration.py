"""What the porter is told of the simulated hotel: its configuration, as it would stand in a file."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from checks.integrations import KINDS, OWN_SIDE
from daemon.clock import SystemClock
from daemon.demo.clocks import ZONE
from daemon.demo.mail_host import USER as MAIL_USER
from daemon.demo.name_server import DOMAIN, LIST, SELECTOR, SENDER
from daemon.demo.processes import BOOKING, CHANNELS, WORKERS
from daemon.demo.vendors import KEYS, PASSWORD, USER
from daemon.demo.webhooks import BOOKING as BOOKING_HOOK
from daemon.demo.webhooks import PAYMENT as PAYMENT_HOOK
from daemon.demo.webhooks import SECRETS

if TYPE_CHECKING:
    from daemon.demo.hotel import Hotel

INTERVAL = "2s"
"""How often everything is looked at: nobody wants to wait in a demo."""

LEVELS: Sequence[Mapping[str, Any]] = [
    {
        "level": 1,
        "role": "Integration Support Team",
        "email": ["integration-support@grand-harbour.demo"],
        "phone": "+351 21 193 0100",
    },
    {
        "level": 2,
        "role": "Technical Lead",
        "email": ["tech-lead@grand-harbour.demo"],
        "phone": "+351 21 193 0101",
        "hours": {"days": "mon-fri", "from": "09:00", "to": "18:00", "holidays": "PT"},
    },
    {
        "level": 3,
        "role": "CTO",
        "email": ["cto@grand-harbour.demo"],
        "phone": "+351 21 193 0102",
        "hours": "emergency",
    },
]
"""Who is told, as the owner has it."""

FRONT_DESK = ["desk@grand-harbour.demo"]

THRESHOLDS = {"failures": 3, "successes": 2, "window": "20s"}
HOTEL, OTA = "grand-harbour", "expedia"


def state_of(directory: Path) -> str:
    """Return where the porter keeps its state."""
    return f"sqlite:///{directory}/state.db"


def configuration(hotel: "Hotel", overrides: Mapping[str, Any]) -> str:
    """Return the configuration as YAML; `overrides` replace what stands at the top."""
    sections: dict[str, Any] = {
        "hotel": {"id": HOTEL, "name": "Grand Harbour Hotel", "timezone": ZONE.key},
        "state": state_of(hotel.directory),
        "thresholds": dict(THRESHOLDS),
        "control": [
            f"tcp://127.0.0.1:{hotel.vendors.outside.port}",
            hotel.urls.get("control", hotel.vendors.outside.url) + "/",
        ],
        "dns": {"servers": ["127.0.0.1"], "port": hotel.names.port},
        "pms": _pms(hotel),
        "integrations": _integrations(hotel),
        "mail": {
            "from": "Night Porter <nightporter@grand-harbour.demo>",
            "relays": [{"host": "127.0.0.1", "port": hotel.relay, "security": "none"}],
        },
        "escalation": {"levels": LEVELS, "front_desk": {"email": FRONT_DESK}},
        "credentials": _credentials(SystemClock().now().date()),
    }
    return str(yaml.safe_dump(sections | dict(overrides), sort_keys=False, allow_unicode=True, width=110))


def _credentials(today: date) -> dict[str, Any]:
    """Return what is to be renewed now and then: one of them soon."""
    return {
        "gateway-key": {
            "title": "API key of the payment gateway",
            "owner": "Ada, Technical Lead",
            "integration": "payment",
            "created": today - timedelta(days=50),
            "rotate_every": "180d",
        },
        "ota-password": {
            "title": "Password at Expedia",
            "owner": "Rui, Revenue",
            "integration": OTA,
            "created": today - timedelta(days=170),
            "rotate_every": "180d",
            "note": "A new one is set in the extranet, under Account",
        },
    }


def _pms(hotel: "Hotel") -> dict[str, Any]:
    found = {
        "log_dir": str(hotel.logs.directory),
        "pm2": hotel.processes.command,
        "url": hotel.pms.host.url,
        "ca_file": str(hotel.authority.file),
        "backup": {"path": str(hotel.backup.parent)},
    }
    return found | ({"dsn": hotel.database.dsn} if hotel.database else {})


def _integrations(hotel: "Hotel") -> dict[str, Any]:
    found = {
        "booking_engine": _vendor(hotel, "booking_engine")
        | {"webhook": _webhook(hotel, BOOKING_HOOK, "hmac_sha256_hex"), "sync_process": BOOKING},
        OTA: _ota(hotel),
        "payment": _vendor(hotel, "payment") | {"webhook": _webhook(hotel, PAYMENT_HOOK, "square")},
        "email": _vendor(hotel, "email") | _mail(hotel),
        "channel_manager": _vendor(hotel, "channel_manager")
        | {"sync_process": CHANNELS, "workers": WORKERS[CHANNELS]},
        "door_locks": {
            "kind": "generic",
            "checks": {
                "gateway": {"type": "http", "url": f"{hotel.vendors.locks.url}/health", "interval": INTERVAL}
            },
        },
        "pms": {"checks": _pace("pms")},
        "network": {"checks": _pace("network")},
    }
    for name, one in found.items():
        one.setdefault("checks", _pace(one.get("kind", name)))
    return found


def _pace(kind: str) -> dict[str, Any]:
    """Return the tunings that have every check of a kind look often."""
    built_ins = OWN_SIDE.get(kind) or KINDS[kind]
    return {one.name: {"interval": INTERVAL} for one in built_ins}


def _vendor(hotel: "Hotel", kind: str) -> dict[str, Any]:
    url = hotel.urls.get(kind, hotel.vendors.hosts[kind].url)
    contact = {
        "support": f"support@{kind.replace('_', '-')}.demo",
        "phone": "+49 30 901820",
        "account": "H-1234",
    }
    status = f"{hotel.vendors.outside.url}/{kind}/api/v2/summary.json"
    found = {"url": url, "ca_file": str(hotel.authority.file), "vendor": contact | {"status_url": status}}
    return found if kind == "ota" else found | {"api_key": KEYS[kind]}


def _ota(hotel: "Hotel") -> dict[str, Any]:
    messages = {"directory": str(hotel.messages.directory), "schema": str(hotel.messages.schema)}
    login = {"username": USER, "password": PASSWORD}
    return {"kind": "ota"} | _vendor(hotel, "ota") | login | {"platform": OTA, "messages": messages}


def _webhook(hotel: "Hotel", name: str, scheme: str) -> dict[str, Any]:
    return {
        "url": hotel.pms.url(name),
        "secret": SECRETS[name],
        "scheme": scheme,
        "ca_file": str(hotel.authority.file),
    }


def _mail(hotel: "Hotel") -> dict[str, Any]:
    smtp = {
        "host": "localhost",
        "port": hotel.mail.port,
        "security": "starttls",
        "username": MAIL_USER,
        "password": hotel.mail_password,
        "ca_file": str(hotel.authority.file),
    }
    return {
        "smtp": smtp,
        "domain": DOMAIN,
        "dkim_selectors": [SELECTOR],
        "sending_ips": [SENDER],
        "blocklists": [LIST],
        "quota": {"messages_per_day": 10_000, "warn_remaining": 100},
    }
