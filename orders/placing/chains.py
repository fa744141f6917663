"""Places a chain: a main order and its reminders, looked up together, stored by one statement."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from orders.models import Creator, OrderChain
from orders.placing import idempotency
from orders.placing.insert import NewOrder, Reservation, store
from orders.placing.register import look_up_verdicts
from orders.requests import ChainReceipt, OrderChainRequest, OrderRequest, Shipment
from orders.texts.sms_text import sms_length
from recipients.models import Recipient
from runtime.uuid7 import uuid7

# Those of the tax administration reach people at addresses of any age, as upstream has it
# (https://github.com/Altinn/altinn-notifications, FutureOrdersController).
WITH_STALE_ADDRESSES = frozenset({"skd"})


class MissingContact(Exception):
    """The registers know no way to a recipient of the chain."""


def register_chain(*, creator: Creator, request: OrderChainRequest, now: datetime) -> ChainReceipt:
    """Store the chain durably, unless its idempotency id is taken; then nothing of the request
    counts, and the receipt is the first one's.

    Of several at once the database lets one through; the others wait for it and answer the same.
    Most ids are new: a taken one is noticed by storing, or before anybody is looked up.
    All look-ups are made together, and only decide whether everybody can be reached: a reserved
    person can, for this. Raises MissingContact or RegisterUnavailable, and then nothing is stored
    and the id stays free.
    """
    if any(one.needs_look_up for order in request.orders for one in order.recipients):
        earlier = recall(creator=creator, kind=request.kind, idempotency_id=request.idempotency_id)
        if earlier is not None:
            return earlier
    orders = [as_creator_may(order, creator) for order in request.orders]
    verdicts = look_up_verdicts(orders)
    if any(Recipient.LookUp.MISSING in of_order for of_order in verdicts):
        raise MissingContact("A recipient has no usable address.")
    sms = orders[0].sms
    receipt = ChainReceipt(
        uuid7(),
        [Shipment(uuid7(), order.senders_reference) for order in orders],
        sms_length=sms_length(sms.body) if sms else None,
        is_test=creator.places_tests,
    )
    new = [
        NewOrder(shipment.id, order, of_order)
        for shipment, order, of_order in zip(receipt.shipments, orders, verdicts, strict=True)
    ]
    reservation = _reservation(receipt.chain_id, request)
    if store(
        new,
        creator=creator,
        now=now,
        chain_id=receipt.chain_id,
        reservation=reservation,
        is_test=receipt.is_test,
    ):
        return receipt
    earlier = recall(creator=creator, kind=request.kind, idempotency_id=request.idempotency_id)
    if earlier is None:
        raise RuntimeError("A chain has lost its orders.")
    return earlier


def recall(*, creator: Creator, kind: OrderChain.Kind, idempotency_id: str) -> ChainReceipt | None:
    """What the first chain of the kind with this id was answered; None for a new id."""
    return idempotency.recall_chain(creator=creator, kind=kind, idempotency_id=idempotency_id)


def as_creator_may(order: OrderRequest, creator: Creator) -> OrderRequest:
    """Some reach people at addresses of any age."""
    if creator.short_name.lower() not in WITH_STALE_ADDRESSES:
        return order
    has_person = any(one.national_identity_number for one in order.recipients)
    return replace(order, use_stale_contact_information=True) if has_person else order


def _reservation(chain_id: UUID, request: OrderChainRequest) -> Reservation:
    return idempotency.chain_reservation(
        chain_id,
        kind=request.kind,
        idempotency_id=request.idempotency_id,
        dialog_id=request.dialog_id,
        transmission_id=request.transmission_id,
    )
