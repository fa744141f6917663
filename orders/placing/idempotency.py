"""Carries a request out once, however often it is sent under the same key."""

import re
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson
from django.db.models import OuterRef, Subquery

from orders.models import Creator, IdempotencyKey, Order
from orders.placing.register import KeyTaken, register
from orders.requests import (
    KEY_LIFETIME,
    Claim,
    LookUpStatus,
    OrderRequest,
    Receipt,
    RecipientLookup,
)
from orders.sms_text import sms_length

BATCH = 1_000
KEY_PATTERN = r"[!-~](?:[ -~]{0,253}[!-~])?"
"""1 to 255 printable ASCII characters; HTTP takes blanks at the ends away."""

_KEY = re.compile(KEY_PATTERN)


class NotAnIdempotencyKey(Exception):
    """The text cannot be a key."""


class KeyUsedForAnotherRequest(Exception):
    """The creator has sent something else under this key within the last 24 hours."""


def claim_of(key: str, *, path: str, document: Any) -> Claim:
    """What tells a request from others: its path, and its JSON whatever the order of members.

    Raises NotAnIdempotencyKey.
    """
    if _KEY.fullmatch(key) is None:
        raise NotAnIdempotencyKey("A key is 1 to 255 printable ASCII characters.")
    said = orjson.dumps([path, document], option=orjson.OPT_SORT_KEYS)
    return Claim(key, sha256(said).hexdigest())


def recall(*, creator: Creator, claim: Claim, now: datetime) -> Receipt | None:
    """What the same request was answered before; None if nothing is remembered under its key.

    Raises KeyUsedForAnotherRequest.
    """
    placed = Order.objects.filter(pk=OuterRef("order_id"))
    known = (
        IdempotencyKey.objects.filter(
            creator=creator, key=claim.key, created__gt=now - KEY_LIFETIME
        )
        .annotate(sms_body=Subquery(placed.values("sms_body")))
        .first()
    )
    if known is None:
        return None
    if known.fingerprint != claim.fingerprint:
        raise KeyUsedForAnotherRequest("The idempotency key was used for another request.")
    return Receipt(
        known.order_id,
        _lookup(known.recipient_lookup),
        None if known.sms_body is None else sms_length(known.sms_body),
    )


def register_once(
    *, creator: Creator, request: OrderRequest, claim: Claim, now: datetime
) -> Receipt:
    """Register the order, unless the same request has come first in the meantime.

    Of several at once the database lets one through; the others wait for it, and answer the same.
    Raises RegisterUnavailable, and then the key stays free, or KeyUsedForAnotherRequest.
    """
    try:
        return register(creator=creator, request=request, now=now, claim=claim)
    except KeyTaken:
        receipt = recall(creator=creator, claim=claim, now=now)
    # Nothing is there only if it was deleted between the two statements.
    return receipt or register(creator=creator, request=request, now=now, claim=claim)


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
