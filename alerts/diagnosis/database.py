"""Rules about the PMS's database: what is looked up in it is not known while it does not serve."""

from alerts.diagnosis.conditions import signs_of
from alerts.diagnosis.reach import slow
from alerts.diagnosis.rule import Condition, Rule, Scope, View, Words
from alerts.facts import Fact
from alerts.incident import Cause
from checks.result import Reason, Sign, State

ANSWERS_ALL_THE_SAME = frozenset({Reason.MISMATCH, Reason.THRESHOLD, Reason.QUERY, Reason.PERMISSION})
RESTORED = "When it works again, check that what was booked and paid meanwhile is there."


def _is_down(fact: Fact) -> bool:
    breach = fact.breach
    if breach is None or fact.clearing or breach.state is not State.CRITICAL:
        return False
    return Sign.DATABASE_DOWN in signs_of(fact) or breach.reason not in ANSWERS_ALL_THE_SAME


def _down(view: View) -> bool:
    fact = view.facts.get("pms", "database")
    return fact is not None and _is_down(fact)


def _shut_out(view: View) -> bool:
    fact = view.facts.get("pms", "database")
    return fact is not None and _is_down(fact) and fact.reason is Reason.CREDENTIALS


def _by_database(fact: Fact, _view: View) -> bool:
    own = (fact.check.integration, fact.check.check) == ("pms", "database")
    return own or Sign.DATABASE_DOWN in signs_of(fact)


def _slow_database(view: View) -> bool:
    fact = view.fact("database")
    return fact is not None and slow(fact) and not fact.clearing


RULES = (
    Rule(
        Cause.DATABASE_DOWN,
        Words(
            "its database does not let us in",
            "does not let Night Porter into its database",
            "The database answers and refuses the login: the password was changed, or the role is gone or "
            "locked. The PMS itself may work.",
            (
                (
                    "Try it on Night Porter's host, with the names in pms.dsn: psql -h HOST -U USER -c "
                    "'select 1'"
                ),
                "Ask whoever runs the database who changed the password or pg_hba.conf, and when.",
                "Put the valid password where pms.dsn takes it from, then: sudo systemctl reload nightporter",
            ),
            whole="the PMS's database does not let us in",
        ),
        (Condition("the database refuses our login", _shut_out),),
        _by_database,
        scope=Scope.HOTEL,
        test="Book or open a reservation in the PMS: if it works, only Night Porter is shut out.",
        prior=0.8,
    ),
    Rule(
        Cause.DATABASE_DOWN,
        Words(
            "its database does not serve",
            "cannot use its database",
            "The database does not answer as it should: it is down, out of connections, memory or disk, or "
            "starting up. What is looked up in it is not known meanwhile.",
            (
                (
                    "On the database's host: systemctl status postgresql, df -h, and the end of PostgreSQL's "
                    "log."
                ),
                (
                    "Out of connections: find who holds them with select usename, state, count(*) from "
                    "pg_stat_activity group by 1, 2. Down: sudo systemctl start postgresql."
                ),
                RESTORED,
            ),
            whole="the PMS's database does not serve",
        ),
        (Condition("the database check fails, run after run", _down),),
        _by_database,
        scope=Scope.HOTEL,
        test="psql on the database's own host: if it answers there, the way to it is what is broken.",
    ),
)

SLOW_DATABASE = Rule(
    Cause.SLOW_RESPONSES,
    Words(
        "the database answers slowly",
        "has a slow database",
        "The database answers, but takes longer on average than the limit.",
        (
            (
                "In psql: select pid, now() - query_start, state, left(query, 80) from pg_stat_activity "
                "where state <> 'idle' order by 2 desc;"
            ),
            "Look at the load and the disks of its host: a backup, a report, a vacuum?",
            "Check that deploy/postgres/indexes.sql was applied.",
        ),
    ),
    (Condition("the database answers slowly", _slow_database),),
    lambda fact, _view: fact.check.check == "database" and slow(fact),
    kinds=frozenset({"pms"}),
    test="Run top on the database's host: where it is idle, the way to it is slow.",
)
