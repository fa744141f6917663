"""One addressee of an order, as ordered."""

from typing import Self
from uuid import UUID

from django.db import models


class RecipientQuerySet(models.QuerySet["Recipient"]):
    def of_order(self, order_id: UUID) -> Self:
        """As submitted, in the order of the request."""
        return self.filter(order_id=order_id).order_by("id")


class Recipient(models.Model):
    """A person, an organisation, somebody whom another log-in names, or an explicit address
    (e-mail, mobile number or both).

    Never changed after placement, but emptied when the order is purged. Identical entries of one
    order are all kept and shown; the later ones are marked `is_repeat` and never expanded. One that
    turned out to share an address is marked with the notification that covers it, too.
    """

    class LookUp(models.TextChoices):
        """What the look-up at placement found."""

        NOT_NEEDED = "NotNeeded"
        FOUND = "Found"
        RESERVED = "Reserved"
        MISSING = "Missing"

    id = models.BigAutoField(primary_key=True)
    order = models.ForeignKey(
        "orders.Order",
        on_delete=models.CASCADE,
        related_name="recipients",
        db_index=False,
        db_constraint=False,
    )
    national_identity_number = models.CharField(max_length=11, blank=True, default="")
    organization_number = models.CharField(max_length=9, blank=True, default="")
    email_address = models.TextField(blank=True, default="")
    mobile_number = models.TextField(blank=True, default="", help_text="As given by the caller.")
    external_identity = models.TextField(
        blank=True,
        default="",
        db_default="",
        help_text="The URN of somebody without a national identity number, as given by the caller.",
    )
    placement_look_up = models.CharField(max_length=10, choices=LookUp, default=LookUp.NOT_NEEDED)
    is_repeat = models.BooleanField(default=False)
    covered_by = models.UUIDField(
        null=True,
        blank=True,
        editable=False,
        help_text="The notification of another recipient that says the same to the same address.",
    )

    objects = RecipientQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["order", "id"], name="recipient_of_order"),
            models.Index(
                fields=["national_identity_number"],
                condition=~models.Q(national_identity_number=""),
                name="recipient_by_nin",
            ),
            models.Index(
                fields=["organization_number"],
                condition=~models.Q(organization_number=""),
                name="recipient_by_organization",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                # It has one, and none once purged.
                name="recipient_has_at_most_one_way_to_be_found",
                condition=models.Q(organization_number="", email_address="", mobile_number="")
                | models.Q(national_identity_number="", email_address="", mobile_number="")
                | models.Q(national_identity_number="", organization_number=""),
            ),
            models.CheckConstraint(
                name="recipient_with_external_identity_has_nothing_else",
                condition=models.Q(external_identity="")
                | models.Q(
                    national_identity_number="",
                    organization_number="",
                    email_address="",
                    mobile_number="",
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"Recipient {self.pk} of order {self.order_id}"
