"""Long answers, cut before they are parsed."""

import dns.message
import dns.rrset
import pytest

from checks.resolver_server import MOST_PARSED, begin


def wire(kind: str, *values: str) -> bytes:
    response = dns.message.make_response(dns.message.make_query("big.example", kind))
    response.answer.append(dns.rrset.from_text("big.example.", 60, "IN", kind, *values))
    response.additional.append(dns.rrset.from_text("more.example.", 60, "IN", "A", "192.0.2.1"))
    return response.to_wire(max_size=65_535)


@pytest.mark.parametrize("value", ["A 10.0.{0}.{1}", "TXT text{0}-{1}", "MX 10 m{0}-{1}.example."])
def test_of_a_thousand_records_a_part_is_parsed(value: str) -> None:
    kind, _, form = value.partition(" ")
    long = wire(kind, *[form.format(*divmod(at, 250)) for at in range(1000)])
    message = dns.message.from_wire(begin(long), ignore_trailing=True)
    assert [len(answer) for answer in message.answer] == [MOST_PARSED]
    assert not message.additional


def test_what_is_short_is_left_as_it_is() -> None:
    short = wire("A", "192.0.2.1", "192.0.2.2")
    assert begin(short) == short
    for broken in (b"", short[:7], short[:11]):
        assert begin(broken) == broken
