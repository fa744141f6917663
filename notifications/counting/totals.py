"""What one hour adds to the daily counts, and the difference between two counts of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from notifications.models import HISTOGRAM_CLASSES, NotificationStatus


class Key(NamedTuple):
    """The row of the daily counts; the day in ISO 8601."""

    day: str
    creator_id: int
    channel: str
    status: str


class OrderKey(NamedTuple):
    day: str
    creator_id: int


Change = dict[str, object]
"""What to add to a row, by its columns."""
SomeKey = TypeVar("SomeKey", bound=Key | OrderKey)

# Numbers of a row: notifications, segments, the two histograms one behind the other, and then what
# an hour that was counted by an older version has added nothing to.
Numbers = tuple[int, ...]
_GATEWAY, _DELIVERY = 2, 2 + HISTOGRAM_CLASSES
_UNFINISHED = 2 + 2 * HISTOGRAM_CLASSES
_SENT, _SENT_SEGMENTS = _UNFINISHED + 1, _UNFINISHED + 2
_NOTHING: Numbers = (0,) * (_SENT_SEGMENTS + 1)


@dataclass(slots=True)
class Totals:
    """`last_result_at` is when the latest of the finished ones got its status; `is_open` whether
    one is not finished yet."""

    notifications: dict[Key, list[int]] = field(default_factory=dict)
    orders: dict[OrderKey, int] = field(default_factory=dict)
    last_result_at: datetime | None = None
    is_open: bool = False

    def add(
        self,
        key: Key,
        *,
        count: int,
        segments: int,
        unfinished: int,
        to_gateway: int | None,
        to_delivery: int | None,
    ) -> None:
        """So many more; the last two are classes of the histograms. One whose report came before
        the answer to its sending was sent all the same."""
        numbers = self.notifications.setdefault(key, list(_NOTHING))
        numbers[0] += count
        numbers[1] += segments
        numbers[_UNFINISHED] += unfinished
        self.is_open |= unfinished > 0
        if to_gateway is not None:
            numbers[_GATEWAY + to_gateway] += count
        if to_delivery is not None:
            numbers[_DELIVERY + to_delivery] += count
        if to_gateway is not None or key.status == NotificationStatus.DELIVERED:
            numbers[_SENT] += count
            numbers[_SENT_SEGMENTS] += segments

    def as_json(self) -> dict[str, object]:
        return {
            "orders": [[*key, count] for key, count in self.orders.items()],
            "notifications": [[*key, *numbers] for key, numbers in self.notifications.items()],
        }

    @classmethod
    def of_json(cls, counts: Mapping[str, Any]) -> "Totals":
        """What `as_json` has written, of this version or an older one; nothing of an hour that was
        never counted."""
        return cls(
            notifications={
                Key(*row[:4]): [*row[4:], *_NOTHING[len(row) - 4 :]]
                for row in counts.get("notifications", ())
            },
            orders={OrderKey(*row[:2]): row[2] for row in counts.get("orders", ())},
        )

    def changes_since(self, before: "Totals") -> tuple[list[Change], list[Change]]:
        """What to add to the daily counts of notifications, and of orders: only what differs, in
        the order of the rows, so that two who count cannot wait for each other."""
        notifications = []
        for key in _in_order(self.notifications, before.notifications):
            new, old = (
                self.notifications.get(key, _NOTHING),
                before.notifications.get(key, _NOTHING),
            )
            change = [a - b for a, b in zip(new, old, strict=True)]
            if any(change):
                notifications.append(
                    key._asdict()
                    | {
                        "notifications": change[0],
                        "segments": change[1],
                        "to_gateway": change[_GATEWAY:_DELIVERY],
                        "to_delivery": change[_DELIVERY:_UNFINISHED],
                        "unfinished": change[_UNFINISHED],
                        "sent": change[_SENT],
                        "sent_segments": change[_SENT_SEGMENTS],
                    }
                )
        orders = []
        for order_key in _in_order(self.orders, before.orders):
            difference = self.orders.get(order_key, 0) - before.orders.get(order_key, 0)
            if difference:
                orders.append(order_key._asdict() | {"orders": difference})
        return notifications, orders


def _in_order(new: Iterable[SomeKey], old: Iterable[SomeKey]) -> list[SomeKey]:
    return sorted({*new, *old})
