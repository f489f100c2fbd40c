"""Probe of the hotel's mails of the last 24 hours: whether they leave and arrive, and bounces are heeded.

A mail that fails over the guest's address or mailbox (5.1.x, 4.2.x, 5.2.1, 5.2.2) is no failure of the
hotel's, unless most do. Failures count while they go on: among the mails of the last hour or, of few, the
newest ten.

A statement of one's own gives one row with the columns `mails`, `delivered` (or sent), `failed` (but for
`guests`), `guests` (failed over the guest's address or mailbox), `newest_mails` (of the last hour, or ten),
`newest_failed` (of these), `bounced`, `hard` (gone for good: bounces, and failures with 5.1.x),
`no_recipient` (5.1.1), `unauthenticated` (5.7.26), `over_quota` (5.4.5), `refused` (4.7.0), `ignored`
(addresses that bounced for good, were not suppressed, and were written to again), `messages` and `recipients`
(what counts towards the quota), `hour` (messages of the last hour), `leaving` (messages that stop counting
within an hour; all counts), `statuses` (some, if none is known, or NULL), `newest` (seconds since one went
out, or NULL) and `free_in` (seconds until there is room in the quota again, or NULL while there is). For a
forecast of the quota it may give `frees` and `frees_recipients` (arrays of 24 counts: what stops counting in
each hour to come) and `hour_recipients` (recipients of the last hour).
"""

from dataclasses import replace
from typing import NamedTuple
from zoneinfo import ZoneInfo

from checks.check import CheckType
from checks.context import Context
from checks.database import DatabaseError
from checks.log import span
from checks.result import BOUNCED_RATIO, DELIVERED_RATIO, LAST, Reason, Result, Sign, State, failed, ok
from checks.tables import question
from checks.tables.delivery_statement import UNCONFIRMED
from checks.tables.question import (
    Row,
    UnreadableError,
    ago,
    ask,
    known,
    only,
    said,
    signs_of,
    strange,
    unanswered,
    verdict,
)
from checks.tables.silences import with_silence

LEAST_MAILS = 50
HARD_WARNING, HARD_CRITICAL = 0.04, 0.08
QUIET = 3600.0
"""Seconds without a mail after which we look whether there was reason for one."""
LEAST_FAILED = 5
"""Failures that count among less than the least mails."""
LEAST_UNCONFIRMED, LEAST_EARLIER, FOLLOWED = 3, 5, 0.8
"""Bookings that are too many without a mail, if there were so many before of which this share had one."""
WITHOUT_MAIL = "reservations_without_mail"

MEANINGS = {
    "no_recipient": "no such recipient (5.1.1)",
    "unauthenticated": "not authenticated (5.7.26)",
    "over_quota": "over the quota (5.4.5)",
    "refused": "refused for now (4.7.0)",
}


class Options(question.Options):
    """The statement, and the share of failing mails that is borne from a least sample on.

    `rhythm` asks for the hours in which mails went out, in the hotel's zone.
    """

    limit: float
    least: int
    timezone: ZoneInfo = ZoneInfo("UTC")
    rhythm: question.Options | None = None


class Share(NamedTuple):
    """What happened to some mails, and the share of all at which that is too many."""

    state: State
    some: int
    what: str
    limit: float


async def probe(options: Options, context: Context) -> Result:
    """Judge the mails, and whether reservations stay without one."""
    try:
        row = only(await ask(options, context))
        result = judge(options, row, context)
        newest = row.age("newest")
    except DatabaseError as error:
        return unanswered(error)
    except UnreadableError as error:
        return failed(Reason.QUERY, str(error))
    if result.state is State.OK and newest is not None and newest > QUIET:
        result = await _confirmed(options, context, newest, result)
    return await with_silence(result, options.rhythm, context, newest, options.timezone)


def judge(options: Options, row: Row, context: Context) -> Result:
    """Say what is wrong with the mails, the gravest first."""
    mails, hard, ignored = (row.count(name) for name in ("mails", "hard", "ignored"))
    lost, statuses = _lost(options, row), row.text_or_none("statuses")
    if statuses:
        raise UnreadableError(strange(statuses, "sent, delivered, failed or bounced"))
    numbers = _numbers(row, context)
    answers = [f"{row.count(name)} {words}" for name, words in MEANINGS.items() if row.count(name)]
    why = f": {', '.join(answers)}" if answers else ""
    signs = _signs(row)
    if lost:
        share = Share(State.CRITICAL, lost, "failed", options.limit)
        return _share(share, mails, why, numbers, signs)
    if mails >= LEAST_MAILS and hard / mails >= HARD_WARNING:
        grave = hard / mails >= HARD_CRITICAL
        state, limit = (State.CRITICAL, HARD_CRITICAL) if grave else (State.WARNING, HARD_WARNING)
        return _share(Share(state, hard, "came back for good", limit), mails, why, numbers, signs)
    if ignored:
        which = said(ignored, "address", 1001, "addresses")
        told = f"{which} bounced for good, not suppressed, and written to again"
        return verdict(State.WARNING, Reason.MISMATCH, told, numbers, signs=signs)
    if not mails:
        return ok("no mail in the last 24 h", numbers)
    told = f"{row.count('delivered')} of {said(mails, 'mail')} of the last 24 h went out"
    gone = row.count("failed") + row.count("guests")
    return ok(f"{told}, {gone} failed, {row.count('bounced')} came back{why}", numbers)


def _signs(row: Row) -> frozenset[Sign]:
    """Return what the mails that went wrong are signs of: what the servers said of most of them."""
    wrong = sum(row.count(name) for name in ("failed", "guests", "bounced"))
    mails, hard = row.count("mails"), row.count("hard")
    many = mails >= LEAST_MAILS and hard / mails >= HARD_WARNING
    return signs_of(
        {
            Sign.HARD_BOUNCES: many or row.count("ignored"),
            Sign.MAIL_UNAUTHENTICATED: 2 * row.count("unauthenticated") > wrong,
            Sign.QUOTA_USED_UP: 2 * row.count("over_quota") > wrong,
        }
    )


def _lost(options: Options, row: Row) -> int:
    """Return how many failed if that is too many, and goes on."""
    mails, lost, guests = row.count("mails"), row.count("failed"), row.count("guests")
    newest, going_on = row.count("newest_mails"), row.count("newest_failed")
    if 2 * guests > mails:
        # So many guests are not mistaken: it is what we send, or the relay.
        lost, going_on = lost + guests, newest
    few = mails < max(1, options.least) or (mails < LEAST_MAILS and lost < LEAST_FAILED)
    if few or lost / mails <= options.limit or going_on <= newest * options.limit:
        return 0
    return lost


def _numbers(row: Row, context: Context) -> dict[str, float]:
    mails = row.count("mails")
    counted = ("failed", "guests", "bounced", "hard", "ignored", *MEANINGS)
    return {name: float(row.count(name)) for name in counted} | known(
        **{
            DELIVERED_RATIO: row.count("delivered") / mails if mails else None,
            BOUNCED_RATIO: row.count("bounced") / mails if mails else None,
            LAST: ago(context, row.age("newest")),
        },
        mails=float(mails),
    )


def _share(share: Share, mails: int, why: str, numbers: dict[str, float], signs: frozenset[Sign]) -> Result:
    percent, limit = 100 * share.some / mails, 100 * share.limit
    told = (
        f"{share.some} of {mails} mails of the last 24 h {share.what} ({percent:.3g}%, "
        f"less than {limit:g}% are expected){why}"
    )
    return verdict(share.state, Reason.THRESHOLD, told, numbers, past=(percent, limit, "%"), signs=signs)


async def _confirmed(options: Options, context: Context, newest: float, result: Result) -> Result:
    """Say when reservations were made and nobody was written to; no verdict where that cannot be asked."""
    # Whole minutes, so that the question stays the same for a while and can be shared.
    since = 60.0 * (newest // 60)
    asked = options.model_copy(update={"query": UNCONFIRMED, "values": (since,)})
    try:
        row = only(await ask(asked, context))
        waiting, earlier, followed = (row.count(name) for name in ("unconfirmed", "earlier", "followed"))
    except (DatabaseError, UnreadableError):
        return result
    numbers = {**result.measurements, WITHOUT_MAIL: float(waiting)}
    if waiting < LEAST_UNCONFIRMED or earlier < LEAST_EARLIER or followed < FOLLOWED * earlier:
        return ok(result.message, numbers)
    told = (
        f"{said(waiting, 'booking')} made since the last mail went out, {span(newest)} ago; "
        f"{followed} of {earlier} before had a mail after them"
    )
    return replace(verdict(State.WARNING, Reason.STALE, told, numbers), decisive=False)


CHECK = CheckType("delivery", Options, DELIVERED_RATIO, probe, question.target)
