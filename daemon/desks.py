"""Settings -> what letters need: a desk a hotel, the correspondent, and the ways to deliver."""

from collections.abc import Mapping

from alerts.correspondence import Correspondent, HotelDesk
from alerts.escalation import Contact
from alerts.message import Renderer, Vendor
from alerts.notification import MAIL
from alerts.notifiers.email import MailRoute
from alerts.outbox import Deliver
from daemon.settings import Hotel, Integration, Settings


def desks(settings: Settings) -> Mapping[str, HotelDesk]:
    """Return a desk for each hotel, by its id."""
    return {hotel.id: _desk(hotel) for hotel in settings.hotels}


def correspondent(settings: Settings, renderer: Renderer) -> Correspondent | None:
    """Return who writes letters, or None when no mail is configured."""
    if settings.mail is None:
        return None
    return Correspondent(settings.mail.from_, renderer, settings.web.public_url)


def channels(settings: Settings) -> dict[str, Deliver]:
    """Return how notifications are delivered, by channel."""
    if settings.mail is None:
        return {}
    return {MAIL: MailRoute(settings.mail.relays, settings.mail.from_)}


def _desk(hotel: Hotel) -> HotelDesk:
    contacts = tuple(
        Contact(str(level.level), level.role, tuple(level.email), level.phone)
        for level in hotel.escalation.levels
    )
    named = hotel.integrations
    return HotelDesk(
        id=hotel.id,
        name=hotel.name,
        timezone=hotel.timezone,
        contacts=contacts,
        kinds={name: one.kind for name, one in named.items()},
        vendors={name: vendor for name, one in named.items() if (vendor := _vendor(one))},
        docs={name: one.docs_url for name, one in named.items() if one.docs_url},
    )


def _vendor(integration: Integration) -> Vendor | None:
    vendor = integration.vendor
    if vendor is None:
        return None
    return Vendor(vendor.support, vendor.phone, vendor.account, vendor.status_url)
