"""The first line of a mail: what is wrong, or over, in words that stand alone on a phone."""

from collections.abc import Iterator

from alerts.criteria import NOBODYS, STANDS_ON
from alerts.incident import Breach, Cause, Diagnosis, Incident
from alerts.message_mail import FRONT_DESK, Mail
from alerts.message_text import capital, clean
from alerts.notification import Kind
from alerts.wording import about_backup, kind_words
from checks.result import Reason, State

MOST_NAMES = 4
WORKS_AGAIN = "works again"
_ENDINGS = {1: "st", 2: "nd", 3: "rd"}
_MARKS = ("announced", "update")


def headline(mail: Mail) -> str:
    """Return the first line."""
    if mail.kind is Kind.RESOLVED:
        return _over(mail)
    opening, what = _opening(mail), wrong(mail)
    if opening:
        what = _within(what, mail.incident.diagnosis)
    said = f"{opening}{what}."
    return f"{said} {capital(mail.reason)}." if mail.kind is Kind.UPDATE and mail.reason else said


def wrong(mail: Mail) -> str:
    """Return what is wrong as a plain sentence without codes and without its full stop."""
    diagnosis, noun = mail.incident.diagnosis, _noun(mail)
    if diagnosis.whole and _harms_nobody(mail.incident):
        return capital(diagnosis.sentence)
    if diagnosis.whole:
        others = tuple(name for name in mail.incident.integrations if name not in NOBODYS)
        suffering = ", ".join(_suffering(mail, others))
        return capital(diagnosis.sentence) + (f": {suffering}" if suffering else "")
    said = f"{noun} {diagnosis.sentence}" if diagnosis.sentence else f"{noun} needs attention"
    rest = mail.incident.integrations[1:]
    return f"{said}; also affected: {listed(called(mail, rest))}" if rest else said


def down(incident: Incident, name: str, kind: str) -> bool:
    """Say whether an incident brings an integration down, as far as its breaches show."""
    critical = {one.check.check for one in incident.breaches if _fails(one, name)}
    pillars = set(STANDS_ON.get(kind, ()))
    return bool(critical) and pillars <= critical


def called(mail: Mail, names: tuple[str, ...]) -> list[str]:
    """Return integrations as the reader calls them: the front desk by what they are."""
    if mail.level != FRONT_DESK:
        return [clean(name, 64) for name in names]
    nouns = (kind_words(mail.kinds.get(name, "generic"), name).noun for name in names)
    return [noun[:1].lower() + noun[1:] for noun in nouns]


def listed(names: list[str], most: int = MOST_NAMES) -> str:
    """Return names as a list in a sentence, no more than so many of them."""
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else "".join(names)


def _suffering(mail: Mail, names: tuple[str, ...]) -> Iterator[str]:
    broken = tuple(one for one in names if down(mail.incident, one, mail.kinds.get(one, "generic")))
    hurt = tuple(one for one in names if one not in broken)
    if broken:
        yield f"{listed(called(mail, broken))} {'does' if len(broken) == 1 else 'do'} not work"
    if hurt:
        yield f"{listed(called(mail, hurt))} {'is' if len(hurt) == 1 else 'are'} affected"


def _is_finding(incident: Incident) -> bool:
    """Say whether all that is wrong was found on what works."""
    return bool(incident.breaches) and all(one.reason is Reason.SECURITY for one in incident.breaches)


def _harms_nobody(incident: Incident) -> bool:
    """Say whether what is named beside the cause works all the same, as far as can be known."""
    return _is_finding(incident) or incident.diagnosis.cause is Cause.HOST_CLOCK_WRONG


def _within(text: str, diagnosis: Diagnosis) -> str:
    """Return a sentence as it reads within another: names in capitals stay."""
    first = diagnosis.sentence[:1] if diagnosis.whole else text[:1].lower()
    return first + text[1:]


def _fails(breach: Breach, name: str) -> bool:
    # Security findings are made on what works.
    mine = breach.check.integration == name and breach.reason is not Reason.SECURITY
    return mine and breach.state is State.CRITICAL


def _noun(mail: Mail) -> str:
    names = mail.incident.integrations
    name = names[0] if names else mail.hotel_id
    return kind_words(mail.kinds.get(name, "generic"), name).noun


def _opening(mail: Mail) -> str:
    if mail.kind is Kind.UPDATE:
        return "" if mail.reason else f"{_news(mail.incident)}: "
    if mail.kind is Kind.REMINDER:
        return "Still so: "
    if mail.kind is Kind.DRILL:
        return "This is a drill, nothing is broken: "
    if mail.kind is Kind.PROBLEM and mail.incident.epoch > 1:
        times = mail.incident.epoch - 1
        return f"It is back, for the {_ordinal(times)} time: " if times > 1 else "It is back: "
    return ""


def _news(incident: Incident) -> str:
    """Say what is new since people were told last, by the steps that were taken."""
    marks = [step.split("-", 3) for step in incident.steps if step.partition("-")[0] in _MARKS]
    before = marks[-2] if len(marks) > 1 and len(marks[-2]) == 4 else None
    risen = before is None or before[1] != incident.severity
    changed = before is not None and before[3] != incident.diagnosis.cause
    if changed:
        said = "the cause is probably another"
        return f"Now {incident.severity}, and {said}" if risen else capital(said)
    return f"Now {incident.severity}" if risen else "It has become worse"


def _over(mail: Mail) -> str:
    incident = mail.incident
    outcome = clean(incident.outcome or WORKS_AGAIN)
    noun = _noun(mail)
    plain = outcome == WORKS_AGAIN or outcome.startswith("is no longer watched")
    if not plain:
        about = "" if incident.diagnosis.whole else f" about {noun[:1].lower()}{noun[1:]}"
        return f"The incident{about} is closed: {outcome}."
    names = tuple(name for name in incident.integrations if name not in NOBODYS)
    if incident.diagnosis.whole:
        said = f'This is over: "{incident.diagnosis.sentence}".'
        if outcome != WORKS_AGAIN or _harms_nobody(incident):
            return said
        if not names:
            return f"{noun} {outcome}. {said}"
        works = f"{listed(called(mail, names))} {'works' if len(names) == 1 else 'work'} again."
        return f"{capital(works) if mail.level == FRONT_DESK else works} {said}"
    if outcome == WORKS_AGAIN and about_backup(incident):
        return f"{noun} has a sound backup again."
    return f"{noun} {outcome}."


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in {11, 12, 13} else _ENDINGS.get(number % 10, "th")
    return f"{number}{ending}"
