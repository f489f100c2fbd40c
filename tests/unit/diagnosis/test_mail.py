"""The rules about the hotel's mail: its server, its login, its quota, and what DNS says of it."""

from dataclasses import replace

import pytest

from alerts.diagnosis.mail import RULES
from alerts.facts import Fact
from alerts.incident import Breach, Diagnosis
from checks.result import Phase, Reason, Sign, State
from tests.support.clock import START
from tests.support.facts import a_hotel, causes, clearing, failing, fine, groups

SMTP, LOGIN, DELIVERY, QUOTA = "email/smtp", "email/smtp_login", "email/delivery", "email/quota"
LOG = failing("email/log", Reason.THRESHOLD, Sign.LOG_FAILURES)
UNSENT = failing(DELIVERY, Reason.THRESHOLD)
BOUNCING = failing(DELIVERY, Reason.THRESHOLD, Sign.HARD_BOUNCES)
UNTRUSTED = failing(DELIVERY, Reason.THRESHOLD, Sign.MAIL_UNAUTHENTICATED)


def smtp(
    reason: Reason, *signs: Sign, name: str = SMTP, phase: Phase | None = None, message: str = "it fails"
) -> Fact:
    return failing(name, reason, *signs, type_="smtp", phase=phase, message=message)


def told(*facts: Fact) -> Diagnosis:
    [found] = groups(a_hotel(*facts), RULES)
    return found.diagnosis


REFUSED = smtp(Reason.CREDENTIALS, name=LOGIN, message="not accepted (535 5.7.8)")
SILENT = smtp(Reason.TIMEOUT, phase=Phase.CONNECT)


UNUSABLE = [
    ("smtp-credentials-invalid", REFUSED),
    ("smtp-credentials-invalid", smtp(Reason.CREDENTIALS, Sign.APP_PASSWORD_NEEDED, name=LOGIN)),
    ("smtp-account-throttled", smtp(Reason.RATE_LIMITED, Sign.LOGIN_THROTTLED, name=LOGIN)),
    ("smtp-account-throttled", smtp(Reason.CREDENTIALS, Sign.LOGIN_THROTTLED, name=LOGIN)),
    ("smtp-tls-mismatch", smtp(Reason.PROTOCOL, Sign.TLS_MODE)),
    ("smtp-tls-mismatch", smtp(Reason.TLS, Sign.TLS_MODE)),
    ("smtp-port-blocked", SILENT),
    ("smtp-port-blocked", smtp(Reason.CONNECT, Sign.CONNECTION_REFUSED, phase=Phase.CONNECT)),
    ("mail-quota-exhausted", failing(QUOTA, Reason.THRESHOLD, Sign.QUOTA_USED_UP)),
    ("mail-quota-exhausted", smtp(Reason.RATE_LIMITED, Sign.QUOTA_USED_UP)),
    ("sending-ip-listed", smtp(Reason.FORBIDDEN, Sign.ADDRESS_BLOCKED)),
    ("sending-ip-listed", failing("email/blocklist", Reason.CONTENT, Sign.ADDRESS_LISTED)),
]


@pytest.mark.parametrize(("cause", "fact"), UNUSABLE)
def test_a_mail_server_that_cannot_be_used_explains_mails_that_fail(cause: str, fact: Fact) -> None:
    mine = f"email/{fact.check.check}"
    assert causes(a_hotel(fact, UNSENT, LOG), RULES) == {cause: sorted([mine, DELIVERY, "email/log"])}
    assert told(fact).confidence == "likely"
    assert told(fact).next_test


@pytest.mark.parametrize("reason", [Reason.RATE_LIMITED, Reason.SERVER_ERROR, Reason.TLS, Reason.FORBIDDEN])
def test_a_mail_server_that_fails_without_a_sign_is_not_guessed_about(reason: Reason) -> None:
    assert causes(a_hotel(smtp(reason)), RULES) == {"unknown": [SMTP]}


def test_mails_that_fail_for_a_reason_of_their_own_are_not_blamed_on_the_login() -> None:
    found = causes(a_hotel(REFUSED, BOUNCING), RULES)
    assert found == {"smtp-credentials-invalid": [LOGIN], "bounces-not-suppressed": [DELIVERY]}


def test_a_login_that_works_again_is_not_blamed_for_mails_that_fail() -> None:
    assert causes(a_hotel(clearing(REFUSED), UNSENT), RULES) == {"unknown": [DELIVERY]}


def test_refused_credentials_of_the_providers_interface_are_none_of_the_mail_servers() -> None:
    assert causes(a_hotel(failing("email/provider", Reason.CREDENTIALS)), RULES) == {
        "unknown": ["email/provider"]
    }


def test_the_title_quotes_the_code_of_the_refusal() -> None:
    assert told(REFUSED).title == "email: mail server refuses our login (535)"


def test_a_locked_account_is_perhaps_only_a_wrong_password() -> None:
    locked = smtp(Reason.CREDENTIALS, Sign.LOGIN_THROTTLED, name=LOGIN)
    assert told(locked).runner_up == "smtp-credentials-invalid"


def test_a_port_is_blocked_only_where_the_rest_of_the_network_answers() -> None:
    lost = failing("network/control", Reason.CONNECT, Sign.CONTROL_LOST, breached=False)
    unseen = failing("network/control", Reason.INTERNAL)
    for control in (lost, unseen):
        assert causes(a_hotel(SILENT, control), RULES) == {"unknown": [SMTP]}


def test_a_provider_of_whom_nothing_answers_is_not_a_blocked_port() -> None:
    lost = failing("email/provider", Reason.TIMEOUT, breached=False)
    assert causes(a_hotel(SILENT, lost, UNSENT), RULES) == {"vendor-unreachable": [DELIVERY, SMTP]}
    broken = failing("email/provider", Reason.SERVER_ERROR, breached=False)
    assert told(SILENT, broken).cause == "smtp-port-blocked"


def test_without_a_look_at_the_provider_a_blocked_port_says_what_is_not_known() -> None:
    assert told(SILENT, failing("email/provider", Reason.INTERNAL)).missing == ("provider",)


def test_a_server_that_is_slow_to_speak_has_no_blocked_port() -> None:
    assert causes(a_hotel(smtp(Reason.TIMEOUT, phase=Phase.PROCESSING)), RULES) == {"unknown": [SMTP]}


def test_the_commands_name_the_mail_server_and_not_the_providers_interface() -> None:
    values = {"host": "smtp.example", "smtp_host": "smtp.example", "smtp_port": "587"}
    older = failing(DELIVERY, Reason.THRESHOLD, minutes=60)
    found = told(replace(SILENT, values=values), replace(older, values={"host": "api.example"}))
    assert "nc -vz -w 5 smtp.example 587" in found.next_test
    assert not any("api.example" in step for step in found.steps)


def test_few_mails_left_is_said_before_none_is() -> None:
    few = failing(QUOTA, Reason.THRESHOLD, state=State.WARNING)
    assert told(few).title == "email: few mails are left for today"
    assert causes(a_hotel(few, UNSENT), RULES) == {"mail-quota-exhausted": [QUOTA], "unknown": [DELIVERY]}
    assert causes(a_hotel(failing(QUOTA, Reason.MISSING)), RULES) == {"unknown": [QUOTA]}


@pytest.mark.parametrize("check", ["spf", "dkim", "dmarc"])
@pytest.mark.parametrize("sign", [Sign.RECORD_MISSING, Sign.RECORD_BROKEN])
def test_a_record_that_does_not_work_breaks_the_mails_authentication(check: str, sign: Sign) -> None:
    diagnosis = told(failing(f"email/{check}", Reason.CONTENT, sign))
    assert diagnosis.cause == "mail-authentication-broken"
    assert check.upper() in diagnosis.title


@pytest.mark.parametrize(
    ("check", "named"), [("spf", "SPF"), ("dkim", "DKIM"), ("dmarc", "not authenticated")]
)
def test_a_broken_record_explains_mails_refused_for_it(check: str, named: str) -> None:
    broken = failing(f"email/{check}", Reason.CONTENT, Sign.RECORD_BROKEN)
    assert causes(a_hotel(broken, UNTRUSTED), RULES) == {
        "mail-authentication-broken": sorted([DELIVERY, f"email/{check}"])
    }
    assert named in told(broken, UNTRUSTED).title
    assert causes(a_hotel(broken, UNSENT), RULES)["unknown"] == [DELIVERY]


def test_a_record_nobody_could_read_is_not_broken() -> None:
    unread = failing("email/spf", Reason.QUERY)
    assert not groups(a_hotel(unread), RULES)


def test_a_record_that_changed_and_still_works_is_asked_about() -> None:
    changed = failing("email/spf", Reason.MISMATCH, Sign.RECORD_CHANGED)
    assert told(changed).cause == "dns-record-changed"
    both = failing("email/spf", Reason.MISMATCH, Sign.RECORD_CHANGED, Sign.RECORD_BROKEN)
    assert (told(both).cause, told(both).runner_up) == ("mail-authentication-broken", "dns-record-changed")


def test_a_list_that_cannot_be_believed_lists_nobody() -> None:
    seen = failing("email/blocklist", Reason.QUERY, Sign.LIST_UNRELIABLE)
    assert not groups(a_hotel(seen), RULES)
    breach = Breach(seen.check, State.WARNING, Reason.QUERY, "no answer", START, signs=seen.signs)
    assert told(replace(seen, breach=breach)).cause == "blocklist-unreliable"
    silent = replace(seen, signs=frozenset(), breach=replace(breach, signs=frozenset()))
    assert causes(a_hotel(silent), RULES) == {"unknown": ["email/blocklist"]}


@pytest.mark.parametrize(
    ("measured", "confidence"),
    [
        ({"hard": 10.0, "no_recipient": 8.0}, "likely"),
        ({"hard": 1.0, "ignored": 3.0}, "likely"),
        ({"hard": 10.0, "no_recipient": 1.0}, "possible"),
        ({}, "possible"),
    ],
)
def test_bounces_are_the_hotels_where_the_addresses_do_not_exist(
    measured: dict[str, float], confidence: str
) -> None:
    diagnosis = told(replace(BOUNCING, measurements=measured))
    assert (diagnosis.cause, diagnosis.confidence) == ("bounces-not-suppressed", confidence)


def test_bounces_for_want_of_trust_are_not_blamed_on_addresses() -> None:
    both = failing(DELIVERY, Reason.THRESHOLD, Sign.HARD_BOUNCES, Sign.MAIL_UNAUTHENTICATED)
    assert told(both).cause == "mail-authentication-broken"
    listed = failing("email/blocklist", Reason.CONTENT, Sign.ADDRESS_LISTED)
    assert "bounces-not-suppressed" not in causes(a_hotel(BOUNCING, listed), RULES)


def test_a_healthy_mail_server_has_no_cause() -> None:
    assert not groups(a_hotel(fine(SMTP, "smtp"), fine(DELIVERY), fine(QUOTA)), RULES)


OF_RECORDS = [
    ("mail-authentication-broken", UNTRUSTED),
    ("mail-authentication-broken", failing("email/spf", Reason.CONTENT, Sign.RECORD_MISSING)),
    ("bounces-not-suppressed", BOUNCING),
    ("dns-record-changed", failing("email/spf", Reason.MISMATCH, Sign.RECORD_CHANGED)),
    ("blocklist-unreliable", failing("email/blocklist", Reason.CONTENT, Sign.LIST_UNRELIABLE)),
]


@pytest.mark.parametrize(("cause", "fact"), [*UNUSABLE, *OF_RECORDS])
def test_trouble_with_mail_does_not_account_for_an_outage_of_the_provider(cause: str, fact: Fact) -> None:
    down = failing("email/provider", Reason.SERVER_ERROR)
    found = causes(a_hotel(fact, down), RULES)
    assert found == {cause: [f"email/{fact.check.check}"], "unknown": ["email/provider"]}


def test_a_missing_app_password_is_called_by_its_name() -> None:
    ordinary = smtp(Reason.CREDENTIALS, Sign.APP_PASSWORD_NEEDED, name=LOGIN)
    assert told(ordinary).title == "email: mail server wants an app password"


def test_a_listing_says_who_shows_it() -> None:
    listed = failing("email/blocklist", Reason.CONTENT, Sign.ADDRESS_LISTED)
    blocked = smtp(Reason.FORBIDDEN, Sign.ADDRESS_BLOCKED)
    assert len(told(listed, blocked).evidence) == 2
    assert told(blocked).missing == ("blocklist",)
