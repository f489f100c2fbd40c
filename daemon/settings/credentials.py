"""The register of credentials of a hotel: those of the house, and its own."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from alerts.credentials import Credential
from alerts.credentials_options import SECONDS, CredentialOptions
from daemon.settings.document import Document
from daemon.settings.plain import suggestion
from daemon.settings.problems import Steps

Credentials = Mapping[str, CredentialOptions]

ZONES = timedelta(days=1)
"""By how much the day of a hotel may be ahead of that of UTC."""


def over(house: Credentials, hotel: Credentials) -> Credentials:
    """Return the credentials of the house with everything the hotel says of them, and the hotel's own."""
    given = {
        name: house[name].model_copy(update={key: getattr(one, key) for key in one.model_fields_set})
        if name in house
        else one
        for name, one in hotel.items()
    }
    return {**house, **given}


def credentials_of(found: Credentials) -> tuple[Credential, ...]:
    """Return the register; what is incomplete is left out."""
    return tuple(
        Credential(
            id=name,
            title=one.title or name,
            owner=one.owner or "",
            integration=one.integration or "",
            created=one.created,
            expires=one.expires,
            rotate_every=None if one.rotate_every is None else int(one.rotate_every / SECONDS),
            note=one.note,
        )
        for name, one in found.items()
        if not list(_faults(one))
    )


def judge(
    written: Credentials,
    found: Credentials,
    integrations: Mapping[str, object] | None,
    document: Document,
    today: date,
) -> None:
    """Note what is wrong with the credentials that stand in a document; `found` is what comes of them.

    `integrations` are those of the hotel; None where there may be others. `today` is the day in UTC.
    """
    for name in written:
        here: Steps = ("credentials", name)
        for key, said in _faults(found[name]):
            document.complain((*here, key) if key in written[name].model_fields_set else here, said)
        created = written[name].created
        if created is not None and created > today + ZONES:
            # By a clock that may be wrong: no reason not to watch the hotel.
            document.warn((*here, "created"), f"{created} is still to come: it is the day it was made")
        integration = written[name].integration
        if integrations is not None and integration is not None and integration not in integrations:
            hint = suggestion(integration, integrations)
            document.complain((*here, "integration"), f"there is no integration {integration}{hint}")


def _faults(one: CredentialOptions) -> Iterator[tuple[str, str]]:
    if one.owner is None:
        yield "owner", "needs `owner`: who looks after it"
    if one.expires is None and one.rotate_every is None:
        yield "expires", "needs `expires` (a day), or `created` and `rotate_every` (such as 180d)"
    if one.rotate_every is not None and one.created is None:
        yield "rotate_every", "`rotate_every` needs `created`, the day it was made"
    if one.expires is not None and one.created is not None and one.expires < one.created:
        yield "expires", "lies before `created`"
