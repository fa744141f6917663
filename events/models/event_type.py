"""What events tell, and of which end of a shipment."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from orders.models import OrderStatus


class EventType(models.TextChoices):
    """What an event tells. The test event is sent when somebody asks for it only."""

    COMPLETED = "shipment.completed", _("Completed")
    CONDITION_NOT_MET = "shipment.condition_not_met", _("Condition not met")
    CANCELLED = "shipment.cancelled", _("Cancelled")
    TEST = "webhook.test", _("Test")


OF_SHIPMENTS = (EventType.COMPLETED, EventType.CONDITION_NOT_MET, EventType.CANCELLED)
OF_STATUS = {
    OrderStatus.COMPLETED: EventType.COMPLETED,
    OrderStatus.SEND_CONDITION_NOT_MET: EventType.CONDITION_NOT_MET,
    OrderStatus.CANCELLED: EventType.CANCELLED,
}
"""By the status of the feed's entry."""
