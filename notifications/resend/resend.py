"""Sends notifications once more: a new one is made for each, linked to the old."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from notifications import ready
from notifications.models import NotificationChannel
from notifications.resend import rows
from notifications.resend.eligibility import Old, Refusal, Terms, judge
from notifications.resend.rendering import New, render
from orders.models import Order, OrderStatus

BATCH = 1_000  # what the registers take in one call


@dataclass(frozen=True, slots=True)
class Planned:
    """A notification that would be made. `may_have_arrived` warns that the old one was taken by the
    gateway before it was given up, so the recipient may get it twice."""

    resend_of: UUID
    channel: NotificationChannel
    address: str
    may_have_arrived: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What resending would do, were it done at this moment."""

    planned: list[Planned] = field(default_factory=list)
    refused: dict[UUID, Refusal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Resent:
    """The notifications that were made, and the old ones for which none was."""

    ids: list[UUID] = field(default_factory=list)
    refused: dict[UUID, Refusal] = field(default_factory=dict)


def plan(notification_ids: Iterable[UUID], *, terms: Terms, now: datetime) -> Plan:
    """What `resend_in_batches` would make and refuse; nothing is written. Raises
    RegisterUnavailable."""
    chosen = set(notification_ids)
    whole = Plan()
    for batch in _batches(chosen):
        prepared = _prepare(batch, chosen=chosen, terms=terms, now=now)
        whole.refused.update(prepared.refused)
        for new in prepared.news:
            old = prepared.olds[new.resend_of]
            channel = NotificationChannel(old.channel)
            whole.planned.append(Planned(old.id, channel, new.address, old.may_have_arrived))
    return whole


def resend_in_batches(
    notification_ids: Iterable[UUID],
    *,
    terms: Terms,
    now: datetime,
    announce: Callable[[Sequence[UUID]], None] = lambda ids: None,
) -> Iterator[Resent]:
    """Each batch of up to 1,000 as it is done; whoever takes them can show how far it has come.

    Before a batch is written `announce` is told which of its notifications nothing speaks against
    so far. They are judged once more as it is written, but the registers are asked only once. A
    batch is written whole or not at all. Whoever was interrupted may simply begin again: what is
    resent already is refused. Raises RegisterUnavailable before anything of the batch is written.
    Not to be called in a transaction, which would be open while the registers are asked."""
    chosen = set(notification_ids)
    for batch in _batches(chosen):
        prepared = _prepare(batch, chosen=chosen, terms=terms, now=now)
        announce(sorted(new.resend_of for new in prepared.news))
        yield _write(prepared, chosen=chosen, terms=terms, now=now)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A batch, ready to be written."""

    olds: dict[UUID, Old]
    news: list[New]
    refused: dict[UUID, Refusal]


def _batches(chosen: Collection[UUID]) -> Iterator[list[UUID]]:
    ids = sorted(chosen)
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


def _prepare(
    ids: Sequence[UUID], *, chosen: Collection[UUID], terms: Terms, now: datetime
) -> _Prepared:
    """Judge, and look up whom nothing speaks against; the database waits for nobody meanwhile."""
    olds = rows.read(ids)
    orders = Order.objects.in_bulk({old.order_id for old in olds.values()})
    refused = _judge(olds, orders, chosen=chosen, terms=terms)
    refused |= dict.fromkeys(set(ids) - olds.keys(), Refusal.UNKNOWN)
    willing = [old for old in olds.values() if old.id not in refused]
    news, unreachable = render(willing, orders, terms=terms, now=now)
    return _Prepared(olds, news, refused | unreachable)


def _write(prepared: _Prepared, *, chosen: Collection[UUID], terms: Terms, now: datetime) -> Resent:
    """Judge again, now that nobody else can change what is judged, and insert.

    Whoever resends the same notifications, holds their orders or records their results waits for
    us, or we for them: of two clicks at the same moment the second finds what the first has made.
    """
    with transaction.atomic():
        olds = rows.read([new.resend_of for new in prepared.news], locked=True)
        order_ids = {old.order_id for old in olds.values()}
        to_lock = Order.objects.filter(pk__in=order_ids).order_by("pk")
        orders = {order.pk: order for order in to_lock.select_for_update(no_key=True)}
        refused = _judge(olds, orders, chosen=chosen, terms=terms)
        news = [new for new in prepared.news if new.resend_of not in refused]
        ids = rows.insert(news, now=now)
        reopened = {olds[new.resend_of].order_id for new in news}
        Order.objects.filter(pk__in=reopened, status=OrderStatus.COMPLETED).update(
            status=OrderStatus.PROCESSED, status_at=now
        )
        ready.tell_of(
            ((olds[new.resend_of].channel, olds[new.resend_of].policy) for new in news), now=now
        )
    return Resent(ids, prepared.refused | refused)


def _judge(
    olds: dict[UUID, Old],
    orders: dict[UUID, Order],
    *,
    chosen: Collection[UUID],
    terms: Terms,
) -> dict[UUID, Refusal]:
    later = rows.later(olds)
    verdicts = (
        (old.id, judge(old, orders[old.order_id], later=later[old.id], chosen=chosen, terms=terms))
        for old in olds.values()
    )
    return {key: refusal for key, refusal in verdicts if refusal is not None}
