"""What can go wrong with payments and mails, as the PMS's database tells of them."""

from collections.abc import Iterator

from checks.result import Reason, Sign
from daemon.demo.fault import Fault, critical, warning
from daemon.demo.faults_tables import statements

FAILURES = """\
INSERT INTO payment_failures (error_code, amount, created_at)
SELECT '{}', {}, now() - interval '1 second' * n FROM generate_series(1, 40) AS n"""
FORGET_FAILURES = (
    "DELETE FROM payment_failures WHERE error_code = '{}' AND created_at > now() - interval '1 day'"
)
MAILS = """\
INSERT INTO email_logs (status, response, recipient, created_at)
SELECT 'delivered', '250 2.0.0 OK', 'newsletter-' || n || '@mailbox.demo',
       now() - interval '1 minute' * (ARRAY[1350, 1240, 400, 30])[1 + n % 4]
FROM generate_series(1, {}) AS n"""
"""In four waves, so that there is room again by and by."""
FORGET_MAILS = "DELETE FROM email_logs WHERE recipient LIKE 'newsletter-%'"
BOUNCES = """\
INSERT INTO email_logs (status, bounce_type, response, recipient, created_at)
SELECT 'bounced', 'hard', '550 5.1.1 no such user', 'gone-' || n || '@mailbox.demo', now() - interval '2 days'
FROM generate_series(1, 3) AS n;
INSERT INTO email_logs (status, response, recipient)
SELECT 'sent', '250 2.0.0 OK', 'gone-' || n || '@mailbox.demo' FROM generate_series(1, 3) AS n"""


def faults() -> Iterator[Fault]:
    """Yield every fault."""
    yield from _payments()
    yield from _mails()


def _payments() -> Iterator[Fault]:
    for name, sentence, code, amount, turn in (
        (
            "gateway-degraded",
            "Payments time out at the gateway, and nobody knows which of them were charged",
            "GATEWAY_TIMEOUT",
            "120 + n",
            critical("payment/transactions", Reason.THRESHOLD, Sign.PAYMENTS_FAILED, Sign.PAYMENTS_UNCERTAIN),
        ),
        (
            "customer-declines",
            "Many more cards than usual are declined, and the gateway is well",
            "INSUFFICIENT_FUNDS",
            "120 + n",
            warning("payment/transactions", Reason.THRESHOLD, Sign.DECLINES),
        ),
        (
            "card-testing",
            "Somebody tries stolen cards with payments of 1 euro",
            "CVV_FAILURE",
            "1",
            critical("payment/transactions", Reason.SECURITY, Sign.STOLEN_CARDS),
        ),
        (
            "api-credentials-invalid:payments",
            "The gateway refuses payments: our access token has expired",
            "ACCESS_TOKEN_EXPIRED",
            "120 + n",
            critical("payment/transactions", Reason.CREDENTIALS),
        ),
    ):
        yield statements(name, sentence, FAILURES.format(code, amount), FORGET_FAILURES.format(code), turn)


def _mails() -> Iterator[Fault]:
    yield statements(
        "mail-quota-exhausted",
        "A newsletter has used up the day's quota of mails",
        MAILS.format(10_000),
        FORGET_MAILS,
        critical("email/quota", Reason.THRESHOLD, Sign.QUOTA_USED_UP),
    )
    nearly = "(SELECT 9950 - count(*) FROM email_logs WHERE created_at > now() - interval '24 hours')"
    yield statements(
        "mail-quota-exhausted:nearly",
        "A newsletter has left 50 mails of the day's quota",
        MAILS.format(nearly),
        FORGET_MAILS,
        warning("email/quota", Reason.THRESHOLD),
    )
    yield statements(
        "bounces-not-suppressed",
        "Addresses that bounced for good are written to again",
        BOUNCES,
        "DELETE FROM email_logs WHERE recipient LIKE 'gone-%'",
        warning("email/delivery", Reason.MISMATCH, Sign.HARD_BOUNCES),
    )
