"""The ways out: one transport for each channel of messages."""

from functools import cache

from dispatch.transports.email import Email
from dispatch.transports.link_mobility import LinkMobility
from dispatch.transports.messages import Evidence, Message, Outcome, OutcomeKind, Transport
from notifications.models import MessageChannel

__all__ = ["Evidence", "Message", "Outcome", "OutcomeKind", "Transport", "transport_for"]


@cache
def transport_for(channel: MessageChannel) -> Transport:
    """The channel's transport as the settings have it; the same one throughout the process."""
    match channel:
        case MessageChannel.SMS:
            return LinkMobility.from_settings()
        case MessageChannel.EMAIL:
            return Email.from_settings()
