"""The tables of orders, a file for each."""

from orders.models.attachment import Attachment
from orders.models.channel import Channel, EmailContentType
from orders.models.creator import Creator
from orders.models.idempotency_key import IdempotencyKey
from orders.models.order import Order, OrderQuerySet, OrderType
from orders.models.order_chain import OrderChain
from orders.models.order_status import TRANSITIONS, OrderStatus
from orders.models.sender import Sender, SenderQuerySet
from orders.models.sending_time_policy import SendingTimePolicy

__all__ = [
    "TRANSITIONS",
    "Attachment",
    "Channel",
    "Creator",
    "EmailContentType",
    "IdempotencyKey",
    "Order",
    "OrderChain",
    "OrderQuerySet",
    "OrderStatus",
    "OrderType",
    "Sender",
    "SenderQuerySet",
    "SendingTimePolicy",
]
