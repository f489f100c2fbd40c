"""The digest of what is beyond a recipient's hour: every incident named, of one hotel or of many."""

from dataclasses import replace
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from zoneinfo import ZoneInfo

import pytest

from alerts.bundle import Bundle, digest_of
from alerts.correspondence import Correspondent, HotelDesk
from alerts.incident import Incident, IncidentState
from alerts.message import Renderer, Vendor
from alerts.message_mail import FRONT_DESK
from alerts.notification import MAIL, Delivery, Kind, Notification
from alerts.policy import LevelPolicy, Policy
from tests.support.clock import START
from tests.support.letters import incident


def desk(name: str, zone: str = "Europe/Lisbon") -> HotelDesk:
    return HotelDesk(name, name.title(), ZoneInfo(zone), Policy(), {"payment": "payment"}, {}, {})


DESKS = {one.id: one for one in (desk("harbour"), desk("hills"), desk("palace", "Asia/Tokyo"))}


@pytest.fixture(scope="module")
def house() -> Correspondent:
    return Correspondent("Porter <porter@hotel.example>", Renderer(), "https://porter.hotel.example")


def of(number: int, hotel: str = "harbour") -> Incident:
    return incident(id=f"inc-{number:03}", hotel=hotel)


def bundle(*incidents: Incident, level: str = "1") -> Bundle:
    return Bundle("bundle:first", "team@hotel.example", level, 60, START, incidents)


def read(letter: Notification) -> tuple[EmailMessage, str]:
    message = BytesParser(policy=policy.SMTP).parsebytes(letter.message)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    assert body is not None
    return message, str(body.get_content())


def test_every_incident_is_named_once_with_its_state(house: Correspondent) -> None:
    ended = replace(of(2), state=IncidentState.RESOLVED, resolved_at=START)
    letter = digest_of(bundle(of(1), ended, *map(of, range(3, 200))), house, DESKS)
    message, text = read(letter)
    assert message["Subject"] == "[DIGEST] Harbour: 198 CRITICAL incidents still open, 1 over"
    assert "you get 60 an hour at the most" in text
    assert (message["X-Nightporter-Kind"], message["X-Nightporter-Level"]) == ("digest", "1")
    assert "inc-001 · payment · open" in text
    assert "inc-002 · payment · resolved" in text
    assert all(text.count(f"inc-{number:03} ·") == 1 for number in range(1, 200))


def test_it_is_a_row_like_any_other_and_the_same_whenever_it_is_made(house: Correspondent) -> None:
    letter = digest_of(bundle(of(1)), house, DESKS)
    assert letter == digest_of(bundle(of(1)), house, DESKS)
    assert (letter.kind, letter.channel, letter.state) == (Kind.DIGEST, MAIL, Delivery.PENDING)
    assert (letter.incident, letter.hotel, letter.urgent) == ("", "harbour", False)
    assert letter.message_id.encode() in letter.message
    assert letter.created_at == letter.due_at == START


def test_another_bundle_is_another_letter(house: Correspondent) -> None:
    one, other = (
        digest_of(replace(bundle(of(1)), key=key), house, DESKS) for key in ("bundle:a", "bundle:b")
    )
    assert one.key != other.key
    assert one.message_id != other.message_id


def test_it_says_how_to_acknowledge_whom_to_call_and_what_is_new(house: Correspondent) -> None:
    calls = replace(DESKS["harbour"], vendors={"payment": Vendor(phone="+49 30 5550 100")})
    found = replace(bundle(of(1), of(2)), new=frozenset({"inc-002"}))
    porter = replace(house, command="nightporter --config /etc/hotel.yml")
    text = read(digest_of(found, porter, {"harbour": calls}))[1]
    assert "nightporter --config /etc/hotel.yml incidents ack inc-001" in text
    assert text.count("Phone of the vendor: +49 30 5550 100") == 2
    assert text.count("New to you: ") == 1
    linking = replace(porter, link=lambda one, to, _: f"https://porter.hotel.example/i/{one.id}/{to}")
    text = read(digest_of(found, linking, {"harbour": calls}))[1]
    assert "Acknowledge: https://porter.hotel.example/i/inc-002/team@hotel.example" in text
    assert "incidents ack" not in text


def test_the_front_desk_reads_whom_to_call_of_each_hotel_once(house: Correspondent) -> None:
    def first(phone: str | None) -> Policy:
        return Policy((LevelPolicy("1", "Support", ("team@hotel.example",), phone),))

    desks = {
        "harbour": replace(DESKS["harbour"], policy=first("+351 1")),
        "hills": replace(DESKS["hills"], policy=first(None)),
    }
    text = read(digest_of(bundle(of(1), of(2), of(3, "hills"), level=FRONT_DESK), house, desks))[1]
    assert text.count("Support: +351 1") == 1
    assert text.count("Support: no phone number is configured") == 1


def test_one_recipient_of_several_hotels_gets_one_digest_that_names_them(house: Correspondent) -> None:
    letter = digest_of(bundle(of(1), of(2, "hills"), of(3, "gone")), house, DESKS)
    message, text = read(letter)
    assert message["Subject"] == "[DIGEST] 3 hotels: 3 CRITICAL incidents still open"
    assert message["X-Nightporter-Hotel"] == "harbour,hills,gone"
    assert "inc-002 · hills · payment · open" in text
    assert letter.hotel == "harbour"


def test_hotels_in_several_time_zones_are_told_of_in_utc(house: Correspondent) -> None:
    text = read(digest_of(bundle(of(1), of(2, "palace")), house, DESKS))[1]
    assert "UTC+00:00" in text
    assert "UTC+09:00" in read(digest_of(bundle(of(2, "palace")), house, DESKS))[1]


def test_the_front_desk_reads_plain_words_and_no_commands(house: Correspondent) -> None:
    text = read(digest_of(bundle(of(1), level=FRONT_DESK), house, DESKS))[1]
    engineers = read(digest_of(bundle(of(1)), house, DESKS))[1]
    assert "nightporter incidents" in engineers
    assert "401" in engineers
    assert "nightporter incidents" not in text
    assert "401" not in text
    assert "inc-001 · payment · open" in text
