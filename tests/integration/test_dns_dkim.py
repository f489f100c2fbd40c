"""DKIM keys, looked up over a real DNS server."""

import base64
import secrets
from datetime import timedelta
from functools import cache

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from checks.dkim import CHECK, KEY_BITS
from checks.result import Reason, Result, State
from tests.support.dns_server import DnsServer, Eyes, dns_server
from tests.support.probing import DEADLINE

NAME = "google._domainkey.hotel.example"
SPKI = PublicFormat.SubjectPublicKeyInfo


def rsa_key(bits: int, form: PublicFormat = SPKI) -> str:
    """Return a public key of this length; any odd number of the length will do as its modulus."""
    modulus = secrets.randbits(bits) | 1 | 1 << (bits - 1)
    key = rsa.RSAPublicNumbers(65537, modulus).public_key()
    return base64.b64encode(key.public_bytes(Encoding.DER, form)).decode()


def spaced(text: str) -> str:
    return f"{text[:40]} {text[40:90]}\t {text[90:]}"


@cache
def good() -> str:
    return f"v=DKIM1; k=rsa; p={rsa_key(2048)}"


def elliptic() -> str:
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    return base64.b64encode(public.public_bytes(Encoding.DER, SPKI)).decode()


def edwards() -> str:
    public = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key()
    return base64.b64encode(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


async def judged(server: DnsServer, *records: str) -> Result:
    server.txt(NAME, *records)
    return await eyes(server).look()


def eyes(server: DnsServer, *selectors: str) -> Eyes:
    return Eyes(server, CHECK, domain="hotel.example", selectors=selectors or ("google",))


def broken(result: Result) -> bool:
    return (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.CONTENT, True)


@pytest.mark.parametrize(
    ("record", "bits"),
    [
        (good(), 2048),
        (f"p={rsa_key(2048)}", 2048),
        (f"v=DKIM1; p={rsa_key(4096)};", 4096),
        (f" v = DKIM1 ;\tk=RSA; n=a note; x=unknown; p = {spaced(rsa_key(2048))} ;", 2048),
        (f"v=DKIM1; k=rsa; p={rsa_key(2048, PublicFormat.PKCS1)}", 2048),
        (f"v=DKIM1; k=ed25519; p={edwards()}", 256),
        (f"v=DKIM1; h=sha1:SHA256; s=email; t=s; p={rsa_key(2048)}", 2048),
    ],
)
async def test_sound_keys_are_ok(record: str, bits: int) -> None:
    async with dns_server() as server:
        result = await judged(server, record)
        assert (result.state, result.measurements[KEY_BITS]) == (State.OK, bits), result


async def test_a_key_split_by_strings_and_spaces_is_one() -> None:
    async with dns_server() as server:
        key = rsa_key(2048)
        server.records[(NAME, "TXT")] = [f'"v=DKIM1; k=rsa; p={key[:200]} " "  {key[200:]}"']
        assert (await eyes(server).look()).state is State.OK


async def test_a_short_but_allowed_key_is_ok_and_said() -> None:
    async with dns_server() as server:
        result = await judged(server, f"v=DKIM1; p={rsa_key(1024)}")
        assert result.state is State.OK
        assert "1024 bits, 2048 are advised" in result.message


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ("v=DKIM1; k=rsa; p=", "revoked"),
        ("v=DKIM1; k=rsa; p= ;", "revoked"),
        ("v=DKIM1; k=rsa", "no key"),
        (f"v=DKIM1; p={rsa_key(768)}", "768 bits"),
        (f"v=DKIM1; p={rsa_key(2048)[:200]}", "cannot be parsed"),
        (f"v=DKIM1; p={rsa_key(2048)[:-2]}", "base64"),
        ("v=DKIM1; p=!!!!", "base64"),
        ("v=DKIM1; p=\u00e9t\u00e9", "base64"),
        ("v=DKIM1; p=" + "A" * 20_000, "unusable"),
        (f"v=DKIM1; p={elliptic()}", "not the RSA key"),
        (f"v=DKIM1; k=ed25519; p={rsa_key(2048)}", "ed25519"),
        (f"v=DKIM1; k=dsa; p={rsa_key(2048)}", "k=dsa"),
        (f"v=DKIM2; p={rsa_key(2048)}", "v=DKIM1"),
        (f"p={rsa_key(2048)}; v=DKIM1", "v=DKIM1"),
        (f"v=DKIM1; h=sha1; p={rsa_key(2048)}", "sha256"),
        (f"v=DKIM1; s=tlsrpt; p={rsa_key(2048)}", "not for mail"),
        (f"v=DKIM1; p={rsa_key(2048)}; p=", "twice"),
        ("v=DKIM1 p", "v=DKIM1"),
        ("v=DKIM1; p", "name=value"),
        ("hello", "name=value"),
        ("", "no key"),
    ],
)
async def test_what_no_mail_can_be_verified_with_is_content(record: str, words: str) -> None:
    async with dns_server() as server:
        result = await judged(server, record)
        assert broken(result), result
        assert words in result.message
        assert len(result.message) < 250


async def test_no_key_and_two_keys_are_content() -> None:
    async with dns_server() as server:
        assert broken(missing := await eyes(server).look())
        assert NAME in missing.message
        assert broken(await judged(server, good(), f"p={rsa_key(2048)}"))
        assert (await judged(server, good(), "some other text")).state is State.OK


async def test_a_key_marked_as_a_test_is_a_warning() -> None:
    async with dns_server() as server:
        result = await judged(server, f"v=DKIM1; t=s:y; p={rsa_key(2048)}")
        assert (result.state, result.reason, result.decisive) == (State.WARNING, Reason.MISMATCH, True)
        assert "t=y" in result.message


async def test_an_alias_to_the_mailers_key_is_followed() -> None:
    async with dns_server() as server:
        server.add(NAME, "CNAME", "key.mailer.example.")
        server.txt("key.mailer.example", good())
        assert (await eyes(server).look()).state is State.OK
        server.remove("key.mailer.example", "TXT")
        assert broken(await eyes(server).look())


async def test_the_worst_selector_gives_the_verdict() -> None:
    async with dns_server() as server:
        server.txt(NAME, good())
        server.txt("old._domainkey.hotel.example", "v=DKIM1; p=")
        result = await eyes(server, "google", "old").look()
        assert broken(result)
        assert "old" in result.message
        assert "google" not in result.message
        server.txt("old._domainkey.hotel.example", f"p={rsa_key(1024)}")
        result = await eyes(server, "google", "old").look()
        assert (result.state, result.measurements[KEY_BITS]) == (State.OK, 1024)


@pytest.mark.parametrize("selector", ["", "a..b", "x" * 64, "\u00e9", "..", "*"])
async def test_an_odd_selector_is_only_missing(selector: str) -> None:
    async with dns_server() as server:
        assert broken(await eyes(server, selector).look())


async def test_a_server_that_fails_or_is_silent_leaves_it_unknown() -> None:
    async with dns_server() as server:
        server.txt(NAME, good())
        server.rcodes["old._domainkey.hotel.example"] = "SERVFAIL"
        result = await eyes(server, "google", "old").look()
        assert (result.state, result.reason) == (State.UNKNOWN, Reason.QUERY)
        server.silent.add(NAME)
        result = await eyes(server).look(deadline=DEADLINE)
        assert (result.state, result.reason) == (State.UNKNOWN, Reason.QUERY)


async def test_a_key_that_changed_is_told_with_the_part_that_differs() -> None:
    async with dns_server() as server:
        server.txt(NAME, good())
        one = eyes(server)
        assert (await one.look()).state is State.OK
        server.txt(NAME, good().replace("; p=", ";p=  "))
        assert (await one.look()).state is State.OK
        server.txt(NAME, good()[:300] + "AAAA" + good()[304:])
        result = await one.look()
        assert (result.state, result.reason, result.decisive) == (State.WARNING, Reason.MISMATCH, True)
        assert "AAAA" in result.message
        assert good()[300:304] in result.message
        assert (await one.look(later=timedelta(hours=25))).state is State.OK


async def test_a_selector_that_joins_others_is_a_change_but_the_first_key_is_none() -> None:
    async with dns_server() as server:
        one = eyes(server, "google", "next")
        assert broken(await one.look())
        server.txt(NAME, good())
        assert broken(await one.look())
        server.txt("next._domainkey.hotel.example", f"p={rsa_key(2048)}")
        result = await one.look()
        assert (result.state, result.reason) == (State.WARNING, Reason.MISMATCH)
        assert 'next._domainkey.hotel.example was "none"' in result.message


async def test_a_selector_added_to_the_configuration_is_no_change() -> None:
    async with dns_server() as server:
        server.txt(NAME, good())
        server.txt("next._domainkey.hotel.example", f"p={rsa_key(2048)}")
        one = eyes(server)
        await one.look()
        assert (await one.look(selectors=["google", "next"])).state is State.OK


async def test_a_key_that_is_gone_is_quoted() -> None:
    async with dns_server() as server:
        server.txt(NAME, good())
        one = eyes(server)
        await one.look()
        server.remove(NAME, "TXT")
        result = await one.look()
        assert broken(result)
        assert "it was" in result.message
