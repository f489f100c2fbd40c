"""What the configuration says about channels besides e-mail."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, WithJsonSchema

from alerts import apprise_url
from checks.values import BaseUrl, HttpUrl, Options, Secret, TlsTrust

ALERTS = "/api/v2/alerts"
"""Where an Alertmanager takes alerts, behind its own address."""


def _network(value: object) -> object:
    try:
        return ip_network(value) if isinstance(value, str) else value
    except ValueError as error:
        raise ValueError("is not a range of addresses; write one such as 10.0.0.0/8 or fd00::/8") from error


def _apprise(value: SecretStr) -> SecretStr:
    apprise_url.opened(value.get_secret_value())
    return value


Network = Annotated[
    IPv4Network | IPv6Network,
    BeforeValidator(_network),
    WithJsonSchema({"type": "string", "examples": ["10.0.0.0/8"]}),
]


class WebhookChannel(TlsTrust):
    """Posts incidents, signed, to a URL, whose host name may lead to what is public or in `allow`."""

    type: Literal["webhook"] = Field(description="what it is")
    url: HttpUrl = Field(description="where incidents are posted as JSON")
    secret: Secret = Field(description="signs them: HMAC-SHA256 of the body in `X-Nightporter-Signature`")
    allow: tuple[Network, ...] = Field(
        (),
        description="ranges of addresses that are not public and that its host name may lead to all the same",
    )


def _alertmanager(value: str) -> str:
    if value.rstrip("/").endswith(ALERTS):
        raise ValueError(f"must be where Alertmanager is, without {ALERTS}: Night Porter puts that behind it")
    return value


class AlertmanagerChannel(TlsTrust):
    """Posts incidents to a Prometheus Alertmanager."""

    type: Literal["alertmanager"] = Field(description="what it is")
    url: Annotated[BaseUrl, AfterValidator(_alertmanager)] = Field(
        description=f"where Alertmanager is, without `{ALERTS}`"
    )


class AppriseChannel(TlsTrust):
    """Tells people over whatever Apprise can reach."""

    type: Literal["apprise"] = Field(description="what it is")
    url: Annotated[Secret, AfterValidator(_apprise)] = Field(
        description="an Apprise URL; needs `pip install 'nightporter[apprise]'`"
    )


CHANNELS: dict[str, type[Options]] = {
    "webhook": WebhookChannel,
    "alertmanager": AlertmanagerChannel,
    "apprise": AppriseChannel,
}
