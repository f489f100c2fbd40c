"""Refusals of mail servers: what each means, by enhanced code and text."""

import time

import pytest

from checks.result import Reason, Sign
from checks.smtp_answer import Stage, meaning
from checks.smtp_dialogue import Reply

SPAM = "4.7.0 Our system has detected an unusual rate of unsolicited mail originating from your IP address."


@pytest.mark.parametrize(
    ("code", "text", "reason", "says"),
    [
        (535, "5.7.8 Username and Password not accepted.", Reason.CREDENTIALS, "is not accepted (535 5.7.8)"),
        (535, "Incorrect authentication data", Reason.CREDENTIALS, "is not accepted (535)"),
        (550, "5.7.8 nope", Reason.CREDENTIALS, "is not accepted"),
        (534, "5.7.9 Application-specific password required.", Reason.CREDENTIALS, "app password"),
        (535, "application-specific password needed", Reason.CREDENTIALS, "app password"),
        (534, "5.7.14 <https://x> Please log in via your web browser", Reason.CREDENTIALS, "locked"),
        (534, "5.7.14 Go away", Reason.CREDENTIALS, "locked"),
        (525, "5.7.13 User Account Disabled", Reason.CREDENTIALS, "disabled"),
        (432, "4.7.12 A password transition is needed", Reason.CREDENTIALS, "must be changed"),
        (
            454,
            "4.7.0 Too many login attempts, please try again later.",
            Reason.RATE_LIMITED,
            "too many login",
        ),
        (454, "4.7.0 no", Reason.RATE_LIMITED, "too many login attempts"),
        (421, "4.7.0 Too many bad auth attempts", Reason.RATE_LIMITED, "too many login attempts"),
        (454, "4.7.0 Cannot authenticate due to temporary system problem.", Reason.SERVER_ERROR, "just now"),
        (454, "4.7.0 Temporary authentication failure: no server", Reason.SERVER_ERROR, "just now"),
        (530, "5.7.0 Must issue a STARTTLS command first", Reason.TLS, "wants TLS"),
        (538, "5.7.11 Encryption required", Reason.TLS, "wants TLS"),
        (504, "5.5.4 Unrecognized authentication type", Reason.PROTOCOL, "this way to log in"),
        (451, "4.3.0 later", Reason.SERVER_ERROR, "for now (451 4.3.0)"),
        (334, "VXNlcm5hbWU6", Reason.PROTOCOL, "not what the protocol allows"),
    ],
)
def test_a_refused_login_is_judged_by_code_and_text(code: int, text: str, reason: Reason, says: str) -> None:
    found, message, _signs = meaning(Stage.LOGIN, Reply(code, (text,)))
    assert found is reason, message
    assert says in message


@pytest.mark.parametrize(
    ("code", "text", "reason", "says"),
    [
        (421, SPAM, Reason.RATE_LIMITED, "unsolicited"),
        (421, "4.7.0 TLS required for RCPT domain", Reason.TLS, "wants TLS"),
        (421, "4.7.0 Try again later, closing connection. (EHLO)", Reason.RATE_LIMITED, "for a while"),
        (421, "4.7.0 Temporary System Problem. Try again later", Reason.SERVER_ERROR, "for now"),
        (421, "4.3.0 Temporary System Problem.", Reason.SERVER_ERROR, "for now"),
        (421, "4.4.5 Server busy, try again later.", Reason.SERVER_ERROR, "Server busy"),
        (421, "4.7.0 Too many connections from your host", Reason.RATE_LIMITED, "slow down"),
        (421, "too many concurrent SMTP connections", Reason.RATE_LIMITED, "slow down"),
        (450, "4.2.1 Peak SMTP relay limit exceeded for customer.", Reason.RATE_LIMITED, "faster"),
        (550, "5.4.5 Daily SMTP relay limit exceeded for user.", Reason.RATE_LIMITED, "quota is used up"),
        (
            554,
            "5.7.1 Service unavailable; client host blocked using zen.spamhaus.org",
            Reason.FORBIDDEN,
            "block",
        ),
        (554, "No SMTP service here", Reason.SERVER_ERROR, "No SMTP service here"),
        (451, "4.3.0 Mail server temporarily rejected message.", Reason.SERVER_ERROR, "for now"),
        (502, "5.5.1 Unrecognized command", Reason.PROTOCOL, "does not understand"),
        (250, "hello", Reason.PROTOCOL, "not what the protocol allows"),
        (554, "", Reason.SERVER_ERROR, "turns us away (554)"),
    ],
)
def test_a_refused_greeting_is_judged_by_code_and_text(
    code: int, text: str, reason: Reason, says: str
) -> None:
    found, message, _signs = meaning(Stage.GREETING, Reply(code, (text,)))
    assert found is reason, message
    assert says in message


def test_tls_that_is_not_to_be_had_is_no_matter_of_logins() -> None:
    found = meaning(Stage.STARTTLS, Reply(454, ("4.7.0 TLS not available due to local problem",)))
    assert (found.reason, "cannot do TLS just now" in found.says) == (Reason.TLS, True)


@pytest.mark.parametrize(
    ("stage", "code", "text", "signs"),
    [
        (Stage.LOGIN, 454, "4.7.0 no", (Sign.LOGIN_THROTTLED,)),
        (Stage.LOGIN, 421, "4.7.0 Too many bad auth attempts", (Sign.LOGIN_THROTTLED,)),
        (Stage.LOGIN, 534, "5.7.14 Go away", (Sign.LOGIN_THROTTLED,)),
        (Stage.LOGIN, 534, "5.7.9 Application-specific password required.", (Sign.APP_PASSWORD_NEEDED,)),
        (Stage.LOGIN, 535, "5.7.8 Username and Password not accepted.", ()),
        (Stage.LOGIN, 538, "5.7.11 Encryption required", (Sign.TLS_MODE,)),
        (Stage.GREETING, 421, "4.7.0 TLS required for RCPT domain", (Sign.TLS_MODE,)),
        (Stage.GREETING, 550, "5.4.5 Daily SMTP relay limit exceeded.", (Sign.QUOTA_USED_UP,)),
        (Stage.GREETING, 554, "5.7.1 client host blocked using zen.spamhaus.org", (Sign.ADDRESS_BLOCKED,)),
        (Stage.GREETING, 421, SPAM, (Sign.ADDRESS_BLOCKED,)),
        (Stage.GREETING, 421, "4.4.5 Server busy, try again later.", ()),
    ],
)
def test_a_refusal_is_a_sign_of_what_it_says(
    stage: Stage, code: int, text: str, signs: tuple[Sign, ...]
) -> None:
    assert meaning(stage, Reply(code, (text,))).signs == signs


def test_a_text_over_several_lines_is_read_as_one() -> None:
    lines = ("4.7.0 Too many", "4.7.0 login attempts, please", "4.7.0 try again later")
    reply = Reply(454, lines)
    assert (reply.codes, reply.text) == ("454 4.7.0", "Too many login attempts, please try again later")
    assert meaning(Stage.LOGIN, reply)[0] is Reason.RATE_LIMITED


@pytest.mark.parametrize("stage", [Stage.LOGIN, Stage.NOOP])
def test_what_is_said_after_a_password_is_never_quoted(stage: Stage) -> None:
    for code in (235, 250, 334, 421, 451, 535, 554):
        assert "hunter2" not in meaning(stage, Reply(code, ("5.0.0 hunter2 is no password",)))[1]


@pytest.mark.parametrize(
    "text", ["a" * 500_000, "too many " * 50_000, "must use " * 50_000, "\x00\ud800" * 9]
)
def test_a_hostile_text_costs_next_to_nothing(text: str) -> None:
    began = time.perf_counter()
    reason, message, _signs = meaning(Stage.GREETING, Reply(421, (text,)))
    assert reason in {Reason.SERVER_ERROR, Reason.RATE_LIMITED}
    assert len(message) < 300
    assert time.perf_counter() - began < 0.2


@pytest.mark.parametrize("line", ["5.7.8x no", "5.7.8888 no", "2.7", "", "5.7"])
def test_what_only_looks_like_an_enhanced_code_is_none(line: str) -> None:
    reply = Reply(535, (line,))
    assert (reply.enhanced, reply.text) == ("", line)
