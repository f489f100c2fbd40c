"""The bytes of a mail: those that the standard library would write of the same letter."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import EmailPolicy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.message_wire import Envelope, Picture, assemble
from tests.support.letters import NOW, ROOT

GOLDEN = Path(__file__).parent / "golden"
LINE = st.text(st.one_of(st.sampled_from("=. -\té"), st.characters(exclude_categories=["C", "Zl", "Zp"])))
PLAIN = Envelope(
    sender="Night Porter <nightporter@hotel.example>",
    recipient="desk@hotel.example",
    subject="[CRITICAL] Grand Harbour Hotel: payment: refuses our credentials (401)",
    date=NOW,
    message_id="<inc-1.1.resolved.resolved.abc@hotel.example>",
    facts={"Hotel": "grand-harbour", "Integration": "payment,expedia", "Severity": "critical"},
    thread_root=ROOT,
)
ADDRESSES = {
    PLAIN.sender: Address("Night Porter", "nightporter", "hotel.example"),
    PLAIN.recipient: Address("", "desk", "hotel.example"),
    '"Müller, Köln" <np@hotel.example>': Address("Müller, Köln", "np", "hotel.example"),
    f"{'a' * 60}@{'b' * 60}.example": Address("", "a" * 60, f"{'b' * 60}.example"),
}


WHOLE = ("Message-ID", "In-Reply-To", "References", "X-", "Subject")


class Whole(EmailPolicy):
    """Leaves ids whole, which the library would tear apart, and subjects that need no encoding."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.startswith(WHOLE) and value.isascii():
            return f"{name}: {value}\r\n".encode("ascii")
        return super().fold_binary(name, value)


def written(envelope: Envelope, text: str, html: str) -> bytes:
    """Return the message that the standard library makes of a letter."""
    message = EmailMessage(policy=Whole(linesep="\r\n", cte_type="7bit", max_line_length=76))
    message["From"], message["To"] = ADDRESSES[envelope.sender], ADDRESSES[envelope.recipient]
    message["Subject"], message["Date"] = envelope.subject, envelope.date
    message["Message-ID"] = envelope.message_id
    if envelope.thread_root is not None:
        message["In-Reply-To"] = message["References"] = envelope.thread_root
    message["Auto-Submitted"], message["X-Auto-Response-Suppress"] = "auto-generated", "All"
    for name, value in envelope.facts.items():
        message[f"X-Nightporter-{name}"] = value
    message.set_content(text, charset="utf-8", cte="quoted-printable")
    message.add_alternative(html, subtype="html", charset="utf-8", cte="quoted-printable")
    boundary = hashlib.blake2b(envelope.message_id.encode(), digest_size=15).hexdigest()
    message.set_boundary(f"=_{boundary}")
    return message.as_bytes()


def parse(raw: bytes) -> EmailMessage:
    message = BytesParser(policy=policy.SMTP).parsebytes(raw)
    assert isinstance(message, EmailMessage)
    return message


def contents(raw: bytes) -> Iterator[str]:
    """Return what is in the parts of a message."""
    for part in parse(raw).iter_parts():
        assert isinstance(part, EmailMessage)
        assert not part.defects
        yield str(part.get_content()).replace("\r\n", "\n")


@pytest.mark.parametrize(
    "envelope",
    [
        PLAIN,
        replace(PLAIN, thread_root=None, facts={"Integration": ""}),
        replace(PLAIN, facts={**PLAIN.facts, "Incident": ",".join(f"inc-{one}" for one in range(100))}),
        replace(PLAIN, subject="[CRITICAL] Hôtel “Ärö” 東京: payment: refuses our credentials (401)"),
        replace(PLAIN, subject="[CRITICAL] " + "São Rafael, no fim da rua, " * 9),
        *(replace(PLAIN, sender=sender) for sender in ADDRESSES),
        *(replace(PLAIN, recipient=recipient) for recipient in ADDRESSES),
    ],
)
def test_a_message_is_what_the_standard_library_would_write(envelope: Envelope) -> None:
    for page in GOLDEN.glob("*.html"):
        text, html = page.with_suffix(".txt").read_text(), page.read_text()
        assert assemble(envelope, text, html) == written(envelope, text, html)


@given(st.lists(LINE, min_size=1))
def test_whatever_is_written_is_what_is_read(lines: list[str]) -> None:
    text = "".join(f"{line}\n" for line in lines)
    raw = assemble(PLAIN, text, text)
    assert list(contents(raw)) == [text, text]
    _, *parts = raw.split(b"quoted-printable")
    assert max(len(line) for part in parts for line in part.split(b"\r\n")) <= 76


def test_an_encoded_word_in_a_subject_is_shown_and_not_decoded() -> None:
    hostile = "[CRITICAL] payment: =?utf-8?q?a=0D=0ABcc:_everybody=40evil.example?= x"
    message = parse(assemble(replace(PLAIN, subject=hostile), "text", "html"))
    assert "Bcc" not in message
    assert message["Subject"] == hostile.replace("=?", "= ?")


@pytest.mark.parametrize("subject", ["a\r\nBcc: x@evil.example", "a\nb", "é\rb"])
def test_a_subject_of_two_lines_is_refused(subject: str) -> None:
    with pytest.raises(ValueError, match="linefeed"):
        assemble(replace(PLAIN, subject=subject), "text", "html")


def test_pictures_stand_beside_the_html_and_change_nothing_in_it() -> None:
    pictures = [Picture("chart-1@hotel.example", bytes(range(256)) * 3), Picture("odd name\r\nX", b"")]
    message = parse(assemble(PLAIN, "text\n", "<p>html</p>\n", pictures))
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "image/png",
    ]
    _, _, related, html, first, second = message.walk()
    assert related.get_param("type") == "text/html"
    assert html.get_payload(decode=True) == b"<p>html</p>\r\n"
    assert first.get_payload(decode=True) == pictures[0].png
    assert (first["Content-ID"], first.get_filename()) == ("<chart-1@hotel.example>", "chart-1.png")
    assert second["Content-ID"] == "<odd_name__X>"
    assert [part.defects for part in message.walk()] == [[]] * 6
