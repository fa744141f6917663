"""Carries an instant order out once, however often it is asked for, at once or later."""

from concurrent.futures import Future
from datetime import datetime

from dispatch.instant.placing import channel_of, recall, under_way
from dispatch.instant.repeats import repeats
from dispatch.instant.sender import NotSent, instant_sender_for
from orders.models import Creator
from orders.requests import ChainReceipt, InstantOrderRequest

Answer = ChainReceipt | Future[ChainReceipt]
"""A receipt, or what will be one; or NotSent, or an error of the database."""


def earlier(*, creator: Creator, idempotency_id: str, now: datetime) -> Answer | None:
    """What the first request with this id was answered, or will be; None for a new id."""
    receipt = recall(creator=creator, idempotency_id=idempotency_id)
    if receipt is None:
        return None
    [shipment] = receipt.shipments
    match under_way([shipment.id], now=now).get(shipment.id):
        case None:  # withdrawn between the two looks
            return None
        case True:
            return repeats.wait_for(receipt)
        case _:
            return receipt


def deliver(request: InstantOrderRequest, *, creator: Creator, now: datetime) -> Answer:
    """Store the order and send its message; of several at once the database lets one through, and
    the others are answered like it.

    The order stands before anything is sent. The receipt comes when the gateway has taken or
    refused the message, or when nobody can know. Raises NotSent, now or later, if it was certainly
    not sent: then the id is free. Nobody has to wait for it to happen.
    """
    sender = instant_sender_for(channel_of(request))
    while True:
        try:
            answer: Answer | None = sender.send(request, creator=creator, now=now)
        except NotSent:
            # A paused channel: what stands is answered all the same.
            answer = earlier(creator=creator, idempotency_id=request.idempotency_id, now=now)
            if answer is None:
                raise
        else:
            answer = answer or earlier(
                creator=creator, idempotency_id=request.idempotency_id, now=now
            )
        if answer is not None:
            return answer
