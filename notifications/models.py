"""A notification: one message to one address on one channel; and the feed of finished orders."""

from datetime import datetime
from typing import Self
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from orders.models import Creator, Order, OrderStatus, OrderType, SendingTimePolicy
from runtime.criteria import meets
from runtime.uuid7 import uuid7


class MessageChannel(models.TextChoices):
    """What a single message travels on."""

    EMAIL = "Email", _("E-mail")
    SMS = "Sms", _("SMS")


class NotificationStatus(models.TextChoices):
    """The contract's words for what became of a message."""

    NEW = "New"
    SENDING = "Sending"
    ACCEPTED = "Accepted"
    SUCCEEDED = "Succeeded"
    DELIVERED = "Delivered"
    FAILED = "Failed"
    FAILED_RECIPIENT_RESERVED = "Failed_RecipientReserved"
    FAILED_RECIPIENT_NOT_IDENTIFIED = "Failed_RecipientNotIdentified"
    FAILED_TTL = "Failed_TTL"
    # SMS
    FAILED_INVALID_RECIPIENT = "Failed_InvalidRecipient"
    FAILED_BARRED_RECEIVER = "Failed_BarredReceiver"
    FAILED_DELETED = "Failed_Deleted"
    FAILED_EXPIRED = "Failed_Expired"
    FAILED_UNDELIVERED = "Failed_Undelivered"
    FAILED_REJECTED = "Failed_Rejected"
    # E-mail
    FAILED_INVALID_EMAIL_FORMAT = "Failed_InvalidEmailFormat"
    FAILED_SUPRESSED_RECIPIENT = "Failed_SupressedRecipient"
    FAILED_BOUNCED = "Failed_Bounced"
    FAILED_FILTERED_SPAM = "Failed_FilteredSpam"
    FAILED_QUARANTINED = "Failed_Quarantined"
    FAILED_INVALID_SAS_URL = "Failed_InvalidSasUrl"
    FAILED_PAYLOAD_TOO_LARGE = "Failed_PayloadTooLarge"

    @property
    def rank(self) -> int:
        """How much it tells. A result overwrites only what tells less: New < Sending <
        Accepted/Succeeded < a final status that only says that nothing is known < a final status
        < a bounce, which comes after the first mail server has taken the e-mail."""
        return RANKS.get(self, FINAL_RANK)

    @property
    def is_final(self) -> bool:
        return self.rank >= UNCERTAIN_RANK


# Who writes the status of a message that exists: results by their rank, and the two ways back to
# the queue, which are no results (decision 26).
STATUS_WRITERS = {
    "notifications.results.record",
    "dispatch.sending.claims",
    "dispatch.upkeep.sweep",
}

UNCERTAIN_RANK = 3
FINAL_RANK = 4
RANKS = {
    NotificationStatus.NEW: 0,
    NotificationStatus.SENDING: 1,
    NotificationStatus.ACCEPTED: 2,
    NotificationStatus.SUCCEEDED: 2,
    NotificationStatus.FAILED_TTL: UNCERTAIN_RANK,
    NotificationStatus.FAILED_BOUNCED: FINAL_RANK + 1,
}

S = NotificationStatus
_SHARED = [S.NEW, S.SENDING, S.DELIVERED, S.FAILED, S.FAILED_TTL]
_SHARED += [S.FAILED_RECIPIENT_RESERVED, S.FAILED_RECIPIENT_NOT_IDENTIFIED]
SMS_STATUSES = [*_SHARED, S.ACCEPTED, S.FAILED_INVALID_RECIPIENT, S.FAILED_BARRED_RECEIVER]
SMS_STATUSES += [S.FAILED_DELETED, S.FAILED_EXPIRED, S.FAILED_UNDELIVERED, S.FAILED_REJECTED]
EMAIL_STATUSES = [*_SHARED, S.SUCCEEDED, S.FAILED_INVALID_EMAIL_FORMAT, S.FAILED_BOUNCED]
EMAIL_STATUSES += [S.FAILED_SUPRESSED_RECIPIENT, S.FAILED_FILTERED_SPAM, S.FAILED_QUARANTINED]
EMAIL_STATUSES += [S.FAILED_INVALID_SAS_URL, S.FAILED_PAYLOAD_TOO_LARGE]
ALWAYS_OPEN = [S.NEW, S.SENDING, S.ACCEPTED]
# A transport that sends no delivery reports (plain SMTP) finishes a message at Succeeded.
NOT_ALWAYS_FINAL = [*ALWAYS_OPEN, S.SUCCEEDED]
SUCCEEDED = [S.ACCEPTED, S.SUCCEEDED, S.DELIVERED]
# Once nothing more is to come, a notification has failed unless it is one of these.
NOT_FAILED = [S.SUCCEEDED, S.DELIVERED]
FAILED = Q(finished_at__isnull=False) & ~Q(status__in=NOT_FAILED)
# What staff may let go on at once: a QuerySet method and a property ask it.
SENDABLE = Q(status=S.NEW, is_held=False)


class NotificationQuerySet(models.QuerySet["Notification"]):
    def of_order(self, order_id: UUID, channel: MessageChannel) -> Self:
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

    def expired_unsent(self, channel: MessageChannel, *, since: datetime) -> Self:
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
    channel = models.CharField(max_length=5, choices=MessageChannel)
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
                condition=Q(channel=MessageChannel.SMS, status__in=SMS_STATUSES)
                | Q(channel=MessageChannel.EMAIL, status__in=EMAIL_STATUSES),
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


class StatusFeedEntry(models.Model):
    """The final state of an order, as its owner's feed will tell it; never changed.

    Numbers are given in the order of commit, so a reader that remembers the last number it saw
    skips nothing (see `feed.publish`).
    """

    sequence_number = models.BigAutoField(_("sequence number"), primary_key=True)
    creator = models.ForeignKey(
        Creator, on_delete=models.PROTECT, db_index=False, verbose_name=_("service owner")
    )
    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, db_index=False, verbose_name=_("order")
    )
    # What the feed tells of the order itself is copied, so that a page of it reads no orders.
    type = models.TextField(_("type"), blank=True, default="", db_default="")
    senders_reference = models.TextField(_("sender's reference"), null=True, blank=True)
    round = models.PositiveSmallIntegerField(
        _("round"),
        default=1,
        help_text=_("1 for the order itself; one more for each resending."),
    )
    status = models.CharField(_("status"), max_length=19, choices=OrderStatus)
    recipients = models.JSONField(
        _("recipients"), help_text=_("Destination, status and last update of each message.")
    )
    created = models.DateTimeField(_("made"))

    class Meta:
        indexes = [
            models.Index(fields=["creator", "sequence_number"], name="feed_of_creator"),
            models.Index(fields=["created"], name="feed_age"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["order", "round"], name="feed_once_per_round"),
        ]
        verbose_name = _("entry of the status feed")
        verbose_name_plural = _("entries of the status feed")

    def __str__(self) -> str:
        return f"{self.sequence_number}: {self.get_status_display()}"


HISTOGRAM_SECONDS = (1, 2, 5, 10, 30, 60, 300, 900, 3_600, 21_600, 86_400)
"""Where the classes of a histogram of durations begin, but for the first, which begins at 0."""
HISTOGRAM_CLASSES = len(HISTOGRAM_SECONDS) + 1


def _empty_histogram() -> list[int]:
    return [0] * HISTOGRAM_CLASSES


class DailyCount(models.Model):
    """How many notifications of one service owner, channel and status belong to one day: the UTC
    day of their order's requested send time.

    Kept up by `notifications.counting`, a minute behind the notifications themselves. A count that
    was right once and is not any more is 0, and stays. The histograms count the seconds from the
    making of a notification to its gateway, and from there to its delivery, by HISTOGRAM_SECONDS.
    """

    day = models.DateField()
    creator = models.ForeignKey(Creator, on_delete=models.PROTECT, db_index=False)
    channel = models.CharField(max_length=5, choices=MessageChannel)
    status = models.CharField(max_length=29, choices=NotificationStatus)
    notifications = models.BigIntegerField(default=0)
    segments = models.BigIntegerField(default=0)
    to_gateway = ArrayField(models.BigIntegerField(), default=_empty_histogram)
    to_delivery = ArrayField(models.BigIntegerField(), default=_empty_histogram)

    class Meta:
        verbose_name = "daily count"
        verbose_name_plural = "daily counts"
        constraints = [
            models.UniqueConstraint(
                fields=["day", "creator", "channel", "status"], name="one_daily_count"
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.channel} {self.status}: {self.notifications}"


class DailyOrderCount(models.Model):
    """How many orders one service owner wanted sent on one day in UTC, whatever became of them."""

    day = models.DateField()
    creator = models.ForeignKey(Creator, on_delete=models.PROTECT, db_index=False)
    orders = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = "daily count of orders"
        verbose_name_plural = "daily counts of orders"
        constraints = [
            models.UniqueConstraint(fields=["day", "creator"], name="one_daily_order_count")
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.orders}"


class CountedHour(models.Model):
    """What the orders and notifications that were made in one hour have added to the daily counts.

    Counting the hour again adds the difference, in one transaction with `counts`: so nothing is
    counted twice, and nothing lost. `next_count_at` is empty once nothing can change any more.
    """

    hour = models.DateTimeField(primary_key=True)
    counts = models.JSONField(default=dict)
    last_result_at = models.DateTimeField(null=True, blank=True)
    counted_at = models.DateTimeField(null=True, blank=True)
    next_count_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "counted hour"
        verbose_name_plural = "counted hours"
        indexes = [
            models.Index(
                fields=["next_count_at"],
                condition=Q(next_count_at__isnull=False),
                name="counted_hour_due",
            ),
            models.Index(fields=["last_result_at"], name="counted_hour_last_result"),
        ]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}"


class LateChange(models.Model):
    """A mark that a notification made in this hour had ended, and has now ended otherwise: the hour
    is to be counted again."""

    hour = models.DateTimeField()

    class Meta:
        verbose_name = "late change"
        verbose_name_plural = "late changes"
        indexes = [models.Index(fields=["hour"], name="late_change_hour")]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}"
