"""An e-mail address or SMS sender that a service owner wants to send from."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from orders.models.creator import Creator


class SenderQuerySet(models.QuerySet["Sender"]):
    def undecided(self) -> "SenderQuerySet":
        """Those that staff have neither verified nor revoked since they were asked for."""
        return self.filter(state__in=(Sender.State.ASKED, Sender.State.WAITING))


class Sender(models.Model):
    """Exactly one address, or one name or number as phones show it, of one service owner.

    The first that is verified of a kind binds its owner: from then on orders are from verified ones
    only, whatever becomes of that one. `address` is as `orders.senders.allowed.form_of` makes it.
    """

    class Kind(models.TextChoices):
        EMAIL = "Email", _("e-mail address")
        SMS = "Sms", _("SMS sender")

    class State(models.TextChoices):
        ASKED = "Asked", _("Asked for")
        WAITING = "Waiting", _("Waiting for DNS")
        VERIFIED = "Verified", _("Verified")
        REVOKED = "Revoked", _("Revoked")

    creator = models.ForeignKey(
        Creator, on_delete=models.PROTECT, related_name="senders", verbose_name=_("service owner")
    )
    kind = models.CharField(_("kind"), max_length=5, choices=Kind)
    address = models.TextField(_("sender"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.ASKED)
    state_at = models.DateTimeField(_("since"))
    created = models.DateTimeField(_("first asked for"))
    verified_at = models.DateTimeField(_("first verified"), null=True, blank=True)
    checked_at = models.DateTimeField(_("last checked"), null=True, blank=True)
    findings = models.JSONField(
        _("found in the DNS"), default=list, db_default=[], help_text="Codes, at the last check."
    )

    objects = SenderQuerySet.as_manager()

    class Meta:
        verbose_name = _("sender")
        verbose_name_plural = _("senders")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["creator", "kind", "address"], name="sender_once"),
            models.CheckConstraint(
                condition=~Q(state="Verified") | Q(verified_at__isnull=False),
                name="sender_verified_at_some_time",
            ),
        ]

    def __str__(self) -> str:
        return self.address

    @property
    def domain(self) -> str:
        """Of an e-mail address."""
        return self.address.rpartition("@")[2]
