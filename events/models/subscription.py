"""Webhooks: an endpoint of a service owner, and how it does."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from orders.models import Creator
from runtime.uuid7 import uuid7


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

    @property
    def can_be_resumed(self) -> bool:
        """An endpoint that ended its subscription may be given another chance."""
        return self.state in (self.State.PAUSED, self.State.ENDED)
