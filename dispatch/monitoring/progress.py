"""How far an order has come, counted for machines, and what it waits for where it waits."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from dispatch.models import ChannelPause
from notifications import send_window
from notifications.models import SUCCEEDED, NotificationChannel, NotificationStatus
from orders.models import Creator, Order, OrderStatus, SendingTimePolicy
from orders.models.order_status import ENDED, WAITING
from runtime.database import sql


class Reason(StrEnum):
    """What an order may wait for."""

    SCHEDULED = "Scheduled"
    SEND_CONDITION = "SendCondition"
    SEND_WINDOW = "SendWindow"
    CHANNEL_PAUSED = "ChannelPaused"
    HELD = "Held"
    RETRY = "Retry"
    DELIVERY_REPORT = "DeliveryReport"


@dataclass(frozen=True, slots=True)
class Wait:
    """`until` is when it goes on at the latest, as far as is known: None for what a person ends.
    A channel is named where the order goes on with others."""

    reason: Reason
    until: datetime | None
    channel: NotificationChannel | None = None


class Group(NamedTuple):
    """The notifications of an order that are alike: how many, when the first of them may be
    tried next, and when the last expires."""

    channel: NotificationChannel
    status: NotificationStatus
    policy: SendingTimePolicy
    is_held: bool
    is_open: bool
    size: int
    simulated: int
    next_attempt_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Progress:
    """Counts of an order's notifications, re-sent ones among them. Where it `is_final` nothing more
    happens, unless staff send again or a report knows better."""

    order: Order
    is_final: bool
    by_status: Mapping[NotificationChannel, Mapping[NotificationStatus, int]]
    under_way: int
    succeeded: int
    failed: int
    simulated: int
    waits: Wait | None


def of_order(*, creator: Creator, order_id: UUID, now: datetime) -> Progress | None:
    """None where the creator has no such order; that somebody else has one is never told.

    Three queries, of which one counts the order's notifications. The order is read first: one that
    is told to be final has all its notifications counted as such.
    """
    order = Order.objects.of_creator(creator).filter(pk=order_id).first()
    if order is None:
        return None
    groups = [_group(*row) for row in sql.rows(_GROUPS, order=order_id)]
    by_status: dict[NotificationChannel, Counter[NotificationStatus]] = {}
    for group in groups:
        by_status.setdefault(group.channel, Counter())[group.status] += group.size
    ended = [group for group in groups if not group.is_open]
    succeeded = sum(group.size for group in ended if group.status in SUCCEEDED)
    return Progress(
        order,
        is_final=order.status in ENDED,
        by_status=by_status,
        under_way=sum(group.size for group in groups if group.is_open),
        succeeded=succeeded,
        failed=sum(group.size for group in ended) - succeeded,
        simulated=sum(group.simulated for group in groups),
        waits=_waits(order, groups, now=now),
    )


def _group(
    channel: str,
    status: str,
    policy: str,
    is_held: bool,
    is_open: bool,
    size: int,
    simulated: int,
    next_attempt_at: datetime,
    expires_at: datetime | None,
) -> Group:
    return Group(
        NotificationChannel(channel),
        NotificationStatus(status),
        SendingTimePolicy(policy),
        is_held,
        is_open,
        size,
        simulated,
        next_attempt_at,
        expires_at,
    )


def _waits(order: Order, groups: Iterable[Group], *, now: datetime) -> Wait | None:
    """None for what is over, and for what a worker is busy with or will be at any moment."""
    if order.status in ENDED:
        return None
    if order.held_at is not None:
        return Wait(Reason.HELD, None)
    if order.status in WAITING:
        return _waits_for_processing(order, now=now)
    pauses = _pauses(now)
    waits: list[Wait] = []
    for group in groups:
        if group.is_open:
            wait = _waits_of(group, pauses, now=now)
            if wait is None:
                return None
            waits.append(wait)
    # The one that ends first; what a person ends comes last.
    return min(waits, key=lambda wait: (wait.until is None, wait.until or now), default=None)


def _waits_for_processing(order: Order, *, now: datetime) -> Wait | None:
    if order.status == OrderStatus.REGISTERED and order.requested_send_time > now:
        return Wait(Reason.SCHEDULED, order.requested_send_time)
    if order.next_attempt_at <= now:
        return None
    if order.awaits_condition and order.condition_asked_at is not None:
        return Wait(Reason.SEND_CONDITION, order.next_attempt_at)
    return Wait(Reason.RETRY, order.next_attempt_at) if order.attempts else None


def _pauses(now: datetime) -> dict[NotificationChannel, ChannelPause]:
    """The one of each channel that lasts longest."""
    pauses = ChannelPause.objects.in_force(now=now).order_by("until")
    return {NotificationChannel(pause.channel): pause for pause in pauses}


def _waits_of(
    group: Group, pauses: Mapping[NotificationChannel, ChannelPause], *, now: datetime
) -> Wait | None:
    channel = group.channel
    if group.status == NotificationStatus.SENDING:
        return None
    if group.status != NotificationStatus.NEW:
        return Wait(Reason.DELIVERY_REPORT, group.expires_at, channel)
    if group.is_held:
        return Wait(Reason.HELD, None, channel)
    if pause := pauses.get(channel):
        until = None if pause.has_no_end(now=now) else max(pause.until, now)
        return Wait(Reason.CHANNEL_PAUSED, until, channel)
    opens = send_window.earliest(group.policy, now)
    if opens > now:
        return Wait(Reason.SEND_WINDOW, opens, channel)
    if group.next_attempt_at > now:
        return Wait(Reason.RETRY, group.next_attempt_at, channel)
    return None


# As a range, since by `order_id = ...` the planner may walk another index where its statistics know
# a few large orders only.
_GROUPS = """
SELECT channel, status, policy, is_held, finished_at IS NULL, count(*),
    count(*) FILTER (WHERE is_simulated), min(next_attempt_at), max(expires_at)
FROM notifications_notification
WHERE order_id >= %(order)s AND order_id <= %(order)s
GROUP BY 1, 2, 3, 4, 5
"""
