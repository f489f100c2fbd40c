"""What is watched of the hotel's own e-mail."""

from checks.integrations.built_in import HOUR, MINUTE, BuiltIn, SqlTuning

CHECKS = (
    BuiltIn("provider", MINUTE, path="/v1/status", why="whether the provider answers, and lets us in"),
    BuiltIn("smtp", 5 * MINUTE, ("smtp",), why="whether the server takes mail"),
    BuiltIn("smtp_login", HOUR, ("smtp.username", "smtp.password"), why="whether the login works"),
    BuiltIn("delivery", MINUTE, ("pms.dsn",), tuning=SqlTuning, why="delivered and bounced mails"),
    BuiltIn("quota", MINUTE, ("pms.dsn",), tuning=SqlTuning, why="how many mails may still be sent"),
    BuiltIn("spf", HOUR, ("domain",), why="who may send in the domain's name"),
    BuiltIn("dkim", HOUR, ("domain", "dkim_selectors"), why="the keys that mails are signed with"),
    BuiltIn("dmarc", HOUR, ("domain",), why="what receivers do with forgeries"),
    BuiltIn("blocklist", HOUR, ("sending_ips", "blocklists"), why="whether sending addresses are listed"),
    BuiltIn("log", MINUTE, ("pms.log_dir",), why="whether mails are sent"),
)
