"""Past-due orders to notifications: look everybody up at once, expand batch by batch."""

import traceback
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.utils.translation import gettext_noop

from notifications.expansion import batches
from notifications.expansion.batches import Batch
from notifications.expansion.claims import DueOrder, back_off, claim_for_expansion, is_hopeless
from notifications.expansion.rendering import (
    FailedRows,
    OrderRenderer,
    Rows,
    needs_names,
    resource_of,
)
from orders.ready import DUE_ORDERS
from orders.traces import Stage, about, telling
from recipients import lookup, names
from recipients.lookup import ContactPoints
from recipients.names import Names
from recipients.registers import RegisterUnavailable
from runtime import clock
from runtime.database.away import is_about_the_data, is_away
from runtime.jobs import wake_ups

logger = structlog.get_logger(__name__)

ORDERS_PER_TURN = 1_000
STAGE = "process"

GIVEN_UP = "The order could not be processed within {hours} hours. {reason}"
DIED = gettext_noop("Whoever processed it ended in the middle of it, over and over.")


def process_past_due_orders(*, now: datetime) -> int:
    """One turn: claim due orders, expand a batch of each; returns how many orders were claimed.

    Call again while it returns orders. Orders take turns, so that a large one delays nobody.
    """
    lease = claim_for_expansion(now=now, limit=ORDERS_PER_TURN)
    if not lease.orders:
        return 0
    if len(lease.orders) == ORDERS_PER_TURN:
        wake_ups.now(DUE_ORDERS)  # there may be more than this process takes at once
    stopped, hopeless, ready = [], [], []
    for batch in batches.read(lease.orders):
        if batch.order.stopped_at is not None:
            stopped.append(batch)
        elif is_hopeless(batch.order, now=now):
            hopeless.append(batch)
        else:
            ready.append(batch)
    if hopeless:
        for batch in hopeless:
            logger.error("An order is given up", **about([batch.order.traced]))
    isolating(end, [*stopped, *hopeless], token=lease.token, now=now)
    expand(ready, token=lease.token, now=now)
    tell([*stopped, *hopeless, *ready], now=now)
    return len(lease.orders)


def tell(on: Sequence[Batch], *, now: datetime) -> None:
    """One line of the log a turn, and the stage of each order."""
    recipients = sum(len(batch.recipients) for batch in on)
    of = about(batch.order.traced for batch in on)
    logger.info("Orders were processed", recipients=recipients, **of)
    if telling.sink is not None:
        ended = clock.as_known()
        telling.sink(
            [
                Stage(STAGE, one.order.traced, now, ended, {"recipients": len(one.recipients)})
                for one in on
            ]
        )


def expand(on: Sequence[Batch], *, token: UUID, now: datetime) -> None:
    """Look up everybody, then write the notifications: the registers are asked once, however often
    a write has to be tried."""
    rendered = isolating(render, on, token=token, now=now)
    isolating(write, rendered, token=token, now=now)


class Step(Protocol):
    """What is done to the batches of a turn; returns those that go on to the next step."""

    def __call__(self, on: Sequence[Batch], *, token: UUID, now: datetime) -> list[Batch]: ...


def isolating(step: Step, on: Sequence[Batch], *, token: UUID, now: datetime) -> list[Batch]:
    """Take the step with all batches together; where it fails, halve them until the order at fault
    is alone. It is tried again later, whatever is wrong with it; its neighbours go on."""
    if not on:
        return []
    try:
        return step(on, token=token, now=now)
    except Exception as error:
        if is_away(error):  # no order is at fault, and nothing could be written about it
            raise
        if len(on) > 1:
            middle = len(on) // 2
            halves = (on[:middle], on[middle:])
            return [one for half in halves for one in isolating(step, half, token=token, now=now)]
        # The error's own text may hold personal data: PostgreSQL shows the row that it refuses.
        kind, order = type(error).__name__, on[0].order
        where = [f"{f.name}:{f.lineno}" for f in traceback.extract_tb(error.__traceback__)]
        of = about([order.traced])
        logger.error("An order cannot be expanded", error=kind, where=where, **of)
        back_off(token, [order], reason=f"It could not be expanded: {kind}.", now=now)
        return []


def render(on: Sequence[Batch], *, token: UUID, now: datetime) -> list[Batch]:
    """The batches with their rows. A register that is down holds up only the orders that need it,
    and one that cannot answer for somebody only the orders to them; these are given back."""
    try:
        known, known_names = look_up(on)
    except RegisterUnavailable as error:
        needing = [batch for batch in on if batch.needs(error)] or on
        of = about(batch.order.traced for batch in needing)
        logger.warning("Orders wait for a register", reason=str(error), **of)
        back_off(token, [batch.order for batch in needing], reason=str(error), now=now)
        waiting = {batch.order.pk for batch in needing}
        others = [batch for batch in on if batch.order.pk not in waiting]
        return render(others, token=token, now=now) if others else []
    return [
        batch._replace(
            rows=Rows(
                OrderRenderer(batch.order, known=known, names=known_names, now=now),
                batch.recipients,
            )
        )
        for batch in on
    ]


def write(on: Sequence[Batch], *, token: UUID, now: datetime) -> list[Batch]:
    """The last step."""
    batches.write(on, token=token, now=now)
    return []


def look_up(on: Sequence[Batch]) -> tuple[ContactPoints, Names]:
    """Addresses of all, and names where texts need them. Raises RegisterUnavailable."""
    known = lookup.look_up(
        persons=persons_of(b for b in on if not b.order.use_stale_contact_information),
        persons_with_stale=persons_of(b for b in on if b.order.use_stale_contact_information),
        external_identities={r.external_identity for b in on for r in b.recipients} - {""},
        organizations={
            (recipient.organization_number, resource_of(batch.order))
            for batch in on
            for recipient in batch.recipients
            if recipient.organization_number
        },
    )
    named = [batch for batch in on if needs_names(batch.order)]
    known_names = names.look_up(
        persons=persons_of(named),
        organizations={r.organization_number for batch in named for r in batch.recipients} - {""},
    )
    return known, known_names


def persons_of(some: Iterable[Batch]) -> set[str]:
    return {r.national_identity_number for batch in some for r in batch.recipients} - {""}


def end(on: Sequence[Batch], *, token: UUID, now: datetime) -> list[Batch]:
    """End the orders visibly: each recipient of the batch gets one failed row with the reason."""
    try:
        batches.write(_failed(on, now=now), token=token, ended=True, now=now)
    except DatabaseError as error:
        if len(on) > 1 or not is_about_the_data(error):
            raise
        # An address may be what the database refuses; nothing may stay open for that.
        bare = _failed(on, without_address=True, now=now)
        batches.write(bare, token=token, ended=True, now=now)
    return []


def _failed(on: Sequence[Batch], *, without_address: bool = False, now: datetime) -> list[Batch]:
    nobody = ContactPoints(persons={}, organizations={})
    nameless = Names(persons={}, organizations={})
    return [
        batch._replace(
            rows=FailedRows(
                OrderRenderer(batch.order, known=nobody, names=nameless, now=now),
                batch.recipients,
                reason=why_ended(batch.order),
                without_address=without_address,
            )
        )
        for batch in on
    ]


def why_ended(order: DueOrder) -> str:
    if order.stopped_at is not None:
        return order.reason
    return GIVEN_UP.format(hours=settings.ORDER_GIVE_UP_HOURS, reason=order.reason or DIED)
