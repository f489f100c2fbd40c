"""Settings -> what letters need: a desk a hotel, the correspondent, and the ways to deliver."""

import shlex
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path

from alerts import options, silence
from alerts.ack_link import AckLinks
from alerts.bounce import BounceAddresses
from alerts.calendar import office_hours
from alerts.correspondence import Correspondent, HotelDesk
from alerts.drill_writing import DrillWriter
from alerts.message import Renderer, Vendor
from alerts.notification import MAIL
from alerts.notifiers.email import MailRoute, Tempo
from alerts.notifiers.reaching import Resolve
from alerts.outbox import Deliver
from alerts.policy import LevelPolicy, Policy
from daemon import DEFAULT_CONFIGURATION
from daemon.channels import drill_voices, listeners, routes, voices
from daemon.logs import Redactor
from daemon.settings import Hotel, Integration, Settings


def desks(settings: Settings) -> Mapping[str, HotelDesk]:
    """Return a desk for each hotel, by its id."""
    redact = Redactor(settings.secrets)
    return {hotel.id: _desk(hotel, settings, redact) for hotel in settings.hotels}


def correspondent(settings: Settings, renderer: Renderer, key: bytes) -> Correspondent | None:
    """Return who writes letters, or None when none can be sent. `key` signs links to acknowledge."""
    if settings.mail is None and not settings.channels:
        return None
    public_url = Redactor(settings.secrets)(settings.web.public_url or "") or None
    links = AckLinks(key, public_url) if public_url else None
    link, drill_link = (links.address, links.drill_address) if links else (None, None)
    sender, command = settings.mail.from_ if settings.mail else "", _command(settings.file)
    drills = DrillWriter(sender, renderer, drill_voices(settings), public_url, drill_link, command)
    return Correspondent(sender, renderer, public_url, link, command, voices(settings), drills)


def _command(configuration: Path) -> str:
    """Return how the porter is called where its configuration does not lie in the usual place."""
    if str(configuration) == DEFAULT_CONFIGURATION:
        return "nightporter"
    return f"nightporter --config {shlex.quote(str(configuration.absolute()))}"


def bounce_addresses(settings: Settings, key: bytes) -> BounceAddresses | None:
    """Return the addresses to which mail comes back, None where it is not taken in. `key` signs them."""
    found = settings.mail.bounces if settings.mail else None
    return BounceAddresses(key, found.address) if found else None


def channels(
    settings: Settings, resolve: Resolve, tempo: Tempo, bounces: BounceAddresses | None
) -> dict[str, Deliver]:
    """Return how notifications are delivered, by channel."""
    found = routes(settings, resolve)
    if settings.mail is not None:
        sender = settings.mail.from_
        found[MAIL] = MailRoute(settings.mail.relays, sender, resolve, tempo, bounces=bounces)
    return found


def silences(settings: Settings) -> tuple[silence.Silence, ...]:
    """Return the silences that are planned in the configuration."""
    return tuple(silence.configured(one, number) for number, one in enumerate(settings.silences, 1))


def policy_of(hotel: Hotel, settings: Settings) -> Policy:
    """Return a hotel's policy of escalation."""
    found = hotel.escalation
    return Policy(
        levels=tuple(_levels(hotel)),
        front_desk=found.front_desk.email if found.front_desk else (),
        after_level_2=timedelta(seconds=found.after.level_2),
        after_level_3=timedelta(seconds=found.after.level_3),
        persistent_after=timedelta(seconds=found.persistent_after),
        reopened_times=found.reopened.times,
        reopened_within=timedelta(seconds=found.reopened.within),
        multiple=found.multiple_integrations,
        remind_every=timedelta(seconds=found.remind_every),
        channels=listeners(settings),
    )


def _levels(hotel: Hotel) -> Iterator[LevelPolicy]:
    for level in sorted(hotel.escalation.levels, key=_number):
        yield LevelPolicy(
            str(level.level),
            level.role,
            tuple(dict.fromkeys(level.email)),
            level.phone,
            office_hours(level.hours, hotel.timezone),
            level.channels,
        )


def _number(level: options.Level) -> int:
    return level.level


def _desk(hotel: Hotel, settings: Settings, redact: Callable[[str], str]) -> HotelDesk:
    named = {**hotel.integrations, **hotel.own_side}
    return HotelDesk(
        id=hotel.id,
        name=hotel.name,
        timezone=hotel.timezone,
        policy=policy_of(hotel, settings),
        kinds={name: one.kind for name, one in named.items()},
        vendors={name: vendor for name, one in named.items() if (vendor := _vendor(one, redact))},
        docs={name: redact(one.docs_url) for name, one in named.items() if one.docs_url},
    )


def _vendor(integration: Integration, redact: Callable[[str], str]) -> Vendor | None:
    vendor = integration.vendor
    if vendor is None:
        return None
    return Vendor(vendor.support, vendor.phone, vendor.account, redact(vendor.status_url or "") or None)
