"""The simulated hotel: its parts behave as the real ones do, and nothing of it remains."""

import asyncio
import base64
import hashlib
import hmac
import json
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from pathlib import Path

import aiohttp
import aiosmtplib
import asyncpg
import dns.asyncquery
import dns.message
import dns.rcode
import pytest

from daemon.demo.hotel import Hotel
from daemon.demo.mail_host import PASSWORD, USER
from daemon.demo.name_server import DKIM_NAME, DOMAIN, LIST
from daemon.demo.pms_database import PmsDatabase
from daemon.demo.postgres import Postgres
from daemon.demo.vendors import KEYS
from daemon.demo.webhooks import BOOKING, PAYMENT, SECRETS
from tests.support.open_hotel import Visitor, open_hotel, unwell
from tests.support.polling import until
from tests.support.process import command

PING = b'{"event": "monitor.ping", "id": "probe"}'
BOOKED = b'{"event": "reservation.created", "reservation_id": "BE-1"}'


@asynccontextmanager
async def web(hotel: Hotel) -> AsyncIterator[aiohttp.ClientSession]:
    """Give a client that trusts the hotel's authority."""
    context = ssl.create_default_context(cafile=hotel.authority.file)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
        yield session


@pytest.fixture
async def hotel(tmp_path: Path, pg: Postgres) -> AsyncIterator[Hotel]:
    """Open a hotel."""
    async with open_hotel(tmp_path, pg) as found:
        yield found


def database(hotel: Hotel) -> PmsDatabase:
    assert hotel.database is not None
    return hotel.database


async def test_the_command_finds_five_healthy_integrations_and_leaves_nothing_unwatched(hotel: Hotel) -> None:
    path = hotel.directory / "nightporter.yml"
    path.write_text(hotel.configuration())
    checked = await command("--config", str(path), "check", "--json")
    answer = json.loads(checked.out)
    assert checked.code == 0, answer
    assert {one["status"] for one in answer.values()} == {"healthy"}
    assert {"booking_engine", "expedia", "payment", "email", "channel_manager"} <= answer.keys()
    validated = await command("--config", str(path), "validate")
    assert validated.code == 0
    assert "without effect" not in validated.out


async def test_a_day_of_looks_from_a_hotel_that_lives_on_stays_healthy(hotel: Hotel) -> None:
    porter = Visitor(hotel)
    for _ in range(45):
        await database(hotel).tick()
        hotel.logs.tick()
    for _ in range(2):
        assert unwell(await porter.look()) == {}


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("booking_engine", "/api/health"),
        ("booking_engine", "/api/cache/status"),
        ("payment", "/v1/status"),
        ("email", "/v1/status"),
        ("channel_manager", "/api/sync/status"),
    ],
)
async def test_a_vendor_answers_its_own_key_only(hotel: Hotel, kind: str, path: str) -> None:
    url = hotel.vendors.hosts[kind].url + path
    statuses = []
    async with web(hotel) as session:
        for key in (f"Bearer {KEYS[kind]}", "Bearer wrong", f"Basic {KEYS[kind]}", "Bearer \N{SNOWMAN}", ""):
            async with session.get(url, headers={"Authorization": key} if key else {}) as answer:
                statuses.append(answer.status)
    assert statuses == [200, 401, 401, 401, 401]


def square(hotel: Hotel, body: bytes, secret: str = SECRETS[PAYMENT]) -> dict[str, str]:
    signed = hmac.digest(secret.encode(), hotel.pms.url(PAYMENT).encode() + body, hashlib.sha256)
    return {"x-square-hmacsha256-signature": base64.b64encode(signed).decode()}


def plain(body: bytes, secret: str = SECRETS[BOOKING]) -> dict[str, str]:
    return {"X-Webhook-Signature": hmac.digest(secret.encode(), body, hashlib.sha256).hex()}


async def post(hotel: Hotel, name: str, body: bytes, headers: dict[str, str]) -> int:
    async with web(hotel) as session, session.post(hotel.pms.url(name), data=body, headers=headers) as answer:
        return answer.status


async def test_webhooks_take_what_is_signed_and_refuse_what_is_not(hotel: Hotel) -> None:
    assert await post(hotel, BOOKING, PING, plain(PING)) == 200
    assert await post(hotel, PAYMENT, PING, square(hotel, PING)) == 200
    forged: list[tuple[str, dict[str, str]]] = [
        (BOOKING, plain(PING, "wrong")),
        (BOOKING, plain(PING + b" ")),
        (BOOKING, {"X-Webhook-Signature": "test-signature"}),
        (BOOKING, {"X-Webhook-Signature": ""}),
        (BOOKING, {}),
        (PAYMENT, square(hotel, PING, "wrong")),
        (PAYMENT, {"x-square-hmacsha256-signature": "test"}),
        (PAYMENT, plain(PING, SECRETS[PAYMENT])),
        (PAYMENT, {}),
    ]
    assert [await post(hotel, name, PING, headers) for name, headers in forged] == [401] * len(forged)
    assert [event.name for event in hotel.pms.decides.events] == ["monitor.ping"] * 2
    assert hotel.pms.decides.refused == len(forged)


async def test_only_a_signed_booking_makes_a_booking(hotel: Hotel) -> None:
    assert await post(hotel, BOOKING, BOOKED, plain(BOOKED, "wrong")) == 401
    assert await post(hotel, BOOKING, PING, plain(PING)) == 200
    assert hotel.pms.decides.bookings == []
    assert await post(hotel, BOOKING, BOOKED, plain(BOOKED)) == 200
    assert hotel.pms.decides.bookings == ["BE-1"]


@pytest.mark.parametrize("body", [b"", b"no JSON", b"[1]", b'{"event": 7}', b"\xff\xfe"])
async def test_an_odd_event_makes_no_booking_and_breaks_nothing(hotel: Hotel, body: bytes) -> None:
    assert await post(hotel, BOOKING, body, plain(body)) in {200, 400}
    assert hotel.pms.decides.bookings == []


async def test_the_porters_own_webhook_probes_book_nothing_and_are_marked_in_the_log(hotel: Hotel) -> None:
    await Visitor(hotel).look()
    assert hotel.pms.decides.bookings == []
    assert {event.name for event in hotel.pms.decides.events} == {"monitor.ping"}
    assert all(event.probe for event in hotel.pms.decides.events)
    lines = hotel.logs.path(f"webhooks/{PAYMENT}").read_text().splitlines()
    probes = [line for line in lines if "monitor.ping" in line or "verification failed" in line]
    assert len(probes) >= 2
    assert all("X-Monitor-Probe=" in line for line in probes)


async def test_mail_is_taken_over_starttls_after_a_login(hotel: Hotel) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = USER, "guest@mailbox.demo", "Your booking"
    context = ssl.create_default_context(cafile=hotel.authority.file)
    async with aiosmtplib.SMTP(
        hostname="localhost", port=hotel.mail.port, start_tls=True, tls_context=context
    ) as client:
        with pytest.raises(aiosmtplib.SMTPAuthenticationError, match=r"5\.7\.8"):
            await client.login(USER, "wrong")
        await client.login(USER, PASSWORD)
        await client.send_message(mail)
    assert hotel.mail.taken == 1


async def test_nothing_is_taken_before_starttls(hotel: Hotel) -> None:
    async with aiosmtplib.SMTP(hostname="localhost", port=hotel.mail.port, start_tls=False) as client:
        with pytest.raises(aiosmtplib.SMTPException):
            await client.mail(USER)


async def ask(hotel: Hotel, name: str, kind: str, *, tcp: bool = False) -> dns.message.Message:
    query = dns.message.make_query(name, kind)
    how = dns.asyncquery.tcp if tcp else dns.asyncquery.udp
    answer: dns.message.Message = await how(query, "127.0.0.1", port=hotel.names.port, timeout=5)
    return answer


async def test_names_are_answered_over_udp_and_long_records_over_tcp(hotel: Hotel) -> None:
    assert "v=spf1" in (await ask(hotel, DOMAIN, "TXT")).answer[0].to_text()
    hotel.names.text(DKIM_NAME, "v=DKIM1; p=" + "A" * 900)
    assert not (await ask(hotel, DKIM_NAME, "TXT")).answer
    assert "A" * 200 in (await ask(hotel, DKIM_NAME, "TXT", tcp=True)).answer[0].to_text()


async def test_the_blocklist_passes_its_own_test(hotel: Hotel) -> None:
    assert (await ask(hotel, f"2.0.0.127.{LIST}", "A")).answer
    assert (await ask(hotel, f"1.0.0.127.{LIST}", "A")).rcode() == dns.rcode.NXDOMAIN


async def test_junk_does_not_stop_the_name_server(hotel: Hotel) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for junk in (b"", b"\0", bytes(12), b"\xff" * 600):
            sender.sendto(junk, ("127.0.0.1", hotel.names.port))
    _, writer = await asyncio.open_connection("127.0.0.1", hotel.names.port)
    writer.write(b"\0\3abc")
    writer.close()
    assert (await ask(hotel, DOMAIN, "TXT")).answer


async def test_business_goes_on(hotel: Hotel) -> None:
    before = await database(hotel).value("SELECT count(*) FROM reservations")
    for _ in range(41):
        await database(hotel).tick()
    assert await database(hotel).value("SELECT count(*) FROM reservations") >= before + 2
    waiting = "SELECT count(*) FROM channel_manager_queue WHERE status = 'pending'"
    assert await database(hotel).value(waiting) <= 5
    assert (
        await database(hotel).value("SELECT count(*) FROM ota_modification_queue WHERE status = 'pending'")
        == 0
    )


async def test_business_goes_on_after_its_connection_was_cut(tmp_path: Path, pg: Postgres) -> None:
    async with Hotel.open(tmp_path, pg, pause=0.02) as hotel:
        count = "SELECT count(*) FROM channel_manager_queue"
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError)):
            await database(hotel).run("SELECT pg_terminate_backend(pg_backend_pid())")
        old = database(hotel).connection
        await until(lambda: database(hotel).connection is not old, 10, "a new connection")
        before = await database(hotel).value(count)
        await database(hotel).tick()
        assert await database(hotel).value(count) > before


async def test_the_porters_role_reads_and_writes_nothing(hotel: Hotel) -> None:
    connection = await asyncpg.connect(database(hotel).dsn)
    try:
        assert await connection.fetchval("SELECT count(*) FROM payments") > 1000
        await connection.execute("SET default_transaction_read_only = off")
        for statement in ("DELETE FROM payments", "SELECT * FROM demo.room_types", "CREATE TABLE mine ()"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    finally:
        await connection.close()


async def test_logs_grow_and_life_survives_a_folder_that_is_gone(tmp_path: Path, pg: Postgres) -> None:
    async with Hotel.open(tmp_path, pg, pause=0.02) as hotel:
        log = hotel.logs.path("integrations/payment")
        size = log.stat().st_size
        hotel.logs.lose("api")
        await until(lambda: log.stat().st_size > size, 10, "the log to grow")
        hotel.logs.find("api")
        assert hotel.logs.path("api/api").exists()


async def test_the_configuration_says_what_a_caller_wants(hotel: Hotel) -> None:
    text = hotel.configuration(listen="127.0.0.1:9", web={"public_url": "http://127.0.0.1:9"})
    assert "listen: 127.0.0.1:9" in text
    assert "public_url: http://127.0.0.1:9" in text


async def test_nothing_of_a_closed_hotel_remains(tmp_path: Path, pg: Postgres) -> None:
    async with open_hotel(tmp_path, pg) as hotel:
        name, role = database(hotel).name, database(hotel).role
        ports = [hotel.pms.host.port, hotel.mail.port, hotel.names.port, hotel.vendors.outside.port]
        ports += [host.port for host in hotel.vendors.hosts.values()]
        await hotel.mail.vanish()
    for port in ports:
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0
    admin = await asyncpg.connect(pg.dsn)
    try:
        assert await admin.fetchval("SELECT count(*) FROM pg_database WHERE datname = $1", name) == 0
        assert await admin.fetchval("SELECT count(*) FROM pg_roles WHERE rolname = $1", role) == 0
    finally:
        await admin.close()
    assert len(asyncio.all_tasks()) == 1
