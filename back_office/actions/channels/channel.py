"""A channel where other actions have a row of a table."""

from dataclasses import dataclass

from notifications.models import NotificationChannel


@dataclass(frozen=True, slots=True)
class ChannelRow:
    pk: str
    is_paused: bool = False

    def __str__(self) -> str:
        return str(NotificationChannel(self.pk).label)
