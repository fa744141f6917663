"""The tables of webhooks, a file for each."""

from events.models.delivery import Delivery, DeliveryQuerySet
from events.models.event_type import OF_SHIPMENTS, OF_STATUS, EventType
from events.models.subscription import Subscription, SubscriptionQuerySet

__all__ = [
    "OF_SHIPMENTS",
    "OF_STATUS",
    "Delivery",
    "DeliveryQuerySet",
    "EventType",
    "Subscription",
    "SubscriptionQuerySet",
]
