"""How far an order has come: what a status may become, by whom, and what staff may do at each."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class OrderStatus(models.TextChoices):
    """The contract's words; the labels are the desk's."""

    REGISTERED = "Registered", _("Registered")
    PROCESSING = "Processing", _("Processing")
    PROCESSED = "Processed", _("Sending")
    COMPLETED = "Completed", _("Completed")
    SEND_CONDITION_NOT_MET = "SendConditionNotMet", _("Condition not met")
    CANCELLED = "Cancelled", _("Cancelled")


WAITING = (OrderStatus.REGISTERED, OrderStatus.PROCESSING)
UNENDED = (*WAITING, OrderStatus.PROCESSED)
ENDED = (OrderStatus.COMPLETED, OrderStatus.SEND_CONDITION_NOT_MET, OrderStatus.CANCELLED)

# What a status may become, and by whom; nobody else writes it (decision 26).
TRANSITIONS = {
    (OrderStatus.REGISTERED, OrderStatus.PROCESSING): {"notifications.expansion.claims"},
    (OrderStatus.REGISTERED, OrderStatus.CANCELLED): {
        "orders.cancelling",
        "notifications.control.stop",
    },
    (OrderStatus.PROCESSING, OrderStatus.PROCESSED): {"notifications.expansion.batches"},
    (OrderStatus.PROCESSING, OrderStatus.SEND_CONDITION_NOT_MET): {
        "notifications.conditions.check"
    },
    (OrderStatus.PROCESSED, OrderStatus.COMPLETED): {"notifications.results.record"},
    # A message is sent once more, or better knowledge replaces a final status.
    (OrderStatus.COMPLETED, OrderStatus.PROCESSED): {
        "notifications.resend.resend",
        "notifications.results.record",
    },
}

# What may be done to an order by staff, each stated once: a QuerySet method and a property ask it.
HOLDABLE = Q(status__in=UNENDED, held_at__isnull=True, stopped_at__isnull=True)
RELEASABLE = Q(status__in=UNENDED, held_at__isnull=False)
STOPPABLE = Q(status__in=UNENDED, stopped_at__isnull=True)
CANCELLABLE = Q(status=OrderStatus.REGISTERED)
PROCESSABLE = Q(status__in=WAITING, held_at__isnull=True)
