"""The bars of notifications sent per minute, drawn as SVG without a script."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from notifications.models import NotificationChannel

HEIGHT = 100
STEP = 10
BAR = 8
EVERY = 15
"""Minutes between the times written below the bars."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One channel's part of one minute's bar, in units of the drawing."""

    channel: NotificationChannel
    x: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Channels stand on each other; the highest bar fills the height."""

    minutes: Sequence[tuple[datetime, Counter[NotificationChannel]]]

    height = HEIGHT
    bar = BAR

    @property
    def width(self) -> int:
        return STEP * len(self.minutes)

    @property
    def total(self) -> int:
        return sum(count.total() for _, count in self.minutes)

    @property
    def most(self) -> int:
        return max((count.total() for _, count in self.minutes), default=0)

    @property
    def busiest(self) -> datetime:
        return max(self.minutes, key=lambda minute: minute[1].total())[0]

    def pieces(self) -> Iterator[Piece]:
        for number, (_, count) in enumerate(self.minutes):
            top = float(HEIGHT)
            for channel in NotificationChannel:
                if count[channel]:
                    height = round(HEIGHT * count[channel] / self.most, 2)
                    top -= height
                    yield Piece(channel, STEP * number, round(top, 2), height)

    def times(self) -> Iterator[datetime]:
        """To be written below, evenly spaced, the first and the last minute among them."""
        yield from (start for start, _ in self.minutes[::EVERY])
        yield self.minutes[-1][0]

    def rows(self) -> list[tuple[datetime, int, int]]:
        """The minutes in which something was sent, for those who read instead of looking."""
        return [
            (start, count[NotificationChannel.SMS], count[NotificationChannel.EMAIL])
            for start, count in reversed(self.minutes)
            if count
        ]
