"""An order: one shipment as its service owner asked for it, and how far it has come."""

from datetime import datetime
from typing import Self

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from runtime.append_only import append_only
from runtime.criteria import meets
from runtime.uuid7 import uuid7


@pghistory.track(meta={"triggers": append_only()})
class Creator(models.Model):
    """A service owner, known by its tokens' short name; made on first sight of a valid one.

    Staff may edit everything but the name; each change is kept, with who made it.
    """

    short_name = models.TextField(_("short name"), unique=True)
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("An inactive one is answered 403.")
    )
    contact = models.TextField(
        _("contact"),
        blank=True,
        db_default="",
        default="",
        help_text=_("Whom to call when its orders go wrong."),
    )
    default_sms_sender = models.TextField(
        _("default SMS sender"),
        blank=True,
        db_default="",
        default="",
        help_text=_("For orders that name none; empty: the installation's."),
    )
    default_email_sender = models.TextField(
        _("default e-mail sender"),
        blank=True,
        db_default="",
        default="",
        help_text=_("For orders that name none; empty: the installation's."),
    )
    requests_per_minute = models.PositiveIntegerField(
        _("requests per minute"),
        null=True,
        blank=True,
        help_text=_("0 is no limit; empty: the installation's."),
    )
    recipients_per_minute = models.PositiveIntegerField(
        _("recipients per minute"),
        null=True,
        blank=True,
        help_text=_("Of new orders. 0 is no limit; empty: the installation's."),
    )
    created = models.DateTimeField(_("first seen"), auto_now_add=True)

    class Meta:
        verbose_name = _("service owner")
        verbose_name_plural = _("service owners")

    def __str__(self) -> str:
        return self.short_name


class Channel(models.TextChoices):
    """How the recipients are to be reached; the contract's words (`NotificationChannelExt`)."""

    EMAIL = "Email", _("E-mail")
    SMS = "Sms", _("SMS")
    EMAIL_PREFERRED = "EmailPreferred", _("E-mail, else SMS")
    SMS_PREFERRED = "SmsPreferred", _("SMS, else e-mail")
    EMAIL_AND_SMS = "EmailAndSms", _("E-mail and SMS")

    @property
    def needs_email_text(self) -> bool:
        return self is not Channel.SMS

    @property
    def needs_sms_text(self) -> bool:
        return self is not Channel.EMAIL


class EmailContentType(models.TextChoices):
    PLAIN = "Plain"
    HTML = "Html"


class SendingTimePolicy(models.TextChoices):
    """Whether a notification waits for the send window, or for its attachments.

    The first two are the contract's. E-mails with attachments are claimed on their own, so that no
    other mail waits for their files (decision 32).
    """

    ANYTIME = "Anytime", _("At any time")
    DAYTIME = "Daytime", _("In the send window")
    FETCHED = "Fetched", _("At any time, with its attachments")


class OrderType(models.TextChoices):
    """The contract's words. A reminder differs from other orders by its name only."""

    NOTIFICATION = "Notification", _("Notification")
    REMINDER = "Reminder", _("Reminder")
    INSTANT = "Instant", _("Instant")
    COMPOSED = "Composed", _("E-mail with attachments")


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


class OrderChain(models.Model):
    """One accepted request under `/future`: a main order with its reminders, or a single one.

    Its orders refer to it with their position: 0 is the main one, then come the reminders. Together
    they are the answer to the same request when it comes again, however much later: the chain and
    its orders outlive the purge, which takes nothing that the answer needs. The same idempotency id
    may be used once for each kind, as upstream has it.
    """

    class Kind(models.TextChoices):
        CHAIN = "Chain", _("Order with reminders")
        INSTANT = "Instant", _("Instant")
        COMPOSED = "Composed", _("E-mail with attachments")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    creator = models.ForeignKey(
        Creator,
        on_delete=models.PROTECT,
        db_index=False,
        db_constraint=False,
        verbose_name=_("service owner"),
    )
    kind = models.CharField(max_length=8, choices=Kind)
    idempotency_id = models.TextField()
    dialog_id = models.TextField(
        null=True, blank=True, help_text="The dialog in Dialogporten that the orders are about."
    )
    transmission_id = models.TextField(
        null=True, blank=True, help_text="The transmission within that dialog."
    )
    created = models.DateTimeField()

    class Meta:
        verbose_name = _("order chain")
        verbose_name_plural = _("order chains")
        constraints = [
            # The id first: the support desk looks for it without knowing whose it is.
            models.UniqueConstraint(
                fields=["idempotency_id", "creator", "kind"], name="chain_of_idempotency_id"
            )
        ]
        indexes = [
            models.Index(
                fields=["dialog_id"], condition=Q(dialog_id__isnull=False), name="chain_of_dialog"
            ),
            models.Index(
                fields=["transmission_id"],
                condition=Q(transmission_id__isnull=False),
                name="chain_of_transmission",
            ),
            # Whose log will end one day.
            models.Index(
                fields=["created", "id"],
                condition=Q(dialog_id__isnull=False),
                name="chain_with_a_log",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


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

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        # In the same transaction, whoever ends the order: nobody can forget it.
        triggers = [
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
            )
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


class Attachment(models.Model):
    """A file that goes out with an e-mail. It lies with the sender, and is fetched when the e-mail
    is sent.

    `link` is a secret: whoever has it can read the file. It is shown nowhere, and gone as soon as
    the order has ended. The size is known once the file was fetched.
    """

    order = models.ForeignKey(
        Order,
        on_delete=models.PROTECT,
        related_name="attachments",
        db_index=False,
        db_constraint=False,
    )
    position = models.PositiveSmallIntegerField(help_text="As the request lists them, from 0.")
    filename = models.TextField(_("file name"))
    mime_type = models.TextField(_("type"))
    link = models.TextField(null=True, blank=True, help_text="Where the file is fetched.")
    link_expires_at = models.DateTimeField(_("link good until"))
    size = models.PositiveBigIntegerField(_("size"), null=True, blank=True, help_text="In bytes.")

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="attachment_has_its_place")
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.position}"


class IdempotencyKey(models.Model):
    """Under which key a creator placed an order, and what was answered.

    `fingerprint` stands for the request: another one under the same key is refused. There is no
    foreign key to the order, which would cost an index: rows live for a day, orders longer.
    """

    creator = models.ForeignKey(Creator, on_delete=models.CASCADE, db_index=False)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    order_id = models.UUIDField()
    recipient_lookup = models.JSONField(null=True, blank=True)
    created = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["creator", "key"], name="idempotency_key_of_creator")
        ]

    def __str__(self) -> str:
        return self.key
