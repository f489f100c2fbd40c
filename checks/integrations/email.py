"""What is watched of the hotel's own e-mail."""

from checks.integrations.built_in import DSN, HOUR, LOGS, MINUTE, VENDOR_STATUS, BuiltIn, SqlTuning, endpoint
from checks.integrations.looks_dns import blocklist, dkim, dmarc, spf
from checks.integrations.looks_logs import email_log
from checks.integrations.looks_mail import smtp, smtp_login
from checks.integrations.looks_tables import delivery, quota

DOMAIN, KEYS = ("domain",), ("domain", "dkim_selectors")
LOGIN = ("smtp.username", "smtp.password")
LISTS = ("sending_ips", "blocklists")

CHECKS = (
    BuiltIn("provider", MINUTE, endpoint("/v1/status"), why="whether the provider answers, and lets us in"),
    BuiltIn("smtp", 5 * MINUTE, smtp, ("smtp",), why="whether the server takes mail"),
    BuiltIn("smtp_login", HOUR, smtp_login, LOGIN, why="whether the login works"),
    BuiltIn("delivery", MINUTE, delivery, DSN, SqlTuning, "delivered and bounced mails"),
    BuiltIn("quota", MINUTE, quota, DSN, SqlTuning, "how many mails may still be sent"),
    BuiltIn("spf", HOUR, spf, DOMAIN, why="who may send in the domain's name"),
    BuiltIn("dkim", HOUR, dkim, KEYS, why="the keys that mails are signed with"),
    BuiltIn("dmarc", HOUR, dmarc, DOMAIN, why="what receivers do with forgeries"),
    BuiltIn("blocklist", HOUR, blocklist, LISTS, why="whether sending addresses are listed"),
    BuiltIn("log", MINUTE, email_log, LOGS, why="whether mails are sent"),
    VENDOR_STATUS,
)
