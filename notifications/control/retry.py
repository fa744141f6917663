"""Retries at once what waits: orders that back off, notifications that wait for another try."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Case, F, Value, When
from django.db.models.functions import Least

from notifications import ready
from notifications.models import Notification
from orders import ready as due
from orders.models import Order, SendingTimePolicy
from runtime.database.locking import lock


def process_now(order_ids: Collection[UUID], *, now: datetime) -> set[UUID]:
    """Let the next run take those whose requested time has come; returns which had to wait.

    An order whose worker died is taken from it: should the worker live after all, it finds its
    lease gone and writes nothing. Failed tries stay counted, so that an order that kills its
    workers is still given up in the end.
    """
    with transaction.atomic():
        ids = lock(Order.objects.waiting_for_retry(now=now), order_ids)
        Order.objects.filter(pk__any_of=ids).update(next_attempt_at=now, lease_token=None)
        due.tell_of_some()
    return set(ids)


def send_now(
    notification_ids: Collection[UUID], *, ignore_window: bool = False, now: datetime
) -> set[UUID]:
    """Let the next run take those that wait; returns which had to.

    What is being sent is never touched, however long it takes: only its lease keeps it from being
    sent twice, and the sweeper returns it when that has lapsed. Without `ignore_window` a
    notification of the daytime goes on waiting for the day; with it, for nothing.
    """
    waiting = Notification.objects.kept_waiting(ignore_window=ignore_window, now=now)
    in_daytime = SendingTimePolicy.ANYTIME if ignore_window else SendingTimePolicy.DAYTIME
    policy = Case(
        When(policy=SendingTimePolicy.DAYTIME, then=Value(in_daytime)), default=F("policy")
    )
    with transaction.atomic():
        ids = lock(waiting, notification_ids)
        Notification.objects.filter(pk__any_of=ids).update(
            next_attempt_at=Least("next_attempt_at", now),
            policy=policy,
        )
        ready.tell_of_some()
    return set(ids)
