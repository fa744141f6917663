"""Deliveries: an event for a webhook, and each try to post it."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from events.models.event_type import EventType
from events.models.subscription import Subscription
from runtime.uuid7 import uuid7


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def of_subscription(self, subscription: Subscription) -> Self:
        """The newest first."""
        return self.filter(subscription=subscription).order_by("-pk")


class Delivery(models.Model):
    """One event for one subscription, and each try to deliver it.

    Its id goes along as `webhook-id`, the same each time. Its lease is its next try (as an order's,
    decision 2). `tries` lists them, the earliest first: at, status, milliseconds, reason.
    """

    class State(models.TextChoices):
        WAITING = "Waiting", _("Waiting")
        DELIVERED = "Delivered", _("Delivered")
        FAILED = "Failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    subscription = models.ForeignKey(
        Subscription, on_delete=models.PROTECT, db_index=False, verbose_name=_("webhook")
    )
    event = models.CharField(_("event"), max_length=26, choices=EventType)
    sequence_number = models.BigIntegerField(_("entry of the feed"), null=True, blank=True)
    shipment_id = models.UUIDField(_("shipment"), null=True, blank=True)
    shipment_type = models.TextField(_("type"), blank=True, default="")
    senders_reference = models.TextField(_("sender's reference"), null=True, blank=True)
    occurred_at = models.DateTimeField(_("occurred"))
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.WAITING)
    next_attempt_at = models.DateTimeField(_("next try"))
    lease_token = models.UUIDField(null=True, blank=True)
    failed_tries = models.PositiveSmallIntegerField(_("failed tries"), default=0)
    give_up_at = models.DateTimeField(_("given up at"), null=True, blank=True)
    tries = models.JSONField(_("tries"), default=list)
    created = models.DateTimeField(_("made"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        indexes = [
            models.Index(
                fields=["subscription", "next_attempt_at"],
                condition=Q(state="Waiting"),
                name="delivery_waiting",
            ),
            models.Index(
                fields=["subscription", "shipment_id"],
                condition=Q(state="Waiting"),
                name="delivery_of_shipment",
            ),
            models.Index(fields=["subscription", "id"], name="delivery_of_subscription"),
            models.Index(
                fields=["ended_at"], condition=Q(ended_at__isnull=False), name="delivery_ended"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "sequence_number"], name="one_delivery_per_entry"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def last_try(self) -> dict[str, Any] | None:
        return self.tries[-1] if self.tries else None
