"""The ways out of each channel: its gateways with their transports, which live as long as the
process."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from dispatch.gateways import configured
from dispatch.gateways.base import Transport
from notifications.models import NotificationChannel


@dataclass(frozen=True, slots=True)
class WayOut:
    """`weight` is how much it takes beside the others; one of none stands by for them."""

    gateway: str
    transport: Transport
    weight: int = 1


class WaysOut:
    """Those of a channel, at least one, in the order of the settings."""

    def __init__(self, *ways: WayOut) -> None:
        self.first = ways[0]
        self.channel = self.first.transport.channel
        self._by_name = {way.gateway: way for way in ways}

    def __iter__(self) -> Iterator[WayOut]:
        return iter(self._by_name.values())

    @property
    def are_several(self) -> bool:
        return len(self._by_name) > 1

    @property
    def names(self) -> list[str]:
        return list(self._by_name)

    def of(self, gateway: str) -> WayOut:
        """What was claimed for a gateway that is gone is for the first: only that of a process
        before can be."""
        return self._by_name.get(gateway, self.first)


@cache
def ways_out(channel: NotificationChannel) -> WaysOut:
    """As the settings have it; the same transports throughout the process."""
    return WaysOut(
        *(WayOut(one.name, one.transport(), one.weight) for one in configured.gateways(channel))
    )


@cache
def composed_ways_out() -> WaysOut:
    """For e-mails with attachments: of those gateways that take any."""
    found = [
        WayOut(one.name, transport, one.weight)
        for one in configured.gateways(NotificationChannel.EMAIL)
        if (transport := one.transport_with_files()) is not None
    ]
    if not found:
        raise NoWayOut("no gateway for e-mails with attachments")
    return WaysOut(*found)


def transport_for(channel: NotificationChannel) -> Transport:
    """That of the channel's first gateway."""
    return ways_out(channel).first.transport


class NoWayOut(Exception):
    """No gateway takes messages of this kind."""
