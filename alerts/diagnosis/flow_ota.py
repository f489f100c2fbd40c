"""Rules about what is exchanged with travel sites: rates, messages, and changes of bookings."""

from alerts.diagnosis import explains
from alerts.diagnosis.conditions import no, reason, sign, signs_of, some, why
from alerts.diagnosis.flow_conditions import (
    PUSH_RATES,
    RATES_UNSENT,
    WAITING,
    changed_since,
    logs_written,
    stale,
    vendor_hinders,
)
from alerts.diagnosis.rule import Rule, View, Words
from alerts.facts import Fact
from alerts.incident import Cause
from checks.result import Reason, Sign

OTA = frozenset({"ota"})
TOLD_WHY = frozenset({Sign.MESSAGE_INVALID, Sign.CODE_NOT_MAPPED})
LIKE_ANY_ANSWER = frozenset({Reason.CONTENT, Reason.CLIENT_ERROR})
"""Reasons of a refusal in an answer that looks like any other; the rest says more."""

PRICES = (
    "Compare today's prices on {who} with the PMS: what is sold too cheaply is honoured. Close what is "
    "wrong, by hand in its extranet."
)

_NOT_MAPPED = Rule(
    Cause.RATE_PLAN_NOT_MAPPED,
    Words(
        title="a rate plan is not mapped",
        sentence="does not know one of our rate plans or room types: it is not sold there, or at an old "
        "price",
        summary="A rate plan or room type has no code at the travel site, or one that it does not know.",
        steps=(
            PRICES,
            (
                "Look at the mappings (SELECT ota_platform, pms_rate_plan_code, ota_rate_plan_code FROM "
                "rate_plan_mappings ORDER BY 1, 2;) against the plans (SELECT DISTINCT rate_plan FROM rates "
                "WHERE date >= CURRENT_DATE;) and the codes in the extranet; add what is missing."
            ),
            "Then send all rates again: " + PUSH_RATES,
        ),
    ),
    needs=(sign("a rate plan or room type has no code there", Sign.RATE_NOT_MAPPED, Sign.CODE_NOT_MAPPED),),
    explains=explains.either(explains.signs(Sign.RATE_NOT_MAPPED, Sign.CODE_NOT_MAPPED), RATES_UNSENT),
    kinds=OTA,
    test="Send the rates of one mapped plan by hand: if they are taken, only the mapping is missing.",
)

_MAPPED_TWICE = Rule(
    Cause.RATE_PLAN_NOT_MAPPED,
    Words(
        title="a rate plan is mapped twice",
        sentence="may sell at a wrong price: two of our rate plans are one there, or one is two",
        summary="A code stands in several mappings: which price holds depends on which was sent last.",
        steps=(
            PRICES,
            (
                "Find and correct it: SELECT ota_platform, pms_rate_plan_code, ota_rate_plan_code FROM "
                "rate_plan_mappings ORDER BY 1, 3, 2; (each code may stand there once for a platform)"
            ),
            "Then send all rates again: " + PUSH_RATES,
        ),
    ),
    needs=(sign("a rate plan is mapped more than once", Sign.MAPPED_TWICE),),
    explains=explains.signs(Sign.MAPPED_TWICE),
    kinds=OTA,
    test="Compare the prices of both plans on one night with those in the extranet.",
)

_INVALID = Rule(
    Cause.MESSAGE_INVALID,
    Words(
        title="our messages are invalid",
        sentence="cannot read what we send: our messages break the rules",
        summary="A message is not well-formed, breaks its schema or lacks something required. Sending it "
        "again does not help.",
        steps=(
            PRICES,
            (
                "Read which message and which line is wrong, in the evidence; most often a template, a new "
                "field or an update of the PMS changed it: take that back."
            ),
            "Check it (xmllint --noout --schema SCHEMA.xsd MESSAGE.xml), then send all rates again: "
            + PUSH_RATES,
        ),
    ),
    needs=(sign("a message breaks the rules", Sign.MESSAGE_INVALID),),
    explains=explains.either(explains.signs(Sign.MESSAGE_INVALID), RATES_UNSENT),
    kinds=OTA,
    test="Check the newest message that was taken against the same schema: if it is invalid too, the schema "
    "is the wrong one.",
)


def _refused_like_any(fact: Fact) -> bool:
    found = signs_of(fact)
    return Sign.NOT_PROCESSED in found and not TOLD_WHY & found and why(fact) in LIKE_ANY_ANSWER


def _silently(fact: Fact, _view: View) -> bool:
    return _refused_like_any(fact)


_SILENT = Rule(
    Cause.SILENT_REJECTION,
    Words(
        title="rejects what we send, silently",
        sentence="answers as if all were well, and does not do what we send",
        summary="The answer arrives with a good status and says inside that something was not processed; the "
        "PMS does not notice.",
        steps=(
            PRICES,
            (
                "Read type, code and text of the answer, in the evidence, and look them up in the vendor's "
                "list of errors; ask its support if they say nothing."
            ),
            "When it is repaired, send all rates again, for nobody knows which were lost: " + PUSH_RATES,
        ),
    ),
    needs=(some("an answer says inside that something was not processed", _refused_like_any),),
    supports=(no(sign("the PMS's log shows it", Sign.LOG_FAILURES), "the PMS's log shows nothing of it"),),
    explains=explains.either(_silently, RATES_UNSENT),
    test="Change the rate of one far-off night, and look for it in the extranet: if it is there, only some "
    "updates are rejected.",
)

_RATES_STOPPED = Rule(
    Cause.PRODUCER_STOPPED,
    Words(
        title="the PMS sends no rates",
        sentence="gets no rates from the PMS",
        summary="No rate update has succeeded for too long, and none has failed: what should send them (a "
        "scheduler, a trigger, the PMS itself) has stopped.",
        steps=(
            PRICES,
            (
                "On the PMS's host look at `pm2 list` and `crontab -l` for the job that sends rates, and "
                "start it; see what was not sent: SELECT max(updated_at) FROM rates;"
            ),
            "Send all rates by hand: " + PUSH_RATES,
        ),
    ),
    needs=(reason("no rate update has succeeded for too long", Reason.STALE, checks=("rate_log",)),),
    unless=(vendor_hinders(),),
    supports=(
        changed_since("rates", "rate_log", "rates have changed in the PMS since then"),
        logs_written(),
    ),
    explains=stale("rate_log"),
    kinds=OTA,
    test="Send the rates of one night by hand: if they are taken, only what starts the sending has stopped.",
)

_ORIGINAL_MISSING = Rule(
    Cause.ORIGINAL_RESERVATION_MISSING,
    Words(
        title="changes of bookings that the PMS does not have",
        sentence="sends changes of bookings that are not in the PMS",
        summary="A modification waits whose reservation is not in the PMS: the booking itself was lost "
        "before.",
        steps=(
            (
                "Keep a room for each: SELECT id, ota_reservation_id, room_type, new_check_in, new_check_out "
                "FROM ota_modification_queue AS q WHERE status IN ('pending', 'failed') AND NOT EXISTS "
                "(SELECT 1 FROM reservations AS r WHERE r.ota_reservation_id = q.ota_reservation_id) ORDER "
                "BY new_check_in;"
            ),
            (
                "Find these bookings in the extranet of {who}, and enter them in the PMS by hand. Do not "
                "fetch them over its interface: what is fetched there counts as delivered, and is gone."
            ),
            (
                "Then let the PMS do the waiting modifications, and find out why the bookings were lost: "
                "what fetches reservations, and SELECT created_at, error FROM reservation_import_errors "
                "WHERE resolved_at IS NULL;"
            ),
        ),
    ),
    needs=(sign("a modification belongs to no reservation in the PMS", Sign.ORIGINAL_MISSING),),
    explains=explains.either(
        explains.signs(Sign.ORIGINAL_MISSING),
        explains.both(explains.checks("modification_queue"), explains.signs(*WAITING)),
    ),
    kinds=OTA,
    test="Look the booking up in the extranet: if it was made long before the modification, it was lost on "
    "the way.",
)

_REJECTED = Rule(
    Cause.MODIFICATION_REJECTED,
    Words(
        title="changes of bookings fail",
        sentence="sends changes of bookings that the PMS does not take over",
        summary="Modifications fail in the PMS: their data are invalid, no room is free on the new dates, or "
        "the PMS has a fault.",
        steps=(
            (
                "See whose, the next arrivals first, and tell the front desk: SELECT id, ota_reservation_id, "
                "new_check_in, new_check_out, error FROM ota_modification_queue WHERE status IN ('failed', "
                "'pending') AND coalesce(new_check_in, CURRENT_DATE) >= CURRENT_DATE ORDER BY new_check_in;"
            ),
            (
                "Invalid data: correct the dates, and enter the change by hand. No room free: the duty "
                "manager decides (another room type, or ask the guest). Anything else: its error to the "
                "makers of the PMS."
            ),
            (
                "When one is done by hand: UPDATE ota_modification_queue SET status = 'processed', "
                "processed_at = now() WHERE id = ID;"
            ),
        ),
    ),
    needs=(sign("modifications have failed in the PMS", Sign.CHANGES_REJECTED),),
    explains=explains.signs(Sign.CHANGES_REJECTED),
    kinds=OTA,
    test="Look up the reservation that the newest failure belongs to: if the PMS does not have it, the "
    "original is missing.",
)

RULES: tuple[Rule, ...] = (
    _NOT_MAPPED,
    _INVALID,
    _MAPPED_TWICE,
    _SILENT,
    _RATES_STOPPED,
    _ORIGINAL_MISSING,
    _REJECTED,
)
"""An answer that names the fault before one that does not; what was never got before what is not done."""
