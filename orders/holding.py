"""Holds what a service owner orders from now on, each order from its placement on.

No order slips through between: it is placed before a hold begins, and then found by whoever looks
for what is under way afterwards, or it is held. Each placement takes a lock of its service owner,
shared with others, looks whether there is a hold, and keeps the lock until its commit (a trigger of
orders does it, so that no statement is added). Whoever begins or ends a hold waits for those under
way, and those that come meanwhile for it. A placement takes its idempotency id before, and nothing
after; so no two wait for each other.
"""

from datetime import datetime

from django.db import connection, transaction

from orders.models import Creator
from orders.models.order import PLACEMENT_LOCK


def hold_new_orders(creator: Creator, *, now: datetime) -> bool:
    """Says whether they were not held before. Holds nothing that was placed earlier."""
    return _set(creator, now)


def release_new_orders(creator: Creator) -> bool:
    """Says whether they were held before. What was placed meanwhile stays held."""
    return _set(creator, None)


def _set(creator: Creator, held_at: datetime | None) -> bool:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [PLACEMENT_LOCK, creator.pk])
        others = Creator.objects.filter(pk=creator.pk, new_orders_held_at__isnull=bool(held_at))
        return bool(others.update(new_orders_held_at=held_at))
