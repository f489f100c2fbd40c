"""SPF records as text."""

import ipaddress

import pytest

from checks.spf_record import SpfError, Target, is_spf, parse


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("v=spf1", True),
        ("v=spf1 -all", True),
        ("V=SPF1 -ALL", True),
        ("v=spf10 -all", False),
        ("v=spf1-all", False),
        (" v=spf1 -all", False),
        ("v=spf2.0/pra -all", False),
        ("some spf text", False),
        ("", False),
    ],
)
def test_only_the_exact_version_makes_an_spf_record(text: str, wanted: bool) -> None:
    assert is_spf(text) is wanted


def test_every_mechanism_is_understood_in_any_case() -> None:
    record = parse(
        "v=spf1  A mx:Mail.Example/24//64 PTR:example.org IP4:192.0.2.0/24 ip6:2001:db8::/32 "
        "?Include:_SPF.example.net. ~exists:%{ir}.sbl.example -all"
    )
    names = [term.name for term in record.terms]
    assert names == ["a", "mx", "ptr", "ip4", "ip6", "include", "exists", "all"]
    mx = record.terms[1]
    assert (mx.target, mx.v4, mx.v6) == (Target("mail.example"), 24, 64)
    assert record.terms[3].network == ipaddress.ip_network("192.0.2.0/24")
    assert record.terms[5].target == Target("_spf.example.net")
    assert record.terms[6].target == Target("%{ir}.sbl.example")
    assert [term.qualifier for term in record.terms] == ["+", "+", "+", "+", "+", "?", "~", "-"]


@pytest.mark.parametrize(
    ("word", "sizes"),
    [
        ("a/24", (24, 128)),
        ("a//64", (32, 64)),
        ("a/0//0", (0, 0)),
        ("a:x.example//1", (32, 1)),
        ("a", (32, 128)),
    ],
)
def test_network_sizes_stand_for_each_family(word: str, sizes: tuple[int, int]) -> None:
    (term,) = parse(f"v=spf1 {word}").terms
    assert (term.v4, term.v6) == sizes


def test_what_follows_all_counts_for_nothing() -> None:
    record = parse("v=spf1 ip4:192.0.2.1 -all include:late.example redirect=other.example")
    assert [term.name for term in record.terms] == ["ip4", "all"]
    assert record.redirect is None


def test_redirect_counts_without_all_and_strange_modifiers_are_passed_over() -> None:
    record = parse("v=spf1 a redirect=Other.example exp=why.example ra=postmaster rr=a:b:c x-y_z=%{d}%%")
    assert record.redirect == Target("other.example")
    assert [term.name for term in record.terms] == ["a"]


@pytest.mark.parametrize(
    "word",
    [
        "ipv4:192.0.2.1",
        "ip4",
        "ip4:",
        "ip4:192.0.2",
        "ip4:192.0.2.1/33",
        "ip4:192.0.2.1/255.255.255.0",
        "ip4:192.0.2.1/08",
        "ip4:2001:db8::1",
        "ip6:192.0.2.1",
        "ip6:fe80::1%eth0",
        "ip6:2001:db8::/129",
        "include",
        "include:",
        "include:localhost",
        "include:exa mple",
        "include:example.123",
        "exists:%{x}.example.com",
        "exists:%{d",
        "exists:50%.example.com",
        "a:",
        "a/33",
        "a/08",
        "a//129",
        "a/",
        "mx:/24",
        "ptr/24",
        "all:x.example",
        "all/24",
        "redirect=",
        "redirect=nodots",
        "redirect=a.example redirect=b.example",
        "exp=a.example exp=b.example",
        "include:\u00e9t\u00e9.example\u00e9",
        "192.0.2.1",
        "-",
        "--all",
        "a\tmx",
    ],
)
def test_what_breaks_the_grammar_is_told_with_the_term(word: str) -> None:
    with pytest.raises(SpfError) as raised:
        parse(f"v=spf1 {word} -all")
    assert len(str(raised.value)) < 200


@pytest.mark.parametrize("word", ["exists:%{i}.%{d2r-}.example.com", "include:%{d}", "a:%%a.example", "ptr"])
def test_macros_are_left_as_they_are(word: str) -> None:
    (term,) = parse(f"v=spf1 {word}").terms
    assert term.target is None or not term.target.fixed


def test_letting_everybody_in_is_noticed_in_each_form() -> None:
    for text in ("v=spf1 +all", "v=spf1 all", "v=spf1 ip4:0.0.0.0/0 -all", "v=spf1 ip6:::/0 -all"):
        assert any(term.everybody for term in parse(text).terms), text
    for text in ("v=spf1 ?all", "v=spf1 -ip4:0.0.0.0/0 ~all", "v=spf1 ip4:10.0.0.0/8 -all"):
        assert not any(term.everybody for term in parse(text).terms), text


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("v=spf1 a:" + "x" * 4079 + ".example", True),
        ("v=spf1 a:" + "x" * 4080 + ".example", False),
        ("v=spf1" + " a" * 450, True),
        ("v=spf1" + " a" * 451, False),
    ],
)
def test_only_what_receivers_can_be_asked_to_read_is_read(text: str, fits: bool) -> None:
    if fits:
        assert parse(text).terms
    else:
        with pytest.raises(SpfError, match="to be evaluated by receivers"):
            parse(text)


def test_a_huge_record_is_parsed_at_once() -> None:
    for text in (
        "v=spf1 " + "a" * 60_000,
        "v=spf1 " + "a:" + "a." * 30_000 + "-",
        "v=spf1 a:" + "/1" * 30_000,
    ):
        with pytest.raises(SpfError):
            parse(text)
