"""The way out of each channel, as its gateway has it."""

from functools import cache

from dispatch.gateways import configured
from dispatch.gateways.base import Transport
from notifications.models import NotificationChannel


@cache
def transport_for(channel: NotificationChannel) -> Transport:
    """The channel's transport as the settings have it; the same one throughout the process."""
    [gateway] = configured.gateways(channel)
    return gateway.transport()


@cache
def composed_transport() -> Transport:
    """The way out for e-mails with attachments."""
    [gateway] = configured.gateways(NotificationChannel.EMAIL)
    transport = gateway.transport_with_files()
    if transport is None:
        raise NoWayOut("no gateway for e-mails with attachments")
    return transport


class NoWayOut(Exception):
    """No gateway takes messages of this kind."""
