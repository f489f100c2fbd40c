"""The image is built as the Dockerfile says, and stands duty in a container that may do next to nothing."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon import __version__
from daemon.demo.postgres import Postgres
from tests.acceptance.bodies import payment_only
from tests.support.contained import USER, Contained, contained, on_duty
from tests.support.containers import BASE, IMAGE, ROOT, Containers, built
from tests.support.inbox import inbox
from tests.support.postgres import database
from tests.support.process import A, B, states
from tests.support.vendor import vendor

MEBIBYTE = 1024 * 1024
MOST_ADDED = 230 * MEBIBYTE
"""What the image may weigh beside its base: Python, what the porter is built upon, and the porter."""

HOTEL = "hotel: {id: grand-harbour, name: Grand Harbour Hotel, timezone: Europe/Lisbon}\n"
INSIDE = (ROOT / "tests" / "support" / "inside_image.py").read_text()


@pytest.fixture(scope="module")
def containers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Containers]:
    """Build the image once for all that looks at it."""
    with built(tmp_path_factory.mktemp("containers")) as one:
        yield one


def rights_of(process: int) -> dict[str, str]:
    """Return what the kernel says of a process: who it is, and what it may."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


async def test_it_mails_of_a_fault_outlasts_a_crash_and_leaves_in_time(
    tmp_path: Path, containers: Containers
) -> None:
    async with (
        vendor() as gateway,
        inbox() as mails,
        contained(tmp_path, payment_only(gateway.url, mails.port), containers) as one,
    ):
        await states(one, "payment", "health", "ok")
        kernel = rights_of(int(containers.said("inspect", "--format", "{{.State.Pid}}", one.name)))
        assert kernel["Uid"].split() == [str(USER)] * 4
        assert (int(kernel["CapEff"], 16), int(kernel["CapBnd"], 16), kernel["NoNewPrivs"]) == (0, 0, "1")
        assert (await containers.ask("healthcheck", "run", one.name))[0] == 0

        gateway.status = 503
        problem = await mails.expect("problem", to=A)
        await mails.expect("problem", to=B)
        (before,) = await one.incidents()
        assert problem["X-Nightporter-Incident"] == before["id"]

        await one.kill()
        await one.start()
        (after,) = await one.incidents()
        assert (after["id"], after["epoch"]) == (before["id"], before["epoch"])
        gateway.status = 200
        for person in (A, B):
            await mails.expect("resolved", to=person)

        began = time.monotonic()
        assert await one.stop() == 0
        assert time.monotonic() - began < 10


async def test_its_commands_read_what_is_mounted(tmp_path: Path, containers: Containers) -> None:
    place = tmp_path / "configuration"
    place.mkdir()
    file = place / "nightporter.yml"
    file.write_text(payment_only("http://127.0.0.1:1", 25).replace("integrations", HOTEL + "integrations"))
    mount = ("--volume", f"{place}:/etc/nightporter:ro")
    good = containers.do(*containers.confined(*mount, IMAGE, "validate"))
    assert good.returncode == 0, good.stderr
    assert "payment" in good.stdout
    file.write_text("hotel: 5\n")
    bad = containers.do(*containers.confined(*mount, IMAGE, "validate"))
    assert (bad.returncode, "/etc/nightporter/nightporter.yml:1: hotel: " in bad.stderr) == (2, True)
    version = containers.do(*containers.confined(IMAGE, "--version"))
    assert __version__ in version.stdout
    label = '{{index .Config.Labels "org.opencontainers.image.version"}}'
    assert containers.said("image", "inspect", "--format", label, IMAGE) == __version__


def test_it_holds_the_porter_and_nothing_to_build_or_to_change_it_with(containers: Containers) -> None:
    done = containers.do(*containers.confined("--entrypoint", "python", IMAGE, "-c", INSIDE))
    assert done.returncode == 0, done.stderr
    who, *lines = done.stdout.split("\n")
    assert who == f"{USER} {USER}"
    assert all(line.startswith("/opt/nightporter/lib/") for line in lines[:3]), lines[:3]
    assert [line for line in lines[3:] if line] == []
    whole, base = (
        int(containers.said("image", "inspect", "--format", "{{.Size}}", one)) for one in (IMAGE, BASE)
    )
    print(f"image: {whole // MEBIBYTE} MiB on {base // MEBIBYTE}, in {containers.build_seconds:.0f} s")  # noqa: T201 - shown with `pytest -rP`
    assert whole - base < MOST_ADDED


def test_a_directory_with_our_names_beside_it_is_not_taken_for_ours(
    tmp_path: Path, containers: Containers
) -> None:
    for name in ("daemon", "checks", "alerts"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('somebody else')\n")
    tmp_path.chmod(0o755)
    mount = ("--volume", f"{tmp_path}:/elsewhere:ro", "--workdir", "/elsewhere")
    done = containers.do(*containers.confined(*mount, IMAGE, "--version"))
    assert done.returncode == 0, done.stderr
    assert __version__ in done.stdout
    asked = ("--entrypoint", "python", IMAGE, "-m", "daemon", "--version")
    done = containers.do(*containers.confined(*mount, *asked))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("way", ["compose", "kubernetes"])
async def test_the_shipped_configurations_run_on_postgresql(
    tmp_path: Path, containers: Containers, pg: Postgres, way: str
) -> None:
    place = {"compose": "/run/secrets", "kubernetes": "/run/secrets/nightporter"}[way]
    hidden = tmp_path / "secrets"
    hidden.mkdir()
    async with database(pg) as base, vendor() as gateway:
        one = Contained(tmp_path, "", containers, "--volume", f"{hidden}:{place}:ro")
        one.state = "ro" if way == "kubernetes" else "rw"
        shipped = (ROOT / "deploy" / way / "nightporter.yml").read_text()
        one.config.write_text(here(shipped, gateway.url, one.port))
        secrets = {"state": base.dsn, "token": one.token, "relay": "a-word", "relay-password": "a-word"}
        for name in {Path(found).name for found in re.findall(rf"_file: ({place}/[a-z_-]+)", shipped)}:
            (hidden / name).write_text(secrets[re.sub("^nightporter_|_password$", "", name)])
        async with on_duty(one):
            await states(one, "payment", "health", "ok")
            assert await base.value("SELECT count(*) FROM hotels WHERE owner IS NOT NULL") == 1
            assert (await containers.ask("healthcheck", "run", one.name))[0] == 0
            assert await one.stop() == 0
        assert await base.value("SELECT count(*) FROM hotels WHERE owner IS NOT NULL") == 0
        assert base.dsn.split(":")[2].split("@")[0] not in (tmp_path / "porter.log").read_text()


def here(shipped: str, url: str, port: int) -> str:
    """Return a shipped configuration with what it looks at on this machine, and a port of its own."""
    text = shipped.replace("0.0.0.0:9187", f"0.0.0.0:{port}")
    targets = [url.replace("http", "tcp"), url.replace("http", "tcp").replace("127.0.0.1", "localhost")]
    text = re.sub(r"^control: .*$", f"control: {targets}", text, flags=re.MULTILINE)
    text = re.sub(r"https://(api|locks)[a-z.]*", url, text)
    return text.replace("http://alertmanager:9093", url).replace("http://alertmanager-operated:9093", url)
