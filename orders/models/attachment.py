"""A file that goes out with an e-mail."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from orders.models.order import Order


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
