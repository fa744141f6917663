"""Past-due orders to notifications: look everybody up at once, expand chunk by chunk."""

import traceback
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.utils.translation import gettext_noop

from notifications.expansion import batches
from notifications.expansion.batches import Chunk
from notifications.expansion.claims import DueOrder, back_off, claim_for_expansion, is_hopeless
from notifications.expansion.rendering import OrderDrafter, Row, needs_names, resource_of
from recipients import lookup, names
from recipients.lookup import ContactPoints
from recipients.names import Names
from recipients.registers import RegisterUnavailable
from runtime.database_away import is_about_the_data, is_away

logger = structlog.get_logger(__name__)

ORDERS_PER_TURN = 1_000

GIVEN_UP = "The order could not be processed within {hours} hours. {reason}"
DIED = gettext_noop("Whoever processed it ended in the middle of it, over and over.")


def process_past_due_orders(*, now: datetime) -> int:
    """One turn: claim due orders, expand a chunk of each; returns how many orders were claimed.

    Call again while it returns orders. Orders take turns, so that a large one delays nobody.
    """
    claim = claim_for_expansion(now=now, limit=ORDERS_PER_TURN)
    if not claim.orders:
        return 0
    taken = batches.read(claim.orders)
    ended, hopeless, promising = [], [], []
    for chunk in taken:
        if chunk.order.stopped_at is not None:
            ended.append(chunk)
        elif is_hopeless(chunk.order, now=now):
            hopeless.append(chunk)
        else:
            promising.append(chunk)
    token = claim.token
    if ended:
        isolating(partial(end, token=token, now=now), ended, token=token, now=now)
    if hopeless:
        isolating(partial(give_up, token=token, now=now), hopeless, token=token, now=now)
    if promising:
        isolating(partial(expand, token=token, now=now), promising, token=token, now=now)
    return len(claim.orders)


def isolating(
    work: Callable[[Sequence[Chunk]], None],
    on: Sequence[Chunk],
    *,
    token: UUID,
    now: datetime,
) -> None:
    """Do the work on all chunks together; where it fails, halve them until the order at fault is
    alone. It is tried again later, whatever is wrong with it; its neighbours go on."""
    try:
        work(on)
    except Exception as error:
        if is_away(error):  # no order is at fault, and nothing could be written about it
            raise
        if len(on) > 1:
            middle = len(on) // 2
            isolating(work, on[:middle], token=token, now=now)
            isolating(work, on[middle:], token=token, now=now)
            return
        # The error's own text may hold personal data: PostgreSQL shows the row that it refuses.
        kind, order = type(error).__name__, on[0].order
        where = [f"{f.name}:{f.lineno}" for f in traceback.extract_tb(error.__traceback__)]
        logger.error("An order cannot be expanded", order=str(order.pk), error=kind, where=where)
        back_off(token, [order], reason=f"It could not be expanded: {kind}.", now=now)


def expand(on: Sequence[Chunk], *, token: UUID, now: datetime) -> None:
    """Look up everybody and write the notifications.

    A register that is down holds up only the orders that need it.
    """
    try:
        known, known_names = look_up(on)
    except RegisterUnavailable as error:
        needing = [chunk for chunk in on if error.register in chunk.registers_needed()]
        logger.warning("Orders wait for a register", orders=len(needing), reason=str(error))
        back_off(token, [chunk.order for chunk in needing], reason=str(error), now=now)
        others = [chunk for chunk in on if error.register not in chunk.registers_needed()]
        if others:
            expand(others, token=token, now=now)
        return

    def draft(chunk: Chunk) -> Iterator[Row]:
        drafter = OrderDrafter(chunk.order, known=known, names=known_names, now=now)
        for recipient in chunk.recipients:
            yield from drafter.rows(recipient)

    write = partial(batches.write, draft=draft, token=token, now=now)
    isolating(write, on, token=token, now=now)


def look_up(on: Sequence[Chunk]) -> tuple[ContactPoints, Names]:
    """Addresses of all, and names where texts need them. Raises RegisterUnavailable."""
    known = lookup.look_up(
        persons=persons_of(on),
        organizations={
            (recipient.organization_number, resource_of(chunk.order))
            for chunk in on
            for recipient in chunk.recipients
            if recipient.organization_number
        },
    )
    named = [chunk for chunk in on if needs_names(chunk.order)]
    known_names = names.look_up(
        persons=persons_of(named),
        organizations={r.organization_number for c in named for r in c.recipients} - {""},
    )
    return known, known_names


def persons_of(some: Sequence[Chunk]) -> set[str]:
    return {r.national_identity_number for chunk in some for r in chunk.recipients} - {""}


def give_up(on: Sequence[Chunk], *, token: UUID, now: datetime) -> None:
    """End the orders that could not be processed."""
    logger.error("Orders are given up", orders=[str(chunk.order.pk) for chunk in on])
    end(on, token=token, now=now)


def end(on: Sequence[Chunk], *, token: UUID, now: datetime) -> None:
    """End the orders visibly: each recipient of the chunk gets one failed row with the reason."""
    nobody = ContactPoints(persons={}, organizations={})
    nameless = Names(persons={}, organizations={})

    def fail(chunk: Chunk) -> Iterator[Row]:
        why = why_ended(chunk.order)
        drafter = OrderDrafter(chunk.order, known=nobody, names=nameless, now=now)
        return (drafter.failed_row(recipient, reason=why) for recipient in chunk.recipients)

    def fail_unaddressed(chunk: Chunk) -> Iterator[Row]:
        return (row._replace(address="", normalized_address="") for row in fail(chunk))

    try:
        batches.write(on, fail, token=token, ended=True, now=now)
    except DatabaseError as error:
        if len(on) > 1 or not is_about_the_data(error):
            raise
        # An address may be what the database refuses; nothing may stay open for that.
        batches.write(on, fail_unaddressed, token=token, ended=True, now=now)


def why_ended(order: DueOrder) -> str:
    if order.stopped_at is not None:
        return order.reason
    return GIVEN_UP.format(hours=settings.ORDER_GIVE_UP_HOURS, reason=order.reason or DIED)
