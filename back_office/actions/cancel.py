"""Cancels orders that nobody has begun to process."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from back_office.audit import log
from back_office.audit.log import Actor, Why
from back_office.models import StaffAction
from orders import cancelling
from orders.models import Order


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Which orders are (or would be) cancelled, and how many were past that."""

    ids: Collection[UUID]
    others: int


def look_ahead(order_ids: Collection[UUID]) -> Cancelled:
    """What would be cancelled at this moment; nothing is written."""
    fitting = Order.objects.cancellable().filter(pk__any_of=order_ids)
    ids = set(fitting.values_list("pk", flat=True))
    return Cancelled(ids, len(set(order_ids)) - len(ids))


def cancel(order_ids: Collection[UUID], *, by: Actor, why: Why, now: datetime) -> Cancelled:
    """Cancel them however near their time; each has its line in the trail."""
    with transaction.atomic():
        ids = cancelling.cancel_by_staff(order_ids, now=now)
        log.record_each(
            StaffAction.What.CANCELLED,
            by=by,
            why=why,
            subject=StaffAction.Subject.ORDER,
            subject_ids=sorted(ids),
            now=now,
        )
    return Cancelled(ids, len(set(order_ids)) - len(ids))
