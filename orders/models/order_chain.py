"""An order and its reminders, placed by one request."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from orders.models.creator import Creator
from runtime.uuid7 import uuid7


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
