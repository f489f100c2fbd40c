"""What is watched of the hotel's own e-mail."""

from checks.integrations import looks_dns, looks_logs, looks_mail
from checks.integrations.built_in import HOUR, MINUTE, BuiltIn, SqlTuning, endpoint

CHECKS = (
    BuiltIn("provider", MINUTE, endpoint("/v1/status"), why="whether the provider answers, and lets us in"),
    BuiltIn("smtp", 5 * MINUTE, looks_mail.smtp, ("smtp",), why="whether the server takes mail"),
    BuiltIn(
        "smtp_login",
        HOUR,
        looks_mail.smtp_login,
        ("smtp.username", "smtp.password"),
        why="whether the login works",
    ),
    BuiltIn("delivery", MINUTE, None, ("pms.dsn",), tuning=SqlTuning, why="delivered and bounced mails"),
    BuiltIn("quota", MINUTE, None, ("pms.dsn",), tuning=SqlTuning, why="how many mails may still be sent"),
    BuiltIn("spf", HOUR, looks_dns.spf, ("domain",), why="who may send in the domain's name"),
    BuiltIn(
        "dkim", HOUR, looks_dns.dkim, ("domain", "dkim_selectors"), why="the keys that mails are signed with"
    ),
    BuiltIn("dmarc", HOUR, looks_dns.dmarc, ("domain",), why="what receivers do with forgeries"),
    BuiltIn(
        "blocklist",
        HOUR,
        looks_dns.blocklist,
        ("sending_ips", "blocklists"),
        why="whether sending addresses are listed",
    ),
    BuiltIn("log", MINUTE, looks_logs.email_log, ("pms.log_dir",), why="whether mails are sent"),
)
