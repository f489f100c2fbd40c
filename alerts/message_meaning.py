"""What an incident means for guests and sales, and what the desk can do: of one integration or many."""

from collections.abc import Iterator

from alerts.aids.aid import AidKind
from alerts.criteria import NOBODYS
from alerts.impact import Deadline
from alerts.incident import Criterion
from alerts.message_headline import called, down, listed
from alerts.message_mail import FRONT_DESK, Mail
from alerts.message_people import first_to_call
from alerts.message_text import capital, clean, hotel_time, minutes
from alerts.notification import Kind
from alerts.wording import NO_BACKUP, SLOW_CAUSES, KindWords, about_backup, consequence, kind_words
from alerts.wording_means import (
    CANNOT_JUDGE,
    CLOCKS_DIFFER,
    DESK_NO_INTERNET,
    NO_INTERNET,
    NOT_SEEN,
    NOTHING_TO_DO,
    SECURITY_DESK,
    UNTOLD,
    at_the_desk,
    means,
)
from checks.result import Reason

MOST_KINDS = 3
MOST_STEPS = 3
GRAVEST_FIRST = (
    "pms",
    "payment",
    "booking_engine",
    "channel_manager",
    "ota",
    "email",
    "network",
    "generic",
)
"""Kinds by how much their failure costs the hotel."""


def first(mail: Mail) -> tuple[str, str]:
    """Return name and kind of the integration that an incident is about in the first place."""
    names = mail.incident.integrations or (mail.hotel_id,)
    name = next(iter(_concerned(mail)), names[0])
    return name, mail.kinds.get(name, "generic")


def _concerned(mail: Mail) -> tuple[str, ...]:
    """Return the integrations whose failure guests or staff notice: the PMS first, when it is down."""
    names, pms = mail.incident.integrations, "pms"
    own = (pms,) if pms in names and down(mail.incident, pms, pms) else ()
    return (*own, *(name for name in names if name not in NOBODYS))


def words(mail: Mail) -> KindWords:
    """Return the words for that integration."""
    name, kind = first(mail)
    return kind_words(kind, name)


def meaning(mail: Mail) -> Iterator[str]:
    """Return what the incident means, in a few lines, and until when it can be made good."""
    if mail.level == FRONT_DESK and mail.incident.diagnosis.cause in NO_INTERNET:
        yield from DESK_NO_INTERNET
        return
    incident, (_, kind) = mail.incident, first(mail)
    cause, security = incident.diagnosis.cause, Criterion.SECURITY_INCIDENT in incident.criteria
    own = NO_BACKUP if about_backup(incident) else "" if security else means(cause, kind)
    several = _concerned(mail)
    if own:
        yield own
    elif security or len(several) < 2:
        yield consequence(incident, words(mail), kind)
    elif cause in SLOW_CAUSES:
        yield "All of this works, but slowly: guests and staff wait, and some give up."
    else:
        yield from _by_kind(mail, several)
    if Criterion.DATA_LOSS_RISK in incident.criteria and not own:
        yield "Bookings or payments can get lost while it lasts."
    clock = mail.level != FRONT_DESK and any(aid.kind is AidKind.CLOCK and aid.due for aid in mail.aids)
    if mail.deadline is not None and mail.kind is not Kind.RESOLVED and not clock:
        yield _deadline(mail.deadline, mail)


def _by_kind(mail: Mail, names: tuple[str, ...]) -> Iterator[str]:
    found: dict[tuple[int, bool], list[str]] = {}
    for name in names:
        kind = mail.kinds.get(name, "generic")
        found.setdefault((_gravity(kind), not down(mail.incident, name, kind)), []).append(name)
    for (gravity, partly), same in sorted(found.items())[:MOST_KINDS]:
        named = listed([clean(name, 64) for name in same])
        said = kind_words(GRAVEST_FIRST[gravity], named).down
        sentence = said.partition(". ")[0].removesuffix(".")
        part = ", as far as it is affected" if partly else ""
        who = listed(called(mail, tuple(same)))
        yield f"{capital(who) if mail.level == FRONT_DESK else who}{part}: {sentence}."


def _gravity(kind: str) -> int:
    return GRAVEST_FIRST.index(kind if kind in GRAVEST_FIRST else "generic")


def _deadline(deadline: Deadline, mail: Mail) -> str:
    when = f"{hotel_time(deadline.at, mail.date, mail.timezone)} hotel time"
    what = capital(clean(deadline.what))
    if deadline.at <= mail.date:
        return f"{what}, since {when}."
    return f"{what}, from {when} ({minutes(deadline.at - mail.date)} left)."


def desk_steps(mail: Mail) -> tuple[str, ...]:
    """Return what the desk does meanwhile, the most urgent first."""
    incident, (_, kind) = mail.incident, first(mail)
    if incident.breaches and all(one.reason is Reason.SECURITY for one in incident.breaches):
        return SECURITY_DESK
    if about_backup(incident):
        return NOTHING_TO_DO
    call = first_to_call(mail)
    own = at_the_desk(incident.diagnosis.cause, kind)
    if own:
        return tuple(step.replace("{call}", call) for step in own)
    unknown = tuple(name for name in incident.integrations if mail.kinds.get(name, "generic") == "generic")
    about = (_of_unknown(unknown, call),) if unknown else ()
    kinds = sorted({mail.kinds.get(name, "generic") for name in incident.integrations}, key=_gravity)
    if len(kinds) < 2:
        return about or words(mail).desk
    urgent = sorted(kinds, key=lambda one: one != "network")
    known = tuple(kind_words(one, one).desk[0] for one in urgent if one != "generic")
    return (*known[: MOST_STEPS - len(about)], *about)


def _of_unknown(names: tuple[str, ...], call: str) -> str:
    shown = listed([clean(name, 64) for name in names])
    return f"Tell guests and colleagues that {shown} may not work, and call {call}."


def afterwards(mail: Mail) -> str:
    """Return what is worth checking once the incident is over; an empty text when nothing is."""
    _, kind = first(mail)
    if about_backup(mail.incident):
        return "See that the newest backup can be restored: only then is it one."
    if means(mail.incident.diagnosis.cause, kind) in {NOT_SEEN, UNTOLD, CANNOT_JUDGE, CLOCKS_DIFFER}:
        return ""
    if Criterion.SECURITY_INCIDENT in mail.incident.criteria:
        return "Keep the evidence, and see that what made it possible is put right."
    several = len(mail.incident.integrations) > 1
    return (kind_words("network", "network") if several else words(mail)).after
