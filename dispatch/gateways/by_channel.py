"""The ways out of each channel: its gateways with their transports, which live as long as the
process."""

from collections.abc import Collection, Iterator
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
    """Those of a channel, at least one, in the order of the settings. `others` are the names of its
    gateways that do not take what these are for."""

    def __init__(self, *ways: WayOut, others: Collection[str] = ()) -> None:
        self.first = ways[0]
        self._others = tuple(others)
        self.channel = self.first.transport.channel
        self._by_name = {way.gateway: way for way in ways}

    def __iter__(self) -> Iterator[WayOut]:
        return iter(self._by_name.values())

    @property
    def are_several(self) -> bool:
        """Of the channel: the trouble of one need not be the channel's."""
        return len(self._by_name) + len(self._others) > 1

    @property
    def can_take_over(self) -> bool:
        """Whether what one of these does not take may be another's."""
        return len(self._by_name) > 1

    def beside(self, gateway: str) -> list[str]:
        """All other gateways of the channel."""
        return [name for name in (*self._by_name, *self._others) if name != gateway]

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
    gateways = configured.gateways(NotificationChannel.EMAIL)
    found = [
        WayOut(one.name, transport, one.weight)
        for one in gateways
        if (transport := one.transport_with_files()) is not None
    ]
    if not found:
        raise NoWayOut("no gateway for e-mails with attachments")
    names = {way.gateway for way in found}
    return WaysOut(*found, others=[one.name for one in gateways if one.name not in names])


class NoWayOut(Exception):
    """No gateway takes messages of this kind."""
