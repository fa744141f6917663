"""Webhook subscriptions of service owners, and each event delivered to them."""

from datetime import datetime
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from orders.models import Creator, OrderStatus
from runtime.uuid7 import uuid7


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


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def of_creator(self, creator: Creator) -> Self:
        """Those that the owner has not deleted, the oldest first."""
        return (
            self.filter(creator=creator)
            .exclude(state=Subscription.State.DELETED)
            .order_by("created", "pk")
        )


class Subscription(models.Model):
    """One endpoint of a service owner, which is told of its shipments.

    `cursor` is the number of the last entry of the status feed that was taken up for it: what comes
    behind stays in the feed until it is this subscription's turn. Its secrets are sealed with
    WEBHOOK_KEYS: an event is signed with the secret itself, so a hash would not do (decision 34).
    """

    class State(models.TextChoices):
        ACTIVE = "Active", _("Active")
        PAUSED = "Paused", _("Paused")
        ENDED = "Ended", _("Ended by its endpoint")
        DELETED = "Deleted", _("Deleted")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    creator = models.ForeignKey(Creator, on_delete=models.PROTECT, verbose_name=_("service owner"))
    endpoint = models.TextField(_("endpoint"))
    event_types = ArrayField(models.TextField(), verbose_name=_("events"))
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.ACTIVE)
    state_at = models.DateTimeField(_("since"))
    reason = models.TextField(_("why"), blank=True, default="")
    secret = models.TextField(help_text="Sealed.")
    previous_secret = models.TextField(blank=True, default="", help_text="Sealed.")
    previous_secret_until = models.DateTimeField(null=True, blank=True)
    cursor = models.BigIntegerField(_("last entry of the feed"))
    failed_rounds = models.PositiveSmallIntegerField(
        _("failures in a row"),
        default=0,
        help_text=_("Batches of tries of which none succeeded."),
    )
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    rests_until = models.DateTimeField(_("rests until"))
    succeeded_at = models.DateTimeField(_("last success"), null=True, blank=True)
    created = models.DateTimeField(_("made"))

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_active(self) -> bool:
        return self.state == self.State.ACTIVE


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def of_subscription(self, subscription: Subscription) -> Self:
        """The newest first."""
        return self.filter(subscription=subscription).order_by("-pk")

    def not_in_flight(self, *, now: datetime) -> Self:
        """Not leased, or by somebody who has died."""
        return self.filter(Q(lease_token__isnull=True) | Q(next_attempt_at__lte=now))


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
