"""What is owed to a state that is away: merged, bounded, and true to what became of letters meanwhile."""

from dataclasses import replace
from datetime import timedelta

from alerts.change import Change, Event
from alerts.incident import Incident, Severity
from alerts.notification import Delivery, Kind, Notification
from daemon.backlog import CERTAIN, MOST_EVENTS, MOST_LETTERS, SPARED, Backlog
from tests.support.clock import START
from tests.support.stored import incident, notification

LATER = START + timedelta(minutes=1)


def letter(name: str, of: str = "a", recipient: str = "team@hotel.example") -> Notification:
    return replace(notification(name, of=of, recipient=recipient), hotel="h")


def grave(name: str = "a") -> Incident:
    return replace(incident(name, key=name, hotel="h"), severity=Severity.EMERGENCY)


def opening(*letters: Notification, one: Incident | None = None) -> Change:
    about = one or grave()
    return Change((about,), letters, events=(Event(about.id, START, "opened", "it broke"),))


def owing(*changes: Change) -> Backlog:
    made = Backlog()
    for change in changes:
        made.add("h", change)
    return made


def states(change: Change) -> dict[str, tuple[Delivery, bytes]]:
    return {one.id: (one.state, one.message[:7]) for one in change.notifications}


def test_of_an_incident_the_last_stays_and_its_letters_and_lines_are_all_kept() -> None:
    worse = replace(grave(), title="worse")
    owed = owing(opening(letter("x")), replace(opening(letter("y"), one=worse), events=()))
    change = owed.change("h", LATER)
    assert change.incidents == (worse,)
    assert list(states(change)) == ["x", "y"]
    assert len(change.events) == 1


def test_a_letter_that_is_wanted_no_longer_is_kept_without_what_it_says() -> None:
    owed = owing(opening(letter("x"), letter("y")), Change(superseded=("x",), cancelled=("elsewhere",)))
    change = owed.change("h", LATER)
    assert states(change) == {"x": (Delivery.SUPERSEDED, b""), "y": (Delivery.PENDING, b"Subject")}
    assert (change.superseded, change.cancelled) == (("x",), ("elsewhere",))


def test_a_letter_that_was_cancelled_and_is_wanted_again_is_owed_as_it_was_written_last() -> None:
    anew = replace(letter("x"), message=b"Subject: anew")
    owed = owing(opening(letter("x")), Change(cancelled=("x",)), Change(notifications=(anew,)))
    change = owed.change("h", LATER)
    assert change.notifications == (anew,)
    assert change.cancelled == ("x",), "should it be stored as it was first"
    owed.became(replace(anew, state=Delivery.SENDING))
    owed.became(replace(anew, state=Delivery.PENDING))
    assert owed.change("h", LATER).notifications == (anew,)
    owed.add("h", Change(cancelled=("x",)))
    assert states(owed.change("h", LATER)) == {"x": (Delivery.CANCELLED, b"")}


def test_a_letter_that_is_cancelled_while_it_is_sent_and_wanted_again_is_tried_again() -> None:
    owed = owing(opening(letter("x")))
    owed.became(replace(letter("x"), state=Delivery.SENDING))
    owed.add("h", Change(cancelled=("x",)))
    owed.add("h", Change(notifications=(letter("x"),)))
    owed.became(letter("x"))
    assert states(owed.change("h", LATER)) == {"x": (Delivery.PENDING, b"Subject")}


def test_what_was_sent_is_owed_as_sent_and_to_be_marked_where_it_is_stored_already() -> None:
    owed = owing(opening(letter("x")))
    owed.became(replace(letter("x"), state=Delivery.SENT, sent_at=LATER))
    change = owed.change("h", LATER)
    assert states(change) == {"x": (Delivery.SENT, b"Subject")}
    assert change.spoken == {"x": LATER}
    owed.settle("h", change, LATER)
    assert owed.owed() == []


def test_what_is_being_sent_is_spared_by_others_and_marked_once_it_is() -> None:
    owed = owing(opening(letter("x")))
    sending = replace(letter("x"), state=Delivery.SENDING)
    owed.became(sending)
    change = owed.change("h", LATER)
    assert [(one.state, one.due_at) for one in change.notifications] == [(Delivery.PENDING, LATER + SPARED)]
    owed.settle("h", change, LATER)
    assert owed.owed() == []
    assert owed.crying() == {"x"}
    owed.became(replace(sending, state=Delivery.SENT, sent_at=LATER))
    assert owed.change("h", LATER) == Change(spoken={"x": LATER})


def test_what_comes_while_it_is_written_down_is_still_owed() -> None:
    owed = owing(opening(letter("x")))
    change = owed.change("h", LATER)
    later = replace(grave(), title="worse")
    line = Event("a", LATER, "told", "y")
    owed.add("h", Change((later,), (letter("y"),), superseded=("x",), events=(line,)))
    owed.settle("h", change, LATER)
    left = owed.change("h", LATER)
    assert left.incidents == (later,)
    assert list(states(left)) == ["y"]
    assert (left.superseded, left.events) == (("x",), (line,))


def test_a_letter_that_failed_after_the_end_was_written_is_not_tried_again() -> None:
    owed = owing(opening(letter("x")))
    owed.became(replace(letter("x"), state=Delivery.SENDING))
    owed.add("h", Change((grave(),), (replace(letter("end"), kind=Kind.RESOLVED),)))
    owed.became(replace(letter("x"), state=Delivery.PENDING))
    assert states(owed.change("h", LATER))["x"] == (Delivery.SUPERSEDED, b"")


def test_only_letters_of_emergencies_are_urgent_whatever_they_were_written_for() -> None:
    mild = replace(incident("a", key="a", hotel="h"), severity=Severity.CRITICAL)
    owed = owing(opening(letter("x"), one=mild))
    assert list(owed.urgent(START)) == []
    owed.add("h", opening(letter("y")))
    assert [(one.id, stored) for one, stored in owed.urgent(START)] == [("x", False), ("y", False)]


def test_a_letter_that_is_stored_is_kept_until_it_is_delivered_or_old() -> None:
    kept = Backlog()
    kept.written("h", opening(letter("x"), letter("y"), letter("z")), START)
    kept.written("h", opening(letter("w", of="b"), one=incident("b", key="b", hotel="h")), START)
    assert [(one.id, stored) for one, stored in kept.urgent(START)] == [("x", True), ("y", True), ("z", True)]
    assert kept.owed() == []
    kept.delivered(letter("x"))
    kept.written("h", Change(superseded=("y",)), START)
    assert [one.id for one, _ in kept.urgent(START)] == ["z"]
    late = START + CERTAIN + timedelta(seconds=1)
    assert list(kept.urgent(late)) == []
    kept.written("h", Change(), late)
    assert list(kept.urgent(START)) == []


def test_a_letter_that_was_sent_by_another_replica_is_not_kept() -> None:
    kept = Backlog()
    kept.written("h", opening(letter("x"), letter("y")), START)
    kept.seen([replace(letter("x"), state=Delivery.SENT), letter("y")])
    assert [one.id for one, _ in kept.urgent(START)] == ["y"]


def test_a_letter_that_is_stored_is_known_as_what_became_of_it() -> None:
    kept = Backlog()
    kept.written("h", opening(letter("x")), START)
    kept.became(replace(letter("x"), state=Delivery.SENDING))
    assert kept.known(letter("x")).state is Delivery.SENDING
    kept.became(replace(letter("x"), state=Delivery.SENT, sent_at=LATER))
    assert kept.known(letter("x")) == replace(letter("x"), state=Delivery.SENT, sent_at=LATER)


def test_what_is_dropped_is_not_sent_any_more_and_can_be_told_in_words() -> None:
    owed = owing(opening(letter("x")))
    lost = list(owed.lost(["h"]))
    assert [(one["incident"], one["letters"]) for one in lost] == [
        ("a", ["problem to team@hotel.example: pending"])
    ]
    owed.drop("h")
    assert not owed.holds(letter("x"))
    assert list(owed.urgent(START)) == []


def test_there_is_room_for_so_many_letters_and_for_twice_as_many_of_emergencies() -> None:
    mild, worst = incident("m", key="m", hotel="h"), grave()
    owed = Backlog()
    assert not owed.mute(mild)
    owed.add("h", opening(*(letter(str(number)) for number in range(MOST_LETTERS))))
    assert owed.mute(mild)
    assert not owed.mute(worst)
    owed.add("h", opening(*(letter(f"more{number}") for number in range(MOST_LETTERS))))
    assert owed.mute(worst)


def test_there_is_room_for_so_many_lines() -> None:
    lines = tuple(Event("a", START, "note", str(number)) for number in range(MOST_EVENTS))
    owed = owing(Change((grave(),), events=lines), opening(letter("x")))
    change = owed.change("h", LATER)
    assert len(change.events) == MOST_EVENTS
    assert list(states(change)) == ["x"]
