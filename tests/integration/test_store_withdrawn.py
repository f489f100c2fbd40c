"""Letters that are withdrawn: what waits never goes out, what is on its way does not a second time."""

from dataclasses import replace

from alerts.change import Change
from alerts.notification import Delivery, Kind, Notification
from daemon.store import Store
from tests.support.stored import forsaken, notification, opened, opening

ESCALATION = notification("step", kind=Kind.ESCALATION)
IN_OTHER_WORDS = replace(ESCALATION, message=b"Subject: y\r\n\r\nlater\r\n", created_at=ESCALATION.due_at)


async def only(store: Store) -> Notification:
    (found,) = await store.notifications_of("a", 1)
    return found


async def test_what_was_cancelled_before_it_went_out_can_be_written_anew(address: str) -> None:
    async with opened(address) as store:
        await store.commit(opening(ESCALATION))
        await store.commit(Change(cancelled=("step",)))
        assert await store.claim(9) == []
        await store.commit(Change(notifications=(IN_OTHER_WORDS,)))
        (claim,) = await store.claim(9)
        assert claim.notification.message == IN_OTHER_WORDS.message
        assert await store.sent(claim)


async def test_what_was_sent_or_superseded_is_never_written_anew(address: str) -> None:
    letters = (ESCALATION, notification("old", recipient="b@hotel.example"))
    async with opened(address) as store:
        await store.commit(opening(*letters))
        await store.commit(Change(superseded=("old",)))
        (claim,) = await store.claim(9)
        assert await store.sent(claim)
        await store.commit(Change(notifications=letters))
        await store.commit(Change(cancelled=("step", "old"), notifications=letters))
        states = {one.id: one.state for one in await store.notifications_of("a", 1)}
        assert states == {"step": Delivery.SENT, "old": Delivery.SUPERSEDED}


async def test_what_may_have_been_delivered_is_finished_in_the_same_words(address: str) -> None:
    async with opened(address) as store:
        await store.commit(opening(ESCALATION))
        (claim,) = await store.claim(9)
        await store.journal(claim, "data")
        await store.retry(claim, ESCALATION.due_at, "connect: lost")
        await store.commit(Change(cancelled=("step",)))
        await store.commit(Change(notifications=(IN_OTHER_WORDS,)))
        (claim,) = await store.claim(9)
        assert claim.notification.message == ESCALATION.message


async def test_what_is_wanted_again_while_it_is_on_its_way_is_not_withdrawn(address: str) -> None:
    async with opened(address) as store:
        await store.commit(opening(ESCALATION))
        (claim,) = await store.claim(9)
        await store.commit(Change(cancelled=("step",)))
        await store.commit(Change(notifications=(IN_OTHER_WORDS,)))
        await store.retry(claim, ESCALATION.due_at, "connect: refused")
        assert (await only(store)).state is Delivery.PENDING


async def test_a_withdrawn_letter_whose_claim_runs_out_is_not_sent_again(address: str) -> None:
    async with opened(address) as store:
        await store.commit(opening(ESCALATION))
        await store.claim(9)
        await store.commit(Change(superseded=("step",)))
        await forsaken(store)
        assert await store.claim(9) == []
        assert (await only(store)).state is Delivery.SUPERSEDED


async def test_a_problem_mail_whose_claim_runs_out_after_the_end_is_not_sent_again(address: str) -> None:
    async with opened(address) as store:
        await store.commit(opening(notification("problem")))
        await store.claim(9)
        await store.commit(Change(notifications=(notification("resolved", kind=Kind.RESOLVED),)))
        await forsaken(store)
        (claim,) = await store.claim(9)
        assert claim.notification.id == "resolved"
