"""Rules about the porter itself, its own questions and the logs it reads: where it is blind, it says why."""

from alerts.diagnosis.conditions import answered, signs_of, some
from alerts.diagnosis.reach import NETWORKED
from alerts.diagnosis.rule import Condition, Rule, Scope, View, Words
from alerts.facts import Fact, Truth
from alerts.incident import Cause
from checks.result import Reason, Sign

NOT_OURS = frozenset({Sign.LIST_UNRELIABLE, Sign.DATABASE_DOWN})
"""Signs that a list, or the database, cannot answer: our question is not what is wrong."""

OF_FILES = frozenset({"log", "logs", "audit_log", "backup", "xml"})
TITLE = "could not be looked at"
NEITHER = "That says nothing about the integration, neither good nor bad."
AGAIN = "Then look again: nightporter check {who}"
BY_HAND = "Try the same by hand, as the user and role of Night Porter: if that works, it has changed since."


def _overloaded(fact: Fact, _view: View | None = None) -> bool:
    return fact.type == "porter" and fact.breach is not None


def _unreached(fact: Fact, _view: View | None = None) -> bool:
    return fact.type == "mail" and fact.breach is not None


def _asks(fact: Fact, reason: Reason) -> bool:
    breach = fact.breach
    return breach is not None and breach.reason is reason and not signs_of(fact) & NOT_OURS


def _of_question(fact: Fact, _view: View | None = None) -> bool:
    return _asks(fact, Reason.QUERY)


def _of_file(fact: Fact, _view: View | None = None) -> bool:
    return _asks(fact, Reason.PERMISSION) and fact.type in OF_FILES


def _of_process(fact: Fact, _view: View | None = None) -> bool:
    return _asks(fact, Reason.PERMISSION) and fact.type == "process"


def _of_table(fact: Fact, _view: View | None = None) -> bool:
    others = OF_FILES | NETWORKED | {"process"}
    return _asks(fact, Reason.PERMISSION) and fact.type not in others


def _of_right(fact: Fact, _view: View | None = None) -> bool:
    return _asks(fact, Reason.PERMISSION)


def _no_log(fact: Fact, _view: View | None = None) -> bool:
    return Sign.LOG_GONE in signs_of(fact)


def _disk(fact: Fact, _view: View | None = None) -> bool:
    breach = fact.breach
    return fact.type == "logs" and breach is not None and breach.reason is Reason.THRESHOLD


def _unread(fact: Fact, _view: View | None = None) -> bool:
    return _no_log(fact) or _disk(fact)


def _logs_gone(view: View) -> bool:
    """Say whether the PMS's own folders of logs are gone, and not one integration's log alone."""
    fact = view.facts.get("pms", "logs")
    return fact is not None and fact.breach is not None and not fact.clearing and _no_log(fact)


def _database_answers(view: View) -> Truth:
    fact = view.facts.get("pms", "database")
    return None if fact is None else answered(fact)


ITSELF = (
    Rule(
        Cause.MONITOR_OVERLOADED,
        Words(
            "is looked at too late",
            "is looked at too late: Night Porter has too much to do",
            "Night Porter has more to do than its host lets it: {overload}. What its checks see in such "
            "moments counts as not known, so that nobody is blamed for it; a fault may be told of late.",
            (
                "On Night Porter's host: uptime, then top. Does something else take processors or memory?",
                "Give it a better host, or less to do: longer intervals, fewer checks, one more replica.",
                (
                    "See how late it is: nightporter_event_loop_lag_seconds and "
                    "nightporter_scheduler_lateness_seconds in /metrics."
                ),
            ),
            whole="Night Porter has too much to do, and looks too late",
        ),
        (some("Night Porter measures its own lateness", _overloaded),),
        _overloaded,
        test="Have it watch half as much: if it is no longer late, the rest was too much for its host.",
    ),
    Rule(
        Cause.MONITOR_MISCONFIGURED,
        Words(
            "somebody is not told",
            "is watched, but somebody who is to be told of faults is not reached",
            "Whoever is behind {address} was not told of a fault, and will not be: {answer}. Everybody else "
            "was told; where there is nobody else, the next level.",
            (
                (
                    "Is {address} right in the configuration (escalation, channels)? A mailbox: is there one "
                    "of that name, with room in it? A channel: does what stands at its url take JSON?"
                ),
                "Put it right there, then: nightporter validate && sudo systemctl reload nightporter",
                (
                    "To try it: write to {address} by other means. This ends when it takes a message of "
                    "Night Porter's, is no longer configured, or has refused none for a day."
                ),
            ),
            whole="Night Porter's messages do not reach {address}",
        ),
        (some("a message was refused for good, and none was taken since", _unreached),),
        _unreached,
        test="Write to {address} by other means: if that is refused too, the fault is there.",
    ),
)

MISCONFIGURED = (
    Rule(
        Cause.MONITOR_MISCONFIGURED,
        Words(
            TITLE,
            "could not be looked at: Night Porter may not read a table of the PMS",
            f"The database answers, but Night Porter's role lacks a right to read. {NEITHER}",
            (
                "Have whoever runs the database grant what is missing: deploy/postgres/grants.sql lists it.",
                "Grant reading only, and only the columns that are listed: guests' data are not needed.",
                AGAIN,
            ),
        ),
        (some("the database refuses to let Night Porter read, run after run", _of_table),),
        _of_table,
        test=BY_HAND,
    ),
    Rule(
        Cause.MONITOR_MISCONFIGURED,
        Words(
            TITLE,
            "could not be looked at: Night Porter may not read a file or folder",
            f"The file is there, but the user that Night Porter runs as may not read it. {NEITHER}",
            (
                "See who may read it: namei -l PATH, with the path that the evidence names.",
                "Let Night Porter's user read it, through its group for instance; it need not write.",
                AGAIN,
            ),
        ),
        (some("a file cannot be read for want of a right, run after run", _of_file),),
        _of_file,
        test=BY_HAND,
    ),
    Rule(
        Cause.MONITOR_MISCONFIGURED,
        Words(
            TITLE,
            "could not be looked at: pm2 does not answer Night Porter",
            f"pm2 answers only the user whose processes it runs. {NEITHER}",
            (
                "On the PMS's host, as the user of the PMS's processes: pm2 list",
                (
                    "Let pm2 in the configuration be a command that works for Night Porter's user, such as "
                    "sudo -n -u USER pm2."
                ),
                AGAIN,
            ),
        ),
        (some("pm2 cannot be asked for want of a right, run after run", _of_process),),
        _of_process,
        test=BY_HAND,
    ),
    Rule(
        Cause.MONITOR_MISCONFIGURED,
        Words(
            TITLE,
            "could not be looked at: Night Porter lacks a right",
            f"The check itself does not work: it lacks a right. {NEITHER}",
            ("Grant what the evidence says that the check {check} lacks.", AGAIN),
        ),
        (some("a check lacks a right, run after run", _of_right),),
        _of_right,
        test=BY_HAND,
    ),
    Rule(
        Cause.MONITOR_MISCONFIGURED,
        Words(
            TITLE,
            "could not be looked at: Night Porter's question is not answered",
            f"The check itself does not work: what it asks cannot be answered. {NEITHER}",
            (
                (
                    "Read what the check {check} says: a table, column or command that is not there, or too "
                    "slow?"
                ),
                (
                    "Put it right under {who} in the configuration (query, pm2, path), then: nightporter "
                    "validate"
                ),
                AGAIN,
            ),
        ),
        (some("what a check asks cannot be answered, run after run", _of_question),),
        _of_question,
        test=BY_HAND,
        prior=0.8,
    ),
)

LOGGING = (
    Rule(
        Cause.LOGGING_BROKEN,
        Words(
            "logs cannot be read",
            "writes no logs where they should be",
            "Folders of the PMS's logs are gone: deleted, moved, not mounted, or written elsewhere since a "
            "change.",
            (
                "On the PMS's host: df -h, then ls -ld on the path that the evidence names.",
                (
                    "Mount or make it again with its old owner and rights, and check logrotate and the last "
                    "deployment."
                ),
                "Restart what writes there: a process may go on writing into a deleted file.",
            ),
            whole="the PMS's logs are gone",
        ),
        (Condition("folders of the PMS's logs are not there", _logs_gone),),
        _unread,
        scope=Scope.HOTEL,
        supports=(Condition("the PMS's database answers", _database_answers),),
        test="ls -l on the path: a folder that is there and full speaks for a wrong log_dir instead.",
    ),
    Rule(
        Cause.LOGGING_BROKEN,
        Words(
            "the disk of the logs is filling up",
            "soon cannot write its logs: their disk is nearly full",
            "The disk that the logs are on has hardly any room left. When it is full, logging stops, and "
            "perhaps more.",
            (
                "On the PMS's host: df -h and df -i, then du -xsh /var/log/* to find what fills it.",
                "Compress or move old logs; keep the audit logs. Do not delete files that are being written.",
                "Check that logrotate runs: systemctl status logrotate.timer",
            ),
        ),
        (some("the disk of the logs is short of room", _disk),),
        _disk,
        test="df -h and df -i on the PMS's host: which of the two is short, bytes or the number of files?",
    ),
    Rule(
        Cause.LOGGING_BROKEN,
        Words(
            "log cannot be read",
            "writes no log where it should be",
            "A log file is not there: deleted, renamed or rotated away, or written elsewhere since a change.",
            (
                "On the PMS's host: ls -lt in the folder of {path}. Is it there under another name?",
                "Check logrotate and the last deployment; restart what writes it if it holds a deleted file.",
                "If it has moved for good, put its new path into the configuration of {who}.",
            ),
        ),
        (some("a log is not there", _no_log),),
        _no_log,
        test="pm2 list on the PMS's host: where the process that writes it is down, that is the cause.",
    ),
)

RULES = (*MISCONFIGURED, *ITSELF, *LOGGING)
