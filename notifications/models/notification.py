"""A notification: one text to one address on one channel, and what became of it."""

from datetime import datetime
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from notifications.models.channel import NotificationChannel
from notifications.models.notification_status import (
    ALWAYS_OPEN,
    EMAIL_STATUSES,
    FAILED,
    NOT_ALWAYS_FINAL,
    SENDABLE,
    SMS_STATUSES,
    NotificationStatus,
)
from orders.models import Creator, Order, OrderType, SendingTimePolicy
from runtime.database.criteria import meets
from runtime.uuid7 import uuid7


class NotificationQuerySet(models.QuerySet["Notification"]):
    def of_order(self, order_id: UUID, channel: NotificationChannel) -> Self:
        """In the order they were made."""
        return self.filter(order_id=order_id, channel=channel).order_by("id")

    def open(self) -> Self:
        """Not finished yet."""
        return self.filter(finished_at__isnull=True)

    def past_expiry(self, *, before: datetime) -> Self:
        """Open ones, not being sent at this moment, whose time ran out before the given one."""
        return (
            self.open()
            .filter(expires_at__lt=before)
            .exclude(status=NotificationStatus.SENDING)
            .order_by("expires_at")
        )

    def unconfirmed_past_expiry(self, *, before: datetime, now: datetime) -> Self:
        """Instant ones of which nobody knows whether the gateway took them, and whose time for a
        report ran out before the given one."""
        return (
            self.filter(status=NotificationStatus.SENDING, lease_until__lt=now)
            .filter(expires_at__lt=before, resend_of=None, order__type=OrderType.INSTANT)
            .order_by("id")
        )

    def failed_of_creator(self, creator: Creator, *, since: datetime, before: datetime) -> Self:
        """Those that failed in the period and that nobody has resent; a resend that failed too
        stands for the old one."""
        period = Q(finished_at__gte=since, finished_at__lt=before)
        return self.filter(FAILED, period, creator=creator).not_resent().order_by("finished_at")

    def expired_unsent(self, channel: NotificationChannel, *, since: datetime) -> Self:
        """Whose time ran out since then without their ever being handed over, and that nobody has
        resent: what a pause of the channel has cost. The first to expire come first."""
        unsent = Q(status=NotificationStatus.FAILED_TTL, sent_at__isnull=True)
        return (
            self.filter(FAILED, unsent, channel=channel, finished_at__gte=since)
            .not_resent()
            .order_by("finished_at", "id")
        )

    def kept_waiting(self, *, ignore_window: bool = False, now: datetime) -> Self:
        """Kept from the next run by a failed try or, where it is to be ignored, the send window."""
        waits = Q(next_attempt_at__gt=now)
        if ignore_window:
            waits |= Q(policy=SendingTimePolicy.DAYTIME)
        return self.filter(SENDABLE, waits)

    def not_resent(self) -> Self:
        return self.exclude(Exists(Notification.objects.filter(resend_of=OuterRef("pk"))))


class Notification(models.Model):
    """One message to one address, or the one failed row of a recipient that has none.

    Open while `finished_at` is empty: that is what indexes, sweeps and completion look at.
    `next_attempt_at` is the earliest moment of (the next try of) sending, `expires_at` the last;
    it is emptied when the message is finished.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    creator = models.ForeignKey(
        Creator,
        on_delete=models.PROTECT,
        db_index=False,
        db_constraint=False,
        verbose_name=_("service owner"),
    )
    channel = models.CharField(max_length=5, choices=NotificationChannel)
    policy = models.CharField(max_length=7, choices=SendingTimePolicy)
    address = models.TextField(blank=True, default="", help_text="As given, or as registered.")
    normalized_address = models.TextField(
        blank=True, default="", help_text="E.164 for a number, lower case for an e-mail address."
    )
    national_identity_number = models.CharField(max_length=11, blank=True, default="")
    organization_number = models.CharField(max_length=9, blank=True, default="")
    subject = models.TextField(
        null=True, blank=True, help_text="Only where keywords were filled in."
    )
    body = models.TextField(null=True, blank=True, help_text="Only where keywords were filled in.")

    status = models.CharField(max_length=29, choices=NotificationStatus)
    status_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    is_uncertain = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Failed, but nobody knows it: a report that knows more replaces the status.",
    )
    reason = models.TextField(blank=True, default="", help_text="A sentence on what happened.")

    next_attempt_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    gateway = models.TextField(
        _("gateway"),
        null=True,
        blank=True,
        help_text=_("Which was given it; one that waits is for this one alone."),
    )
    gateway_reference = models.TextField(null=True, blank=True)
    segments = models.PositiveSmallIntegerField(null=True, blank=True)
    resend_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, db_index=False
    )
    is_held = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Held back with its order; keeps what is held out of the claim's index.",
    )
    is_simulated = models.BooleanField(
        _("simulated"),
        default=False,
        db_default=False,
        help_text=_("No gateway was asked: nothing was sent."),
    )
    created = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        indexes = [
            # Each hot query implies exactly one of these predicates.
            models.Index(
                fields=["channel", "policy", "creator", "next_attempt_at"],
                condition=Q(status=NotificationStatus.NEW, is_held=False),
                name="notification_ready",
            ),
            models.Index(
                fields=["lease_until"],
                condition=Q(status=NotificationStatus.SENDING),
                name="notification_lease",
            ),
            models.Index(
                fields=["channel", "gateway"],
                condition=Q(status=NotificationStatus.NEW, gateway__isnull=False),
                name="notification_bound",
            ),
            models.Index(
                fields=["order"],
                condition=Q(finished_at__isnull=True),
                name="notification_open",
            ),
            models.Index(
                fields=["expires_at"],
                condition=Q(finished_at__isnull=True, expires_at__isnull=False),
                name="notification_expiry",
            ),
            models.Index(fields=["order", "id"], name="notification_of_order"),
            models.Index(fields=["finished_at"], condition=FAILED, name="notification_failed"),
            models.Index(
                fields=["resend_of"],
                condition=Q(resend_of__isnull=False),
                name="notification_resent",
            ),
            models.Index(
                fields=["gateway_reference"],
                condition=Q(gateway_reference__isnull=False),
                name="notification_reference",
            ),
            models.Index(
                fields=["normalized_address"],
                condition=~Q(normalized_address=""),
                name="notification_address",
            ),
            models.Index(
                fields=["national_identity_number"],
                condition=~Q(national_identity_number=""),
                name="notification_by_nin",
            ),
            models.Index(
                fields=["organization_number"],
                condition=~Q(organization_number=""),
                name="notification_by_organization",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="notification_status_fits_channel",
                condition=Q(channel=NotificationChannel.SMS, status__in=SMS_STATUSES)
                | Q(channel=NotificationChannel.EMAIL, status__in=EMAIL_STATUSES),
            ),
            models.CheckConstraint(
                name="notification_finished_when_final",
                condition=Q(finished_at__isnull=True, status__in=NOT_ALWAYS_FINAL)
                | (Q(finished_at__isnull=False) & ~Q(status__in=ALWAYS_OPEN)),
            ),
            models.CheckConstraint(
                name="notification_open_can_expire",
                condition=Q(finished_at__isnull=True, expires_at__isnull=False)
                | Q(finished_at__isnull=False, expires_at__isnull=True),
            ),
            models.CheckConstraint(
                name="notification_sending_has_lease",
                condition=Q(
                    status=NotificationStatus.SENDING,
                    lease_until__isnull=False,
                    lease_token__isnull=False,
                )
                | ~Q(status=NotificationStatus.SENDING),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def can_send_now(self) -> bool:
        return meets(self, SENDABLE)
