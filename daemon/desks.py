"""Settings -> what letters need: a desk a hotel, the correspondent, and the ways to deliver."""

from collections.abc import Callable, Mapping

from alerts.correspondence import Correspondent, HotelDesk
from alerts.escalation import Contact
from alerts.message import Renderer, Vendor
from alerts.notification import MAIL
from alerts.notifiers.email import MailRoute
from alerts.notifiers.reaching import Resolve
from alerts.outbox import Deliver
from daemon.logs import Redactor
from daemon.settings import Hotel, Integration, Settings


def desks(settings: Settings) -> Mapping[str, HotelDesk]:
    """Return a desk for each hotel, by its id."""
    redact = Redactor(settings.secrets)
    return {hotel.id: _desk(hotel, redact) for hotel in settings.hotels}


def correspondent(settings: Settings, renderer: Renderer) -> Correspondent | None:
    """Return who writes letters, or None when no mail is configured."""
    if settings.mail is None:
        return None
    redact = Redactor(settings.secrets)
    return Correspondent(settings.mail.from_, renderer, redact(settings.web.public_url or "") or None)


def channels(settings: Settings, resolve: Resolve) -> dict[str, Deliver]:
    """Return how notifications are delivered, by channel."""
    if settings.mail is None:
        return {}
    return {MAIL: MailRoute(settings.mail.relays, settings.mail.from_, resolve)}


def _desk(hotel: Hotel, redact: Callable[[str], str]) -> HotelDesk:
    contacts = tuple(
        Contact(str(level.level), level.role, tuple(level.email), level.phone)
        for level in hotel.escalation.levels
    )
    named = {**hotel.integrations, **hotel.own_side}
    return HotelDesk(
        id=hotel.id,
        name=hotel.name,
        timezone=hotel.timezone,
        contacts=contacts,
        kinds={name: one.kind for name, one in named.items()},
        vendors={name: vendor for name, one in named.items() if (vendor := _vendor(one, redact))},
        docs={name: redact(one.docs_url) for name, one in named.items() if one.docs_url},
    )


def _vendor(integration: Integration, redact: Callable[[str], str]) -> Vendor | None:
    vendor = integration.vendor
    if vendor is None:
        return None
    return Vendor(vendor.support, vendor.phone, vendor.account, redact(vendor.status_url or "") or None)
