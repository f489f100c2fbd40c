"""What is said of breaches that no rule explains: which phase fails, by reason, and never why."""

from dataclasses import dataclass

from alerts.wording_vendor import (
    ADDRESS,
    ALLOWANCE,
    ALLOWED,
    MOVED,
    NAME_MOVED,
    NEWS,
    UNDER_LOAD,
    VENDOR_FIRST,
)
from checks.result import Reason

ELSEWHERE = "Try from another network, such as a phone: if it works there, the fault is on our side."
WITHIN = "Try from another computer in the hotel: if it works there, the fault is the porter's own host."
"""In place of `ELSEWHERE`, for what only the hotel's own network reaches."""


@dataclass(frozen=True, slots=True)
class Row:
    """What is said of one reason. Texts may use `{who}`, `{check}`, `{host}` and `{port}`.

    `title` follows the integration's name in a subject, `sentence` follows its noun in plain words; `codes`
    is the pattern of protocol codes that the title may quote from the message.
    """

    title: str
    sentence: str
    summary: str
    steps: tuple[str, ...]
    codes: str = ""


SLOW = Row(
    "slow responses",
    "answers, but too slowly",
    "Answers arrive, but take longer on average than the limit.",
    (
        UNDER_LOAD,
        "Compare with the other integrations: if all are slow, look at the hotel's own connection.",
        "If this is normal for {who}, raise its response_time_ms in the configuration.",
    ),
)
ERRING = Row(
    "fails too often",
    "fails too often, though not always",
    "More of the looks at it fail than the limit allows; the others succeed.",
    (
        "Look at what failed, below: always the same way, or at certain times?",
        VENDOR_FIRST,
    ),
)
PAST_LIMIT = Row(
    "a value is past its limit",
    "works, but a value that is watched is past its limit",
    "A number is past the limit set for it; why is not known.",
    (
        "Look at the value and the limit below, and at what fills or empties it.",
        "Ask whoever runs {who} what has changed since the time given below.",
    ),
)
REFUSED = Row(
    "refuses the connection",
    "cannot be reached: it refuses the connection",
    "Its machine answers, and refuses the connection (TCP): nothing accepts it on that port.",
    (
        "See whether the service behind {host} runs on its machine, and start it.",
        "Check host and port of {who} in the configuration, if either was changed lately.",
        VENDOR_FIRST,
    ),
)
NO_UPDATES = Row(
    "no updates from the PMS",
    "gets no updates from the PMS: its log shows no success for too long",
    "The PMS's log shows no success for longer than it should; the evidence says since when.",
    (
        "Look at the end of the log that the evidence names: errors, or nothing at all?",
        "Run `pm2 list` on the PMS's host: does the process that synchronises run? Restart it if it hangs.",
        "Until it works, close room types that are nearly full by hand, in the extranets.",
    ),
)

_LOOK = "See when the backup job last ran and how it ended: systemctl list-timers, crontab -l and its log."
_RUN = "Run it once by hand, and see that a new file is written where pms.backup of the configuration looks."
_ROOM = "If it ends with an error, look first at the room on its disk (df -h), then at its password."

BACKUP: dict[Reason, Row] = {
    Reason.MISSING: Row(
        "there is no backup",
        "has no backup",
        "No backup of the PMS is where one should be: it was moved or deleted, or never made.",
        (_LOOK, _RUN, _ROOM),
    ),
    Reason.STALE: Row(
        "the newest backup is too old",
        "has no recent backup",
        "The newest backup of the PMS is older than it may be: none was made since, or none finished.",
        (_LOOK, _RUN, _ROOM),
    ),
    Reason.MISMATCH: Row(
        "the newest backup is empty or far too small",
        "has a newest backup that is empty or far too small",
        "The newest backup of the PMS is empty, or much smaller than the one before: it may lack data.",
        ("Keep the backup before it: do not let it be deleted by age.", _LOOK, _RUN),
    ),
}
"""What is said of the PMS's backup, in place of what is said of its reason."""

ROWS: dict[Reason, Row] = {
    Reason.DNS: Row(
        "host name cannot be looked up",
        "cannot be found: looking up its host name fails",
        "The very first phase fails: looking up the host name (DNS).",
        (
            "Look it up by hand: getent hosts {host}",
            "If no name at all can be looked up, the hotel's DNS server or connection is at fault.",
            NAME_MOVED,
        ),
    ),
    Reason.CONNECT: Row(
        "cannot be reached",
        "cannot be reached: no connection comes about",
        "The name is known, but the connection phase fails (TCP).",
        (
            "On the porter's host run: nc -vz -w 5 {host} {port} (it says `succeeded` when it works)",
            ELSEWHERE,
            VENDOR_FIRST,
        ),
    ),
    Reason.TLS: Row(
        "no secure connection",
        "cannot be used: the encrypted connection fails",
        "The connection comes about, but the encryption phase fails (TLS).",
        (
            "Ask whoever runs the server whether its encryption settings or certificate have changed.",
            "Check host name and port of {who} in the configuration: the port may not speak TLS.",
        ),
    ),
    Reason.TIMEOUT: Row(
        "does not answer",
        "does not answer in time",
        "The answer does not arrive in time; the check's message names the phase that took too long.",
        (
            VENDOR_FIRST,
            ELSEWHERE,
            "Do not restart things here before you know that the fault is here.",
        ),
    ),
    Reason.CREDENTIALS: Row(
        "refuses our credentials",
        "refuses our user name, password or key",
        "Everything works up to the login, and that is refused.",
        (
            "Find out who changed or withdrew the password or key of {who}, and when it expires.",
            "Put the valid one where the configuration takes it from: sudo systemctl reload nightporter",
            "The hotel's systems use the same one: give it to them too.",
        ),
        r"401|407|53[0-5]",
    ),
    Reason.FORBIDDEN: Row(
        "refuses us access",
        "knows us, but does not let us in",
        "Everything works up to the request, and that is not allowed to us.",
        (
            ALLOWED,
            "Ask whether our internet address must be on a list of allowed ones.",
            "Check the property and account ids in the configuration of {who}.",
        ),
        r"403",
    ),
    Reason.RATE_LIMITED: Row(
        "says that we ask too often",
        "says that we ask too often, and answers only part of our requests",
        "The other side answers, and says that we ask too often. It is not down.",
        (
            "Do not add workers and do not retry by hand: both make it worse.",
            "Find what asks so often: a bulk update, a loop, a second installation.",
            ALLOWANCE,
        ),
        r"429|503",
    ),
    Reason.CLIENT_ERROR: Row(
        "rejects our request",
        "answers, but rejects what we ask",
        "The other side answers in the last phase (HTTP), and says that the request is wrong.",
        (
            ADDRESS,
            NEWS,
        ),
        r"4\d\d",
    ),
    Reason.SERVER_ERROR: Row(
        "reports an error of its own",
        "has a fault of its own: it answers with an error",
        "Our request arrives, and the other side answers that it has an error of its own (HTTP).",
        (
            VENDOR_FIRST,
            "Do not restart anything else: nothing else is at fault as far as this shows.",
            "When it works again, check that what was sent meanwhile has arrived.",
        ),
        r"5\d\d",
    ),
    Reason.REDIRECT: Row(
        "sends us to another address",
        "sends us to another address instead of answering",
        "The other side answers with a redirect, which is not followed unless configured.",
        (
            MOVED,
            "A redirect to a login or maintenance page means that the service itself is not there.",
        ),
        r"3\d\d",
    ),
    Reason.PROTOCOL: Row(
        "answers with something unreadable",
        "answers with something that is not what it should speak",
        "A connection comes about, but what comes back breaks the protocol.",
        ("Check host name and port of {who} in the configuration, and what answers in its place.",),
    ),
    Reason.CONTENT: Row(
        "answers, but not as it should",
        "answers, but what it says is not what it should say",
        "Everything up to the answer works; the answer itself reports or shows a failure.",
        (
            "Read what the check {check} found, below.",
            VENDOR_FIRST,
        ),
    ),
    Reason.TOO_LARGE: Row(
        "answer too large to read",
        "answers with more than we read",
        "The answer is larger than the check reads, so it could not be judged in full.",
        ("Check the address of {who}, or raise max_bytes of the check {check}.",),
    ),
    Reason.STALE: Row(
        "data out of date",
        "works with old data: something has not been refreshed",
        "What should be refreshed regularly has not been.",
        ("Check that the job or service which refreshes it is running.",),
    ),
    Reason.MISSING: Row(
        "something is missing",
        "lacks something that should be there",
        "What the check looks for is not there.",
        ("Read what the check {check} found, below, and check whether it was moved or removed.",),
    ),
    Reason.MISMATCH: Row(
        "data do not match",
        "and the hotel's own data do not match",
        "Two sides that should say the same do not.",
        ("Read what the check {check} found, below, and compare both sides.",),
    ),
    Reason.PROCESS: Row(
        "a process is not running",
        "is not served: a process that should run does not",
        "A process that should be running is not.",
        ("Look at its state and its last log lines, then restart it.",),
    ),
    Reason.QUERY: Row(
        "could not be looked at",
        "could not be looked at: a query fails",
        "The check itself does not work: its query fails. This says nothing about the integration.",
        ("Run the query of the check {check} by hand and correct it.",),
    ),
    Reason.PERMISSION: Row(
        "could not be looked at",
        "could not be looked at: Night Porter lacks a permission",
        "The check itself does not work: a permission is missing. This says nothing about the integration.",
        ("Grant Night Porter what the check {check} needs.",),
    ),
    Reason.SECURITY: Row(
        "security finding",
        "shows a security problem",
        "The check found something that must not be.",
        ("Treat it as an incident, and keep the evidence: do not delete logs.",),
    ),
    Reason.INTERNAL: Row(
        "could not be looked at",
        "could not be looked at: Night Porter itself has a fault",
        "The check itself does not work. This says nothing about the integration.",
        ("Report the message below to the makers of Night Porter.",),
    ),
}
