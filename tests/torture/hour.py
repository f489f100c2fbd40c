"""An hour without a relay, by a clock moved by hand, several times over."""

from pathlib import Path

from tests.support.process import free_port
from tests.support.smtp import Authority
from tests.support.torture_audit import Evidence, audit
from tests.support.torture_hour import STAFF, desk
from tests.support.torture_relay import relay
from tests.support.torture_state import picture
from tests.torture.outcome import Outcome, Say

HOUR, AFTER, TIMES = 3600, 600, 5


async def without_relay(directory: Path, seed: int, say: Say) -> Outcome:
    """Let the relay be away for an hour, again and again, each time with another history."""
    letters, kept, wrong = 0, 0, list[str]()
    for number in range(TIMES):
        place = directory / str(number)
        place.mkdir()
        port, authority = free_port(), Authority()
        async with desk(place, port, authority, seed + number) as one:
            await one.work(HOUR, turning=True)
            async with relay(None, authority.server(), ports=[port]) as post:
                one.heal()
                await one.work(AFTER, turning=False)
        found = await picture(f"sqlite:///{place}/state.db")
        verdict = audit(Evidence(found, post.kept, (), {"h": STAFF.first}))
        letters += verdict.figures["letters"]
        kept += verdict.figures["kept by the relays"]
        wrong += [
            *verdict.wrong,
            *(f"{one.message_id} was given up" for one in found.letters if one.state == "dead"),
        ]
        say(f"{number + 1} of {TIMES} hours are over")
    figures = {"hours": TIMES, "letters": letters, "kept by the relays": kept, "wrong": len(wrong)}
    sentence = (
        f"{letters:,} letters were written in {TIMES} hours without a relay; after each all that were "
        f"still wanted, {kept:,}, arrived once and in order, and none was given up."
    )
    return Outcome(figures, [] if wrong else [sentence], wrong)
