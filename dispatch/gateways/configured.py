"""The gateways of each channel: those of the setting GATEWAYS, or the one that the settings for one
provider make."""

from collections.abc import Iterator, Mapping
from contextlib import suppress

from django.conf import settings
from django.utils.module_loading import import_string

from dispatch.gateways.gateway import Gateway
from dispatch.gateways.option import OPTIONS, PROVIDER, WEIGHT
from notifications.models import NotificationChannel

LINK_MOBILITY = "dispatch.gateways.link_mobility.gateway.LinkMobilityGateway"
DJANGO_MAIL = "dispatch.gateways.email.gateway.DjangoMail"

# By the settings for one provider: how its gateway is called, and which setting is which option.
_USUAL: Mapping[NotificationChannel, tuple[str, str, Mapping[str, str]]] = {
    NotificationChannel.SMS: (
        "link-mobility",
        LINK_MOBILITY,
        {
            "url": "SMS_GATEWAY_URL",
            "client": "SMS_GATEWAY_CLIENT",
            "password": "SMS_GATEWAY_PASSWORD",
            "reports_user": "SMS_REPORTS_USER",
            "reports_password": "SMS_REPORTS_PASSWORD",
            "reports_fallbacks": "SMS_REPORTS_PASSWORD_FALLBACKS",
        },
    ),
    NotificationChannel.EMAIL: (
        "mail",
        DJANGO_MAIL,
        {"url": "EMAIL_URL", "backend": "EMAIL_BACKEND", "reports_from": "EMAIL_REPORTS_FROM"},
    ),
}


def gateways(channel: NotificationChannel) -> tuple[Gateway, ...]:
    """In the order of the setting; at least one. Raises ImportError and AttributeError for a path
    that leads nowhere, which `config.checks` refuses in a sentence at start."""
    entries = settings.GATEWAYS.get(channel.value.lower())
    if not entries:
        return (_usual(channel),)
    return tuple(
        import_string(entry[PROVIDER])(name, entry.get(OPTIONS, {}), weight=entry.get(WEIGHT, 1))
        for name, entry in entries.items()
    )


def gateway(channel: NotificationChannel, name: str) -> Gateway:
    """Raises KeyError where the settings name none of this name (any more)."""
    return {one.name: one for one in gateways(channel)}[name]


def all_gateways() -> Iterator[Gateway]:
    """But those of a setting that cannot be: nothing starts with one, and checks say why."""
    for channel in NotificationChannel:
        with suppress(ImportError, AttributeError, KeyError, TypeError, ValueError):
            yield from gateways(channel)


def _usual(channel: NotificationChannel) -> Gateway:
    name, provider, names = _USUAL[channel]
    given = {option: getattr(settings, setting) for option, setting in names.items()}
    made: Gateway = import_string(provider)(name, given, folder="", settings=names)
    return made
