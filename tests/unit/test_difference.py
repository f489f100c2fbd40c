"""What the timeline says of an incident that is otherwise than before."""

from dataclasses import replace

from alerts.difference import difference
from checks.result import Reason, State
from tests.support.letters import incident


def test_it_names_the_checks_that_joined_that_left_and_that_fail_otherwise() -> None:
    one = incident()
    known = one.breaches[0]
    other = replace(known, check=known.check._replace(check="rates"))
    said = f"{one.severity}: {one.title}"
    name = f"{known.check.integration}/{known.check.check}"
    assert difference(one, one) == said
    explained = "explained by incident id9, which is told of in its place"
    assert difference(one, replace(one, parent="id9")) == explained
    assert difference(one, replace(one, breaches=(*one.breaches, other))).endswith(
        f"; now also {known.check.integration}/rates"
    )
    assert f"; no longer {name}" in difference(one, replace(one, breaches=one.breaches[1:]))
    slower = replace(known, state=State.WARNING, reason=Reason.TIMEOUT)
    after = replace(one, breaches=(slower, *one.breaches[1:]))
    assert difference(one, after) == f"{said}; {name} is warning (timeout)"


def test_of_many_checks_some_are_named_and_the_rest_counted() -> None:
    one = incident()
    known = one.breaches[0]
    many = tuple(replace(known, check=known.check._replace(check=f"c{number}")) for number in range(8))
    assert difference(one, replace(one, breaches=(*one.breaches, *many))).endswith("/c4, 3 more")
