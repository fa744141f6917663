"""What the feed of finished orders tells."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from orders.models import Creator, Order, OrderStatus


class StatusFeedEntry(models.Model):
    """The final state of an order, as its owner's feed and webhooks will tell it; never changed.
    Of cancelled orders only webhooks tell.

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
