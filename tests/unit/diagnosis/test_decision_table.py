"""The whole table: its order, its completeness, and words that can be said."""

import re
from dataclasses import replace
from string import Formatter

import pytest

from alerts.diagnosis import (
    certificates,
    credentials,
    database,
    host,
    monitor,
    network,
    slowness,
    together,
    unreachable,
    vendor,
)
from alerts.diagnosis.decision_table import RULES
from alerts.diagnosis.grouping import group
from alerts.diagnosis.rule import GUEST, NETWORK, THEIRS, US, VENDOR, Condition, Rule
from alerts.incident import Cause
from alerts.wording import KINDS
from checks.result import Reason
from tests.support.facts import a_hotel, failing, no_words

WITHOUT_RULE = {
    Cause.UNKNOWN: "it is what is left when no rule fits",
}
NAMES = {
    "who", "check", "host", "port", "url", "process", "path", "account", "phone", "domain", "selector",
    "name", "zone", "address", "scheme", "username", "platform", "webhook", "log_dir", "pm2", "workers",
    "support", "status_url", "smtp_host", "smtp_port", "hotel", "overload", "answer",
}  # fmt: skip
ORDER = (monitor, host, network, database, together, certificates, credentials, vendor, unreachable)


def named(rule: Rule) -> str:
    return f"{rule.cause}-{rule.words.title}"


def test_what_explains_most_is_asked_first() -> None:
    places = [RULES.index(area.RULES[0]) for area in ORDER]
    assert places == sorted(places)
    assert RULES[-1] is slowness.SLOW


def test_no_rule_stands_in_the_table_twice() -> None:
    assert len({id(rule) for rule in RULES}) == len(RULES)


def test_every_cause_has_a_rule_or_a_reason_to_have_none() -> None:
    assert {rule.cause for rule in RULES} | set(WITHOUT_RULE) == set(Cause)
    assert not {rule.cause for rule in RULES} & set(WITHOUT_RULE)


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_words_use_known_names_only(rule: Rule) -> None:
    words = rule.words
    texts = (words.title, words.sentence, words.summary, words.whole, rule.test, *words.steps)
    used = {name for text in texts for _, name, _, _ in Formatter().parse(text) if name is not None}
    assert used <= NAMES


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_words_are_few(rule: Rule) -> None:
    assert 1 <= len(rule.words.steps) <= 3
    assert len(rule.words.title) < 60
    assert len(rule.words.whole) < 60


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_steps_fit_into_a_letter_with_real_names_in_them(rule: Rule) -> None:
    names = dict.fromkeys(NAMES, "channel_manager") | {
        "host": "api.channel-manager.example.com",
        "port": "443",
    }
    assert all(len(step.format(**names)) <= 300 for step in rule.words.steps)


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_a_sentence_goes_on_after_what_an_integration_is_called(rule: Rule) -> None:
    said = f"{KINDS['payment'].noun} {rule.words.sentence}."
    assert re.fullmatch(r"The payment gateway [a-z].*[^.]\.", said), said
    assert not rule.words.title.endswith(".")


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_a_rule_is_about_somebody_and_something(rule: Rule) -> None:
    assert rule.fault in {US, VENDOR, NETWORK, GUEST, THEIRS, "unknown"}
    assert rule.needs
    assert 0 < rule.prior <= 1
    assert rule.test or rule.prior < 0.5, "what is never the first of two causes needs no test"
    re.compile(rule.codes)


def _mistaken(*_: object) -> bool:
    raise KeyError("no such measurement")


@pytest.mark.parametrize(
    "broken",
    [
        replace(RULES[0], needs=(Condition("it holds", _mistaken),)),
        replace(RULES[0], needs=(Condition("it holds", lambda _: True),), explains=_mistaken),
        replace(
            RULES[0],
            words=replace(RULES[0].words, title="fails at {0}"),
            needs=(Condition("it holds", lambda _: True),),
            explains=lambda _fact, _view: True,
        ),
    ],
    ids=["in what it needs", "in what it explains", "in its words"],
)
def test_a_rule_with_a_mistake_in_it_leaves_its_breaches_to_the_others(broken: Rule) -> None:
    said: list[Cause] = []
    refused = a_hotel(failing("payment/health", Reason.CREDENTIALS, type_="health"))
    found = group(refused, (broken, *RULES), no_words, lambda rule, _error: said.append(rule.cause))
    assert [one.cause for one in found] == [Cause.API_CREDENTIALS_INVALID]
    (alone,) = group(refused, (broken,), no_words, lambda rule, _error: said.append(rule.cause))
    assert (alone.cause, len(alone.breaches)) == (Cause.UNKNOWN, 1)
    assert said == [broken.cause, broken.cause]
