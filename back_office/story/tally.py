"""How the notifications of orders are doing: delivered, failed, on their way, waiting."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from django.db import connection

from back_office.story.stats import Steps
from back_office.wording import labels
from back_office.wording.labels import Group

MAX_COUNTED = 1_000
"""In a list: of an order with more only that is told."""
_SHOWN = (Group.DELIVERED, Group.FAILED, Group.ON_ITS_WAY, Group.WAITING)


@dataclass(frozen=True, slots=True)
class Tally:
    """`counts` are those above zero; empty where there are more than MAX_COUNTED in a list."""

    total: int
    counts: tuple[tuple[Group, int], ...]

    @classmethod
    def of_steps(cls, steps: Iterable[Steps]) -> Self:
        """Of all notifications of one order."""
        counts = Counter[Group]()
        for one in steps:
            counts[labels.group(one.status, finished=one.finished)] += one.count
        return cls._of(counts)

    @classmethod
    def _of(cls, counts: Counter[Group]) -> Self:
        return cls(counts.total(), tuple((one, counts[one]) for one in _SHOWN if counts[one]))

    @property
    def is_too_many(self) -> bool:
        return self.total > 0 and not self.counts

    @property
    def all_failed(self) -> bool:
        return [group for group, _count in self.counts] == [Group.FAILED]


def of_orders(order_ids: Collection[UUID]) -> dict[UUID, Tally]:
    """In one query. Reads at most MAX_COUNTED notifications of each order and one more, which stand
    beside each other, as an order is expanded at once."""
    with connection.cursor() as cursor:
        cursor.execute(_STATUSES, {"ids": list(order_ids), "most": MAX_COUNTED + 1})
        rows: list[tuple[UUID, str, bool, int]] = cursor.fetchall()
    counts: dict[UUID, Counter[Group]] = {one: Counter() for one in order_ids}
    for order_id, status, finished, count in rows:
        counts[order_id][labels.group(status, finished=finished)] += count
    return {
        order_id: Tally(MAX_COUNTED + 1, ()) if count.total() > MAX_COUNTED else Tally._of(count)
        for order_id, count in counts.items()
    }


_STATUSES = """
SELECT ordered.id, its.status, its.finished, count(*)
FROM unnest(%(ids)s::uuid[]) AS ordered (id)
CROSS JOIN LATERAL (
    SELECT status, finished_at IS NOT NULL AS finished
    FROM notifications_notification WHERE order_id = ordered.id LIMIT %(most)s
) AS its
GROUP BY ordered.id, its.status, its.finished
"""
