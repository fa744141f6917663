"""Carries a request out once, however often it is sent under the same key, or the same id.

A key comes in a header, is good for a day, and stands for one request. An id stands in the body of
a request under `/future`, for ever, and for whatever comes with it.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
from django.db.models import OuterRef, Subquery

from orders.models import Creator, IdempotencyKey, Order, OrderChain
from orders.placing.insert import Reservation
from orders.requests import (
    KEY_LIFETIME,
    ChainReceipt,
    IdempotentRequest,
    LookUpStatus,
    Receipt,
    RecipientLookup,
    Shipment,
)
from orders.texts.sms_text import sms_length

BATCH = 1_000
KEY_PATTERN = r"[!-~](?:[ -~]{0,253}[!-~])?"
"""1 to 255 printable ASCII characters; HTTP takes blanks at the ends away."""

_KEY = re.compile(KEY_PATTERN)


class NotAnIdempotencyKey(Exception):
    """The text cannot be a key."""


class KeyUsedForAnotherRequest(Exception):
    """The creator has sent something else under this key within the last 24 hours."""


def idempotent_request(key: str, *, path: str, document: object) -> IdempotentRequest:
    """What tells a request from others: its path, and its JSON whatever the order of members.

    Raises NotAnIdempotencyKey.
    """
    if _KEY.fullmatch(key) is None:
        raise NotAnIdempotencyKey("A key is 1 to 255 printable ASCII characters.")
    content = orjson.dumps([path, document], option=orjson.OPT_SORT_KEYS)
    return IdempotentRequest(key, sha256(content).hexdigest())


def recall(*, creator: Creator, request: IdempotentRequest, now: datetime) -> Receipt | None:
    """What the same request was answered before; None if nothing is remembered under its key.

    Raises KeyUsedForAnotherRequest.
    """
    placed = Order.objects.filter(pk=OuterRef("order_id"))
    known = (
        IdempotencyKey.objects.filter(
            creator=creator, key=request.key, created__gt=now - KEY_LIFETIME
        )
        .annotate(sms_body=Subquery(placed.values("sms_body")))
        .first()
    )
    if known is None:
        return None
    if known.fingerprint != request.fingerprint:
        raise KeyUsedForAnotherRequest("The idempotency key was used for another request.")
    return Receipt(
        known.order_id,
        _lookup(known.recipient_lookup),
        None if known.sms_body is None else sms_length(known.sms_body),
    )


def reservation(request: IdempotentRequest, receipt: Receipt, *, now: datetime) -> Reservation:
    """The key, and the answer that it stands for from now on. One that has outlived its time is
    taken over."""
    lookup = receipt.recipient_lookup
    return Reservation(
        _RESERVE_KEY,
        {
            "key": request.key,
            "fingerprint": request.fingerprint,
            "order_id": receipt.order_id,
            "recipient_lookup": orjson.dumps(lookup).decode() if lookup else None,
            "outlived": now - KEY_LIFETIME,
        },
    )


def recall_chain(
    *, creator: Creator, kind: OrderChain.Kind, idempotency_id: str
) -> ChainReceipt | None:
    """What the first request with this id was answered; None for a new id."""
    orders = Order.objects.filter(
        chain__creator=creator, chain__kind=kind, chain__idempotency_id=idempotency_id
    )
    rows = list(
        orders.order_by("chain_position").values_list("chain_id", "pk", "senders_reference")
    )
    if not rows:
        return None
    shipments = [Shipment(order_id, reference) for _, order_id, reference in rows]
    return ChainReceipt(rows[0][0], shipments, is_new=False)


def chain_reservation(
    chain_id: UUID,
    *,
    kind: OrderChain.Kind,
    idempotency_id: str,
    dialog_id: str | None = None,
    transmission_id: str | None = None,
) -> Reservation:
    """The chain itself, to which the orders that are stored with it refer."""
    return Reservation(
        _RESERVE_CHAIN[kind],
        {
            "chain": chain_id,
            "idempotency_id": idempotency_id,
            "dialog": [dialog_id, transmission_id],
        },
    )


def forget_old(*, now: datetime) -> int:
    """Delete what has outlived its time, batch by batch; the answers hold identity numbers."""
    outlived = IdempotencyKey.objects.filter(created__lte=now - KEY_LIFETIME)
    count = 0
    while True:
        batch = outlived.order_by("created").values("pk")[:BATCH]
        # The outer filter spares a key that is being used anew at this moment.
        deleted, _ = outlived.filter(pk__in=batch).delete()
        count += deleted
        if deleted < BATCH:
            return count


def _lookup(answered: Mapping[str, Any] | None) -> RecipientLookup | None:
    if answered is None:
        return None
    return RecipientLookup(
        LookUpStatus(answered["status"]), answered["is_reserved"], answered["missing_contact"]
    )


_RESERVE_KEY = """
    INSERT INTO orders_idempotencykey AS known (
        creator_id, key, fingerprint, order_id, recipient_lookup, created
    ) VALUES (
        %(creator)s, %(key)s, %(fingerprint)s, %(order_id)s, %(recipient_lookup)s, %(now)s
    )
    ON CONFLICT (creator_id, key) DO UPDATE
    SET fingerprint = excluded.fingerprint, order_id = excluded.order_id,
        recipient_lookup = excluded.recipient_lookup, created = excluded.created
    WHERE known.created <= %(outlived)s
    RETURNING 1
"""

# Both ids of the dialog as one value: psycopg remembers statements of up to 50.
_RESERVE_CHAIN = {
    kind: f"""
    INSERT INTO orders_orderchain (
        id, creator_id, kind, idempotency_id, dialog_id, transmission_id, created
    ) VALUES (
        %(chain)s, %(creator)s, '{kind.value}', %(idempotency_id)s, (%(dialog)s::text[])[1],
        (%(dialog)s::text[])[2], %(now)s
    )
    ON CONFLICT (idempotency_id, creator_id, kind) DO NOTHING
    RETURNING 1
"""  # noqa: S608
    for kind in OrderChain.Kind
}
