"""The inbox of the demo: every mail as it looks, and nothing of a mail comes alive."""

from collections.abc import AsyncIterator
from email.message import EmailMessage
from html import unescape

import aiosmtplib
import pytest
import pytest_asyncio

from daemon.demo.catcher import MOST_BYTES, MOST_MAILS
from tests.support.demo_site import Site, demo_site

pytestmark = pytest.mark.asyncio(loop_scope="module")

LEVEL_1, DESK = "integration-support@grand-harbour.demo", "desk@grand-harbour.demo"
EVIL = """\
<!DOCTYPE html><html><head data-x="1"><meta http-equiv="refresh" content="0; url=https://evil.example">
<script>alert(1)</script></head><body onload="alert(2)"><h1>Words</h1><img src="https://evil.example/seen">
<form action="https://evil.example"><button>Pay</button></form><iframe src="https://evil.example"></iframe>
<a href="https://porter.example/i/1/token">Acknowledge</a></body></html>"""
SCRIPTED = "<script>alert(3)</script>"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """Serve one site for all tests."""
    async with demo_site(tmp_path_factory.mktemp("demo")) as found:
        yield found


async def sent(site: Site, mail: EmailMessage | bytes, to: str = LEVEL_1) -> str:
    """Send a mail over SMTP; return where the inbox shows it."""
    async with aiosmtplib.SMTP(
        hostname="127.0.0.1", port=site.inbox.port, use_tls=False, start_tls=False
    ) as smtp:
        await smtp.sendmail("porter@hotel.example", [to], mail if isinstance(mail, bytes) else bytes(mail))
    return f"/inbox/{site.inbox.count}"


def a_mail(subject: str = "[CRITICAL] it is down", html: str = "", **headers: str) -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"] = subject
    for name, value in headers.items():
        mail[f"X-Nightporter-{name.capitalize()}"] = value
    mail.set_content("plain words")
    if html:
        mail.add_alternative(html, subtype="html")
    return mail


async def test_the_list_shows_who_was_told_of_what_newest_first(site: Site) -> None:
    about = {"kind": "problem", "severity": "critical", "cause": "vendor-outage"}
    await sent(site, a_mail("the first", **about))
    await sent(site, a_mail("the second", **about | {"kind": "resolved"}), DESK)
    page = await site.page("/inbox")
    assert page.index("the second") < page.index("the first")
    for word in ("Integration Support Team (level 1)", "Front desk", "vendor-outage", "problem", "✕", "✓"):
        assert word in page
    only = await site.page(f"/inbox?to={DESK}")
    assert "the second" in only
    assert "the first" not in only
    assert "No mail to nobody@x yet" in await site.page("/inbox?to=nobody@x")


async def test_a_mail_is_shown_as_it_looks_as_text_and_with_its_headers(site: Site) -> None:
    path = await sent(site, a_mail(html="<p>rich words</p>", incident="k3x9d2m7qa"))
    page = await site.page(path)
    assert f'src="{path}/html" sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    assert f'href="{site.porter.url}/incidents/k3x9d2m7qa"' in page
    assert "rich words" not in page
    assert "rich words" in await site.page(f"{path}/html")
    text = await site.page(f"{path}?as=text")
    assert "plain words" in text
    assert "<iframe" not in text
    assert "X-Nightporter-Incident" in await site.page(f"{path}?as=headers")


async def test_nothing_of_a_mail_comes_alive(site: Site) -> None:
    mail = a_mail(f"{SCRIPTED} it is down", EVIL, cause=SCRIPTED, incident="../../x?y#z")
    mail["From"] = f"{SCRIPTED} <porter@hotel.example>"
    path = await sent(site, mail)
    for shown in ("/", "/inbox", path, f"{path}?as=text", f"{path}?as=headers"):
        page = await site.page(shown)
        assert SCRIPTED not in page
        assert "evil.example" not in page
    assert SCRIPTED in unescape(await site.page(path))
    assert "/incidents/..%2F" in (await site.page(path)).replace("../", "..%2F")
    async with site.session.get(f"{site.url}{path}/html") as answer:
        rules = set(answer.headers["Content-Security-Policy"].split("; "))
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.content_type == "text/html"
        body = await answer.text()
    assert {"default-src 'none'", "img-src data:", "form-action 'none'", "base-uri 'none'"} <= rules
    (sandbox,) = (rule for rule in rules if rule.startswith("sandbox"))
    assert not {"allow-scripts", "allow-same-origin", "allow-forms", "allow-top-navigation"} & set(
        sandbox.split()
    )
    # Of all that the mail holds only where its links open is another: beside the inbox.
    assert body.replace('<base target="_blank">', "").splitlines() == EVIL.splitlines()


async def test_frames_are_for_the_page_of_a_mail_only(site: Site) -> None:
    path = await sent(site, a_mail(html="<p>rich</p>"))
    allowed = {}
    for shown in ("/", "/inbox", path):
        async with site.session.get(site.url + shown) as answer:
            allowed[shown] = "frame-src" in answer.headers["Content-Security-Policy"]
    assert allowed == {"/": False, "/inbox": False, path: True}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no header at all",
        b"Subject: =?klingon?q?=41?=\r\nContent-Type: text/html; charset=klingon\r\n\r\n<p>na\xefve\xff",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n<p>open",
        b"Content-Type: \xff/\xfe\r\nSubject: \xfe\x1b[31m\r\nX-Nightporter-Cause: \xff\r\n\r\n\xff\x00",
        b"Content-Type: message/rfc822\r\n\r\n" * 3000 + b"words",
        b"A: " + b"x" * 900 + b"\r\n\r\n" + b"words " * 50_000,
    ],
)
async def test_whatever_comes_is_shown(site: Site, raw: bytes) -> None:
    site.inbox.keep(raw, ["a@hotel.example"])
    path = f"/inbox/{site.inbox.count}"
    for shown in ("/inbox", path, f"{path}?as=text", f"{path}?as=headers", f"{path}?as=nonsense"):
        assert "</html>" in await site.page(shown)


async def test_a_mail_that_is_too_large_is_refused(site: Site) -> None:
    before = site.inbox.count
    with pytest.raises(aiosmtplib.SMTPResponseException) as refused:
        await sent(site, b"Subject: x\r\n\r\n" + b"x" * 70 + b"\r\n" * MOST_BYTES)
    assert refused.value.code == 552
    assert site.inbox.count == before


@pytest.mark.parametrize("number", ["0", "999999999", "-1", "x", "1%00", "٣", "9" * 5000])
async def test_a_mail_that_is_none_is_not_found(site: Site, number: str) -> None:
    for rest in ("", "/html"):
        await site.page(f"/inbox/{number}{rest}", status=404)


async def test_a_mail_without_html_has_none_to_be_framed(site: Site) -> None:
    path = await sent(site, a_mail())
    assert "<iframe" not in await site.page(f"{path}?as=mail")
    await site.page(f"{path}/html", status=404)


async def test_the_oldest_mails_go_first(site: Site) -> None:
    first = await sent(site, a_mail())
    for _ in range(MOST_MAILS):
        site.inbox.keep(b"Subject: another\r\n\r\nwords", ["a@hotel.example"])
    await site.page(first, status=404)
    assert (await site.page("/inbox")).count("<tr>") == MOST_MAILS + 1
