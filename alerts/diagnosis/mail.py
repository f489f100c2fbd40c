"""Rules of the decision table: the hotel's mail server, its login and its quota."""

from alerts.diagnosis.conditions import control_answers, no, sign, some, why
from alerts.diagnosis.explains import both, checks, either, reasons, signs
from alerts.diagnosis.mail_conditions import (
    cannot_connect,
    mails_fail,
    of_type,
    port_closed,
    provider_answers,
    provider_not_lost,
)
from alerts.diagnosis.mail_records import RULES as OF_RECORDS
from alerts.diagnosis.rule import NETWORK, US, VENDOR, Rule, Words
from alerts.incident import Cause
from checks.result import Reason, Sign, State

SMTP = of_type("smtp")
RELOAD = (
    "Put it where smtp.password of {who} and the PMS take it from, then: sudo systemctl reload nightporter"
)

THROTTLED = Rule(
    Cause.SMTP_ACCOUNT_THROTTLED,
    Words(
        title="mail account is locked for too many logins",
        sentence="cannot log in to send: its account is locked or slowed down after too many attempts",
        summary=(
            "The mail server answers, and refuses any login for a while: something has tried too often, "
            "usually with an old password."
        ),
        steps=(
            (
                "Stop everything that logs in again and again, first the PMS's mail sender: every "
                "attempt makes it longer. Night Porter has stopped its own."
            ),
            (
                "Log in once to the account with a web browser, and confirm what it asks. Look there for "
                "sign-ins that nobody of the hotel made; if there are, change the password."
            ),
            (
                "Wait an hour, then start one sender with the right password. Confirm today's arrivals "
                "by phone meanwhile."
            ),
        ),
    ),
    needs=(sign("the mail server wants no more logins for now", Sign.LOGIN_THROTTLED),),
    explains=either(both(SMTP, signs(Sign.LOGIN_THROTTLED)), mails_fail),
    fault=US,
    test=(
        "Log in once in a web browser: if it works there with the same password, it is only the number "
        "of attempts."
    ),
    codes="454|534|535|421",
)

APP_PASSWORD = Rule(
    Cause.SMTP_CREDENTIALS_INVALID,
    Words(
        title="mail server wants an app password",
        sentence="cannot log in to send: the account needs an app password",
        summary=(
            "The mail server refuses the account's ordinary password. With two-step verification, "
            "programs need a password of their own (16 letters), or OAuth2."
        ),
        steps=(
            (
                "Log in to the account, and turn 2-Step Verification on if it is off. Then make a "
                "password for Mail at myaccount.google.com/apppasswords."
            ),
            RELOAD,
            (
                "If there are no app passwords, the administrator has forbidden them: allow them in the "
                "admin console, or send through the relay or with OAuth2."
            ),
        ),
    ),
    needs=(
        sign("the server asks for an app password, or the configured one is none", Sign.APP_PASSWORD_NEEDED),
    ),
    explains=either(both(SMTP, reasons(Reason.CREDENTIALS)), mails_fail),
    fault=US,
    test=(
        "Count the letters of the configured password without its blanks: an app password of Google has 16."
    ),
    codes="534|535",
)

LOGIN = Rule(
    Cause.SMTP_CREDENTIALS_INVALID,
    Words(
        title="mail server refuses our login",
        sentence="refuses the login that mails are sent with",
        summary=(
            "The mail server answers, and refuses user name and password: changed, withdrawn (a new "
            "account password withdraws app passwords), or no app password."
        ),
        steps=(
            (
                "Do not try the old password again, neither here nor in the PMS: each attempt counts "
                "towards locking the account."
            ),
            (
                "Find out who changed the account. At Google, make a new app password: "
                "myaccount.google.com/apppasswords (2-Step Verification must be on, and the "
                "administrator must allow it)."
            ),
            RELOAD,
        ),
    ),
    needs=(
        some(
            "the mail server answers, and refuses user name and password",
            lambda fact: fact.type == "smtp" and why(fact) is Reason.CREDENTIALS,
        ),
    ),
    explains=either(both(SMTP, reasons(Reason.CREDENTIALS)), mails_fail),
    fault=US,
    test=(
        "Log in once to the account with a web browser and its own password: if that works, only the app "
        "password is withdrawn; if it asks for more, the account is locked."
    ),
    codes="535|534|525|432",
)

QUOTA = both(checks("quota"), reasons(Reason.THRESHOLD))
SPARE = (
    (
        "See what sent so many within 24 hours (a newsletter, a loop, a stolen password), and stop it: "
        "SELECT date_trunc('hour', created_at), count(*), sum(recipients) FROM email_logs WHERE "
        "created_at > now() - interval '24 hours' GROUP BY 1 ORDER BY 1;"
    ),
    (
        "Give guests who arrive today what they need by phone. Room comes back hour by hour, as mails "
        "become 24 hours old; nothing happens at midnight."
    ),
    (
        "If nobody of the hotel sent them, change the account's password at once and call the next "
        "level. Else send newsletters over another account or relay."
    ),
)

USED_UP = Rule(
    Cause.MAIL_QUOTA_EXHAUSTED,
    Words(
        title="the mails of 24 hours are used up",
        sentence="has used up the mails of 24 hours: no more go out",
        summary="As many mails as the provider allows an account have gone out within 24 hours.",
        steps=SPARE,
    ),
    needs=(sign("the mails or recipients of 24 hours are used up", Sign.QUOTA_USED_UP),),
    explains=either(QUOTA, signs(Sign.QUOTA_USED_UP), mails_fail),
    fault=US,
    test=(
        "Look for 5.4.5 in the answers to failed mails: without it the provider still takes mails, and "
        "only the configured limit is too low."
    ),
    codes=r"5\.4\.5",
)

NEARLY = Rule(
    Cause.MAIL_QUOTA_EXHAUSTED,
    Words(
        title="few mails are left for today",
        sentence="has few mails left of those it may send within 24 hours",
        summary=("More mails than usual have gone out within 24 hours; when none is left, guests get none."),
        steps=SPARE,
    ),
    needs=(
        some(
            "fewer mails than wanted are left of those of 24 hours",
            lambda fact: (
                fact.check.check == "quota"
                and why(fact) is Reason.THRESHOLD
                and fact.state is not State.CRITICAL
            ),
        ),
    ),
    explains=QUOTA,
    fault=US,
    test=USED_UP.test,
)

PORT_BLOCKED = Rule(
    Cause.SMTP_PORT_BLOCKED,
    Words(
        title="mail server's port cannot be reached",
        sentence="cannot be sent: the mail server's port cannot be reached from the hotel",
        summary=(
            "No connection to the port comes about, though the rest of the internet answers: a firewall "
            "or the hotel's internet provider blocks it, or host or port is wrong."
        ),
        steps=(
            (
                "From the PMS's host run: for p in 587 465; do nc -vz -w 5 {smtp_host} $p; done - then "
                "the same over a phone's connection."
            ),
            (
                "If it works from outside only, have the firewall, or the internet provider, let TCP out "
                "to {smtp_host}:{smtp_port}. If another port works, use that: 587 with security: "
                "starttls, 465 with tls."
            ),
            (
                "If it works from nowhere, check host and port in smtp of {who}, and the status page of "
                "the provider."
            ),
        ),
    ),
    needs=(port_closed(), control_answers(), provider_not_lost()),
    supports=(provider_answers(),),
    explains=either(
        lambda fact, _view: cannot_connect(fact),
        both(SMTP, reasons(Reason.CONNECT, Reason.TIMEOUT)),
        mails_fail,
    ),
    fault=NETWORK,
    test=(
        "Over a phone's connection run: nc -vz -w 5 {smtp_host} {smtp_port} - if it works there, the "
        "port is blocked here; if not, the server is down."
    ),
)

UNREACHABLE = Rule(
    Cause.VENDOR_UNREACHABLE,
    Words(
        title="neither mail server nor provider can be reached",
        sentence="cannot be sent: neither the mail server nor the provider's interface can be reached",
        summary=(
            "No connection to the mail server comes about, nor to the provider's interface on the web, "
            "though the rest of the internet answers: the provider is down, or the way to it is blocked."
        ),
        steps=(
            "Look at the provider's status page, over a phone's connection.",
            (
                "Over the same connection run: nc -vz -w 5 {smtp_host} {smtp_port} - if it works there, "
                "ask whoever keeps the firewall, and the internet provider."
            ),
            "Confirm today's arrivals by phone meanwhile.",
        ),
    ),
    needs=(
        port_closed(),
        control_answers(),
        no(provider_answers(), "the provider's interface on the web cannot be reached either"),
    ),
    explains=either(lambda fact, _view: cannot_connect(fact), mails_fail),
    fault=VENDOR,
    test=PORT_BLOCKED.test,
)

TLS_MISMATCH = Rule(
    Cause.SMTP_TLS_MISMATCH,
    Words(
        title="mail server's encryption is not as configured",
        sentence="cannot be sent safely: the mail server's encryption is not as configured",
        summary=(
            "The port answers, but one side speaks TLS from the start and the other only after STARTTLS, "
            "or STARTTLS is not offered at all."
        ),
        steps=(
            (
                "See what it speaks: openssl s_client -starttls smtp -connect {smtp_host}:{smtp_port} "
                "</dev/null (usual on 587), or openssl s_client -connect {smtp_host}:{smtp_port} "
                "</dev/null (usual on 465)."
            ),
            (
                "If the first works, set security: starttls in smtp of {who}, and secure: false in the "
                "PMS; if the second works, security: tls and secure: true."
            ),
            (
                "If neither works, something between here and the server takes STARTTLS away: ask "
                "whoever keeps the firewall. Never switch encryption off."
            ),
        ),
    ),
    needs=(sign("the server answers, but not with the encryption that is configured", Sign.TLS_MODE),),
    explains=either(both(SMTP, signs(Sign.TLS_MODE)), mails_fail),
    fault=US,
    test=(
        "Run the same openssl command over a phone's connection: if it works there, something here takes "
        "STARTTLS away."
    ),
)

RULES = (
    THROTTLED,
    APP_PASSWORD,
    LOGIN,
    TLS_MISMATCH,
    PORT_BLOCKED,
    UNREACHABLE,
    USED_UP,
    NEARLY,
    *OF_RECORDS,
)
