"""The way out of each channel, as the settings have it."""

from functools import cache

from dispatch.gateways.base import Transport
from dispatch.gateways.email.composed import ComposedEmail
from dispatch.gateways.email.transport import Email
from dispatch.gateways.link_mobility.transport import LinkMobility
from notifications.models import NotificationChannel


@cache
def transport_for(channel: NotificationChannel) -> Transport:
    """The channel's transport as the settings have it; the same one throughout the process."""
    match channel:
        case NotificationChannel.SMS:
            return LinkMobility.from_settings()
        case NotificationChannel.EMAIL:
            return Email.from_settings()


@cache
def composed_transport() -> Transport:
    """The way out for e-mails with attachments."""
    return ComposedEmail.from_settings()
