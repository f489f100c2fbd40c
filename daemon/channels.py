"""Settings -> the channels besides e-mail: which hear of everything, in which words, and by which way."""

from collections.abc import Mapping

from alerts.channel_options import AlertmanagerChannel, AppriseChannel, WebhookChannel
from alerts.correspondence import Voice
from alerts.drill_letter import DrillVoice, apprise_voice, webhook_voice
from alerts.notifiers import alertmanager, apprise, webhook
from alerts.notifiers.reaching import Resolve
from alerts.outbox import Deliver
from checks.values import Options
from daemon import __version__
from daemon.settings import Settings

AGENT = f"nightporter/{__version__}"

VOICES: Mapping[type[Options], Voice] = {
    WebhookChannel: webhook.render,
    AlertmanagerChannel: alertmanager.render,
    AppriseChannel: apprise.render,
}

DRILL_VOICES: Mapping[type[Options], DrillVoice] = {
    WebhookChannel: webhook_voice,
    AppriseChannel: apprise_voice,
}
"""An Alertmanager has none: it routes by labels, and would page for what no route of its knows."""


def listeners(settings: Settings) -> tuple[str, ...]:
    """Return the channels that no level of any hotel names: they hear of everything."""
    levels = (level for hotel in settings.hotels for level in hotel.escalation.levels)
    named = {name for level in levels for name in level.channels}
    return tuple(name for name in settings.channels if name not in named)


def voices(settings: Settings) -> dict[str, Voice]:
    """Return how messages are written, by channel."""
    return {name: VOICES[type(options)] for name, options in settings.channels.items()}


def drill_voices(settings: Settings) -> dict[str, DrillVoice]:
    """Return how drills are written, by the channels that can carry one."""
    found = ((name, DRILL_VOICES.get(type(options))) for name, options in settings.channels.items())
    return {name: voice for name, voice in found if voice is not None}


def routes(settings: Settings, resolve: Resolve) -> dict[str, Deliver]:
    """Return how messages are delivered, by channel."""
    return {name: _route(options, resolve) for name, options in settings.channels.items()}


def _route(options: Options, resolve: Resolve) -> Deliver:
    match options:
        case WebhookChannel():
            return webhook.Webhook(options, resolve, AGENT)
        case AlertmanagerChannel():
            return alertmanager.Alertmanager(options, resolve, AGENT)
        case AppriseChannel():
            return apprise.AppriseRoute(options)
    raise TypeError(f"no channel has options of {type(options).__name__}")
