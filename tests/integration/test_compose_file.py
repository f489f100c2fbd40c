"""The compose file: what it mounts is there, what it runs is pinned and confined, what it sets is sound."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from daemon import __version__
from daemon.settings import load
from daemon.state_address import postgres_address
from tests.support.nginx import needed
from tests.support.shipped import filled

PLACE = Path(__file__).parents[2] / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((PLACE / "compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
KEYS = {
    "build", "cap_drop", "command", "cpus", "depends_on", "environment", "healthcheck", "image", "init",
    "logging", "mem_limit", "networks", "pids_limit", "ports", "read_only", "restart", "secrets",
    "security_opt", "shm_size", "stop_grace_period", "tmpfs", "ulimits", "user", "volumes",
}  # fmt: skip
"""What of the Compose Specification's keys for a service is used here."""


def secrets_of(service: dict[str, Any]) -> set[str]:
    """Return the secrets that a service is given."""
    return {one if isinstance(one, str) else one["source"] for one in service.get("secrets", [])}


def mounts() -> Iterator[tuple[str, str, str]]:
    """Yield service, source and options of each mount."""
    for name, service in SERVICES.items():
        for one in service.get("volumes", []):
            source, _, rest = one.partition(":")
            yield name, source, rest.partition(":")[2]


def test_no_key_is_misspelt() -> None:
    assert set(COMPOSE) == {"name", "x-logging", "x-confined", "services", "networks", "volumes", "secrets"}
    for service in SERVICES.values():
        assert set(service) <= KEYS


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_each_service_is_confined(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"mem_limit", "cpus", "pids_limit"} <= set(service)
    assert service["restart"] == "unless-stopped"
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    assert not service.get("ports") or "outside" in service["networks"], "an internal network opens no port"


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_each_image_is_pinned_and_looked_after(name: str) -> None:
    service = SERVICES[name]
    if name == "porter":
        assert service["image"] == f"nightporter:${{NIGHTPORTER_VERSION:-{__version__}}}"
        assert (PLACE / service["build"]["context"] / "Dockerfile").is_file()
    else:
        assert re.fullmatch(r"[a-z/]+:v?\d+\.\d+(\.\d+)?(-[a-z]+)?", service["image"])
        assert service["healthcheck"]["test"][0] == "CMD"
    for other, condition in service.get("depends_on", {}).items():
        assert condition == {"condition": "service_healthy"}
        assert other in SERVICES


def test_all_that_is_mounted_is_there() -> None:
    for name, source, options in mounts():
        if source.startswith("."):
            assert (PLACE / source).exists(), f"{name} mounts {source}"
            assert options == "ro", f"{name} could change {source}"
        else:
            assert source in COMPOSE["volumes"]
    used = {source for _, source, _ in mounts() if not source.startswith(".")}
    assert used == set(COMPOSE["volumes"])


def test_networks_and_secrets_are_defined_and_used() -> None:
    assert {one for service in SERVICES.values() for one in service["networks"]} == set(COMPOSE["networks"])
    assert set().union(*map(secrets_of, SERVICES.values())) == set(COMPOSE["secrets"])
    assert SERVICES["postgres"]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}


def test_the_script_makes_every_secret_once(tmp_path: Path) -> None:
    script, place = PLACE / "compose" / "secrets.sh", tmp_path / "secrets"
    first, again = (
        subprocess.run(  # noqa: S603 - our own script
            ["/bin/sh", script, place], check=False, capture_output=True, text=True, timeout=30
        )
        for _ in range(2)
    )
    assert (first.returncode, again.returncode) == (0, 0), first.stderr
    assert first.stdout == again.stdout
    assert "relay-password" in first.stdout
    assert place.stat().st_mode & 0o777 == 0o700
    made = {path.name: path.read_text() for path in place.iterdir()}
    assert set(made) == {Path(one["file"]).name for one in COMPOSE["secrets"].values()}
    assert len({made["token"], made["postgres-password"], made["grafana-password"]}) == 3
    assert all(len(made[name]) == 40 for name in ("token", "postgres-password", "grafana-password"))
    assert made["postgres-password"] in made["state"]
    assert str(postgres_address(made["state"])) == "postgresql://postgres/nightporter"


def test_the_porters_configuration_is_sound(tmp_path: Path) -> None:
    settings = load(
        filled(PLACE / "compose" / "nightporter.yml", tmp_path, secrets_of(SERVICES["porter"])), {}
    )
    assert SERVICES["porter"]["ports"] == [f"127.0.0.1:9187:{settings.listen[1]}"]
    assert settings.listen[0] == "0.0.0.0"
    assert settings.web.token is not None
    assert postgres_address(settings.state).hosts in SERVICES


def test_prometheus_takes_its_configuration(tmp_path: Path) -> None:
    promtool = needed("promtool")
    text = (PLACE / "compose" / "prometheus.yml").read_text()
    token = tmp_path / "nightporter_token"
    token.write_text("4f0c7d1b9a6e2f35c8d1aa")
    (tmp_path / "prometheus.yml").write_text(text.replace("/run/secrets/nightporter_token", str(token)))
    shutil.copytree(PLACE / "prometheus" / "rules", tmp_path / "rules")
    done = subprocess.run(  # noqa: S603 - a program that the test looked for
        [promtool, "check", "config", str(tmp_path / "prometheus.yml")],
        check=False, capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    targets = set(re.findall(r"\b([a-z]+):\d+", text)) - {"localhost"}
    assert targets <= set(SERVICES)
