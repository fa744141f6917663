"""A service owner, as the system knows it and as staff have set it up."""

import pghistory
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from runtime.database.append_only import append_only


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
    new_orders_held_at = models.DateTimeField(
        _("new orders held since"),
        null=True,
        blank=True,
        help_text=_("Orders placed since then are held, each from its placement on."),
    )
    is_in_test_mode = models.BooleanField(
        _("in test mode"),
        default=False,
        db_default=False,
        help_text=_(
            "What it orders from now on leaves only to the addresses below; the rest is simulated,"
            " also if the mode ends before. What was ordered earlier is sent."
        ),
    )
    test_mode_allows = models.TextField(
        _("in test mode it is sent to"),
        blank=True,
        db_default="",
        default="",
        help_text=_("Numbers (+47...), e-mail addresses, or @domain; each on a line of its own."),
    )
    created = models.DateTimeField(_("first seen"), auto_now_add=True)

    class Meta:
        verbose_name = _("service owner")
        verbose_name_plural = _("service owners")

    def __str__(self) -> str:
        return self.short_name

    @property
    def places_tests(self) -> bool:
        """Whether what it orders at this moment is only a test."""
        return self.is_in_test_mode or bool(settings.TEST_MODE)
