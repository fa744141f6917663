"""The audit log: append-only, and nobody's to change; and whom single sign-on knows.

One row for each action. What it was about, where that is several things, and what came of it, where
that is known later, are rows of their own, since no row is ever changed.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from runtime.database.append_only import append_only, never_changed


class StaffAction(models.Model):
    """An audit entry: one action of one member of staff, or one look at personal data.

    `subject_type` is one of Subject, `subject_id` the row's primary key as text or, for a channel,
    its name; "" where `subjects` names several. What ran in several transactions has its outcome
    in `ended`; where there is none it was cut off, or is under way. Management commands have no
    `staff`, but the account of the operating system in `staff_name`.
    """

    class What(models.TextChoices):
        RESENT = "Resent", _("Resent")
        CANCELLED = "Cancelled", _("Cancelled")
        HELD = "Held", _("Held")
        RELEASED = "Released", _("Released")
        STOPPED = "Stopped", _("Stopped")
        # As stored: an audit entry is never changed, not by a migration either.
        SENT_NOW = "Hurried", _("Sent or processed now")
        PAUSED = "Paused", _("Channel paused")
        RESUMED = "Resumed", _("Channel resumed")
        WEIGHTS_SHIFTED = "Shifted", _("Weights of gateways shifted")
        REPLAYED = "Replayed", _("Delivery reports replayed")
        UNMASKED = "Unmasked", _("Personal data shown")
        EXPORTED = "Exported", _("List exported")
        JOB_CHANGED = "JobTuned", _("Background job changed")
        PURGED = "Purged", _("Personal data removed")
        WEBHOOK_PAUSED = "Suspended", _("Webhook paused")
        WEBHOOK_RESUMED = "Continued", _("Webhook resumed")
        REDELIVERED = "Reposted", _("Events posted again")
        LOOKED_UP = "LookedUp", _("Looked up by the support dashboard")
        RESTORED = "Restored", _("Decided after a restore")
        SENDER_ASKED = "Asked", _("Sender asked for")
        SENDER_CHECKED = "Checked", _("Sender checked")
        SENDER_VERIFIED = "Verified", _("Sender verified")
        SENDER_REVOKED = "Revoked", _("Sender revoked")
        SECOND_FACTOR = "CodesGot", _("Secret of one-time codes issued")
        HIRED = "Hired", _("Account made")

    class Subject(models.TextChoices):
        ORDER = "order", _("order")
        NOTIFICATION = "notification", _("notification")
        CREATOR = "creator", _("service owner")
        CHANNEL = "channel", _("channel")
        REPORT = "report", _("delivery report")
        LIST = "list", _("list")
        RECIPIENT = "recipient", _("recipient")
        WEBHOOK = "webhook", _("webhook")
        JOB = "job", _("job")
        SENDER = "sender", _("sender")
        ACCOUNT = "account", _("account")

    id = models.BigAutoField(primary_key=True)
    when = models.DateTimeField(_("when"))
    what = models.CharField(_("what"), max_length=9, choices=What)
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, verbose_name=_("who")
    )
    staff_name = models.TextField(_("name"))
    reason = models.TextField(_("reason"), blank=True, default="")
    case_reference = models.TextField(_("case reference"), blank=True, default="")
    subject_type = models.CharField(_("kind"), max_length=12, choices=Subject)
    subject_id = models.TextField(_("of what"), blank=True, default="")
    detail = models.JSONField(
        _("detail"), default=dict, help_text=_("Counts and choices; no personal data.")
    )

    class Meta:
        verbose_name = _("staff action")
        verbose_name_plural = _("staff actions")
        default_permissions = ("view",)
        permissions = [
            ("view_personal_data", gettext_noop("Can see personal data unmasked, which is logged")),
            ("export", gettext_noop("Can export lists")),
            (
                "export_unmasked",
                gettext_noop("Can export lists with personal data unmasked"),
            ),
            ("resend", gettext_noop("Can send notifications again")),
            ("resend_delivered", gettext_noop("Can send again what was delivered")),
            ("override_reservation", gettext_noop("Can send to somebody who is reserved")),
            ("cancel_order", gettext_noop("Can cancel orders")),
            ("hold", gettext_noop("Can hold, release and stop orders")),
            ("send_now", gettext_noop("Can process and send now")),
            ("send_outside_window", gettext_noop("Can send outside the send window")),
            ("pause_channel", gettext_noop("Can pause and resume channels")),
            ("replay_reports", gettext_noop("Can replay unmatched delivery reports")),
            ("manage_webhooks", gettext_noop("Can pause and resume webhooks, and post again")),
            ("manage_senders", gettext_noop("Can register, verify and revoke senders")),
        ]
        indexes = [
            models.Index(fields=["when"], name="staff_action_when"),
            models.Index(fields=["subject_type", "subject_id", "id"], name="staff_action_subject"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.what} by {self.staff_name} at {self.when:%Y-%m-%d %H:%M:%S} UTC"


class ActionSubject(models.Model):
    """One of the things that an action was about: each of several, and the order of a notification,
    so that the story of each tells of the action."""

    id = models.BigAutoField(primary_key=True)
    action = models.ForeignKey(StaffAction, on_delete=models.PROTECT, related_name="subjects")
    subject_type = models.CharField(_("kind"), max_length=12, choices=StaffAction.Subject)
    subject_id = models.TextField(_("of what"))

    class Meta:
        verbose_name = _("subject of an action")
        verbose_name_plural = _("subjects of actions")
        default_permissions = ()
        indexes = [
            models.Index(
                fields=["subject_type", "subject_id", "action"], name="action_subject_subject"
            )
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id}"


class ActionOutcome(models.Model):
    """What came of an action that ran in several transactions."""

    id = models.BigAutoField(primary_key=True)
    action = models.OneToOneField(StaffAction, on_delete=models.PROTECT, related_name="ended")
    detail = models.JSONField(_("outcome"), default=dict)

    class Meta:
        verbose_name = _("outcome of an action")
        verbose_name_plural = _("outcomes of actions")
        default_permissions = ()
        triggers = append_only()

    def __str__(self) -> str:
        return f"Outcome of action {self.action_id}"


class Viewing(models.Model):
    """One page, search, look-up or file that showed persons to somebody. Kept AUDIT_VIEWS_DAYS."""

    class How(models.TextChoices):
        SEARCH = "Search", _("search")
        PAGE = "Page", _("page, masked")
        UNMASKED = "Unmasked", _("page, unmasked")
        FILE = "File", _("file, unmasked")
        LOOK_UP = "LookUp", _("look-up of the support dashboard")

    id = models.BigAutoField(primary_key=True)
    when = models.DateTimeField(_("when"))
    how = models.CharField(_("how"), max_length=9, choices=How)
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, verbose_name=_("who")
    )
    staff_name = models.TextField(_("name"))
    page = models.TextField(_("page"))
    case_reference = models.TextField(_("case reference"), blank=True, default="")

    class Meta:
        verbose_name = _("viewing")
        verbose_name_plural = _("viewings")
        default_permissions = ()
        indexes = [models.Index(fields=["when"], name="viewing_when")]
        triggers = never_changed()

    def __str__(self) -> str:
        return f"{self.how} by {self.staff_name} at {self.when:%Y-%m-%d %H:%M:%S} UTC"


class PersonSeen(models.Model):
    """Somebody whom a viewing showed, by the keyed hash of the number or address."""

    id = models.BigAutoField(primary_key=True)
    viewing = models.ForeignKey(Viewing, on_delete=models.PROTECT, related_name="persons")
    key = models.CharField(max_length=32)

    class Meta:
        verbose_name = _("person seen")
        verbose_name_plural = _("persons seen")
        default_permissions = ()
        indexes = [models.Index(fields=["key", "viewing"], name="person_seen_key")]
        triggers = never_changed()

    def __str__(self) -> str:
        return f"{self.key[:6]}… in viewing {self.viewing_id}"


class StaffIdentity(models.Model):
    """The account of a person whom the identity provider knows, under a name that never changes
    (`sub`, unique for the issuer: https://openid.net/specs/openid-connect-core-1_0.html#IDToken).
    An account with a password of its own has none."""

    id = models.BigAutoField(primary_key=True)
    staff = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    issuer = models.TextField()
    subject = models.TextField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="staff_identity_once")
        ]

    def __str__(self) -> str:
        return f"{self.staff} at {self.issuer}"


class SecondFactor(models.Model):
    """The secret from which an account's one-time codes are made, sealed with SECRET_KEY.

    `last_step` is the time of the last code that was good, in steps of 30 seconds: none as old is
    good again. `failures` are the wrong codes since then.
    """

    id = models.BigAutoField(primary_key=True)
    staff = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    secret = models.TextField()
    last_step = models.BigIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    issued = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"One-time codes of {self.staff}"
