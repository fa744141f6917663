"""An order: one shipment as its service owner asked for it, and how far it has come."""

from datetime import datetime
from typing import Self

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from orders.models.channel import Channel, EmailContentType
from orders.models.creator import Creator
from orders.models.order_chain import OrderChain
from orders.models.order_status import (
    CANCELLABLE,
    ENDED,
    HOLDABLE,
    PROCESSABLE,
    RELEASABLE,
    STOPPABLE,
    WAITING,
    OrderStatus,
)
from orders.models.sending_time_policy import SendingTimePolicy
from runtime.database.criteria import meets
from runtime.uuid7 import uuid7

# With the service owner's id; whoever places takes it shared. Nothing else in this database does.
PLACEMENT_LOCK = 0x686F_6C64  # "hold"


class OrderType(models.TextChoices):
    """The contract's words. A reminder differs from other orders by its name only."""

    NOTIFICATION = "Notification", _("Notification")
    REMINDER = "Reminder", _("Reminder")
    INSTANT = "Instant", _("Instant")
    COMPOSED = "Composed", _("E-mail with attachments")


class OrderQuerySet(models.QuerySet["Order"]):
    def of_creator(self, creator: Creator) -> Self:
        """Tenants are apart: everything the API reads begins here."""
        return self.filter(creator=creator)

    def of_same_chain(self, order: "Order") -> Self:
        """All of the chain that the order belongs to, itself among them, the main one first; none
        where it was placed alone."""
        orders = self.filter(chain_id=order.chain_id) if order.chain_id else self.none()
        return orders.order_by("chain_position")

    def processed_before(self, moment: datetime) -> Self:
        """Expanded some time ago and not completed since."""
        return self.filter(status=OrderStatus.PROCESSED, status_at__lt=moment)

    def holdable(self) -> Self:
        """Neither ended nor held nor stopped."""
        return self.filter(HOLDABLE)

    def releasable(self) -> Self:
        """Held. An order that ended while it was held has nothing left to be released."""
        return self.filter(RELEASABLE)

    def stoppable(self) -> Self:
        """Neither ended nor stopped; held or not."""
        return self.filter(STOPPABLE)

    def cancellable(self) -> Self:
        """Not begun to be processed. Their owner can cancel them only until shortly before their
        time: see `orders.cancelling`."""
        return self.filter(CANCELLABLE)

    def waiting_for_retry(self, *, now: datetime) -> Self:
        """Due, and kept from the next run only by a failed try or by the lease of a worker."""
        return self.filter(PROCESSABLE, requested_send_time__lte=now, next_attempt_at__gt=now)


class Order(models.Model):
    """One shipment.

    `next_attempt_at` is when processing may (next) look at the order: the requested send time at
    first; while a worker holds the order, the end of its lease; after a failure, the next try. A
    worker proves that it still holds the order by its `lease_token`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    creator = models.ForeignKey(
        Creator,
        on_delete=models.PROTECT,
        db_index=False,
        db_constraint=False,
        verbose_name=_("service owner"),
    )
    type = models.CharField(max_length=12, choices=OrderType, default=OrderType.NOTIFICATION)
    chain = models.ForeignKey(
        OrderChain,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="orders",
        db_index=False,
        db_constraint=False,
    )
    chain_position = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="0 is the main order, then come its reminders."
    )
    created = models.DateTimeField()
    senders_reference = models.TextField(null=True, blank=True)
    requested_send_time = models.DateTimeField()
    channel = models.CharField(max_length=14, choices=Channel)
    sending_time_policy = models.CharField(
        max_length=7,
        choices=SendingTimePolicy,
        default=SendingTimePolicy.DAYTIME,
        help_text="Of its SMS.",
    )
    email_sending_time_policy = models.CharField(
        max_length=7,
        choices=SendingTimePolicy,
        default=SendingTimePolicy.ANYTIME,
        db_default=SendingTimePolicy.ANYTIME,
        help_text="Of its e-mails.",
    )
    ignore_reservation = models.BooleanField(null=True, blank=True)
    use_stale_contact_information = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Whether addresses that a person has not confirmed for 18 months may be used.",
    )
    resource_id = models.TextField(null=True, blank=True)
    resource_action = models.TextField(null=True, blank=True)

    email_sender = models.TextField(null=True, blank=True)
    email_subject = models.TextField(null=True, blank=True)
    email_body = models.TextField(null=True, blank=True)
    email_content_type = models.CharField(
        max_length=5, choices=EmailContentType, null=True, blank=True
    )
    sms_sender = models.TextField(null=True, blank=True)
    sms_body = models.TextField(null=True, blank=True)

    condition_endpoint = models.TextField(null=True, blank=True)
    awaits_condition = models.BooleanField(
        default=False, help_text="Not to be expanded before the condition endpoint has answered."
    )
    condition_met = models.BooleanField(
        null=True, blank=True, help_text="The answer, asked for once; empty while not known."
    )
    condition_note = models.TextField(
        blank=True, default="", help_text="Why the endpoint's answer was in doubt."
    )
    condition_asked_at = models.DateTimeField(null=True, blank=True)

    status = models.CharField(max_length=19, choices=OrderStatus, default=OrderStatus.REGISTERED)
    status_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    lease_token = models.UUIDField(null=True, blank=True, editable=False)
    expanded_up_to = models.BigIntegerField(
        db_default=0, help_text="The last recipient (by id) that became notifications."
    )
    attempts = models.PositiveIntegerField(
        default=0, help_text="Failed tries since the last success."
    )
    reason = models.TextField(blank=True, default="", help_text="Why processing did not go on.")
    held_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when staff hold back what has not left."
    )
    stopped_at = models.DateTimeField(
        null=True, blank=True, help_text="When staff ended what had not left, for good."
    )
    purged_at = models.DateTimeField(
        null=True, blank=True, help_text="When texts, addresses and identifiers were removed."
    )

    trace_id = models.UUIDField(
        null=True,
        blank=True,
        editable=False,
        help_text="Of the request that placed the order: by it logs and traces are found.",
    )

    is_test = models.BooleanField(
        _("test"),
        default=False,
        db_default=False,
        help_text=_("Placed in test mode: it leaves to allowed addresses only."),
    )

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        # In the same transaction, whoever ends the order: nobody can forget it.
        triggers = [
            # Looks when the lock is granted, as a volatile function does: see `orders.holding`.
            # https://www.postgresql.org/docs/current/xfunc-volatility.html
            pgtrigger.Trigger(
                name="held_from_placement",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=(
                    "PERFORM pg_advisory_xact_lock_shared(x'686F6C64'::int, NEW.creator_id::int);"
                    " NEW.held_at := coalesce(NEW.held_at, (SELECT new_orders_held_at"
                    " FROM orders_creator WHERE id = NEW.creator_id)); RETURN NEW;"
                ),
            ),
            pgtrigger.Trigger(
                name="links_end_with_the_order",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("status"),  # type: ignore[no-untyped-call]
                condition=pgtrigger.Condition(
                    "NEW.type = 'Composed'"
                    " AND NEW.status IN ('Completed', 'SendConditionNotMet', 'Cancelled')"
                ),
                func=(
                    "UPDATE orders_attachment SET link = NULL"
                    " WHERE order_id = NEW.id AND link IS NOT NULL; RETURN NULL;"
                ),
            ),
        ]
        indexes = [
            # Each of the two claims implies exactly one of these predicates.
            models.Index(
                fields=["creator", "next_attempt_at"],
                condition=Q(status__in=WAITING, awaits_condition=False, held_at__isnull=True),
                name="order_past_due",
            ),
            models.Index(
                fields=["creator", "next_attempt_at"],
                condition=Q(status__in=WAITING, awaits_condition=True, held_at__isnull=True),
                name="order_awaits_condition",
            ),
            models.Index(
                fields=["status_at"],
                condition=Q(status=OrderStatus.PROCESSED),
                name="order_processed",
            ),
            models.Index(fields=["held_at"], condition=Q(held_at__isnull=False), name="order_held"),
            models.Index(
                fields=["stopped_at"],
                condition=Q(status=OrderStatus.PROCESSED, stopped_at__isnull=False),
                name="order_stopped",
            ),
            # One insertion for each order, as it ends, and always on the last page.
            models.Index(
                fields=["status_at"],
                condition=Q(status__in=ENDED, purged_at__isnull=True),
                name="order_to_purge",
            ),
            # A creator asks for its own, the support desk for anybody's.
            models.Index(fields=["senders_reference", "creator"], name="order_by_reference"),
            models.Index(fields=["creator", "id"], name="order_of_creator"),
            models.Index(
                fields=["chain", "chain_position"],
                condition=Q(chain__isnull=False),
                name="order_of_chain",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="order_has_the_texts_until_purged",
                condition=Q(purged_at__isnull=False)
                | (
                    (
                        Q(channel=Channel.SMS)
                        | Q(email_subject__isnull=False, email_body__isnull=False)
                    )
                    & (Q(channel=Channel.EMAIL) | Q(sms_body__isnull=False))
                ),
            ),
            models.CheckConstraint(
                name="order_status_is_known", condition=Q(status__in=OrderStatus.values)
            ),
            models.CheckConstraint(
                name="order_of_chain_has_its_place",
                condition=Q(chain__isnull=True, chain_position__isnull=True)
                | Q(chain__isnull=False, chain_position__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def may_reach_reserved(self) -> bool:
        """Whether the sender says that the content overrides a reservation."""
        return bool(self.ignore_reservation)

    @property
    def can_hold(self) -> bool:
        return meets(self, HOLDABLE)

    @property
    def can_release(self) -> bool:
        return meets(self, RELEASABLE)

    @property
    def can_stop(self) -> bool:
        return meets(self, STOPPABLE)

    @property
    def can_cancel(self) -> bool:
        return meets(self, CANCELLABLE)

    @property
    def can_process(self) -> bool:
        """Whether processing may take it, now or at its time."""
        return meets(self, PROCESSABLE)
