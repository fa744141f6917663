"""What sending leaves behind: reports, failed attempts, pauses, and runs of the periodic jobs."""

from datetime import datetime, timedelta
from typing import Self

import pghistory
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from notifications.models import Notification, NotificationChannel
from runtime.database.append_only import append_only


class DeliveryReportQuerySet(models.QuerySet["DeliveryReport"]):
    def due(self, *, now: datetime) -> Self:
        """Waiting for (another) try at finding their notification."""
        return self.filter(state=DeliveryReport.State.WAITING, next_attempt_at__lte=now).order_by(
            "next_attempt_at"
        )

    def dead(self) -> Self:
        """Given up, because nobody can tell what they say of which notification; the latest
        first."""
        return self.filter(state=DeliveryReport.State.DEAD).order_by("-received")


class DeliveryReport(models.Model):
    """A gateway's word on one message, kept exactly as it came.

    Stored before anything else happens to it; matched by the gateway's reference.
    """

    class State(models.TextChoices):
        WAITING = "Waiting", _("Looking for its notification")
        APPLIED = "Applied", _("Applied")
        DEAD = "Dead", _("Unmatched")

    id = models.BigAutoField(_("number"), primary_key=True)
    channel = models.CharField(_("channel"), max_length=5, choices=NotificationChannel)
    gateway = models.TextField(_("gateway"), blank=True, default="", db_default="")
    reference = models.TextField(_("gateway reference"))
    status = models.TextField(
        _("status"),
        blank=True,
        help_text=_("The notification status that the report stands for; empty if nobody knows."),
    )
    report = models.JSONField(_("as received"), help_text=_("The report as received."))
    is_uncertain = models.BooleanField(
        _("says nothing"),
        default=False,
        db_default=False,
        help_text=_("It says that nothing is known of the notification."),
    )
    received = models.DateTimeField(_("received"))
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.WAITING)
    notification = models.ForeignKey(
        Notification,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        db_constraint=False,
        verbose_name=_("notification"),
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"))
    reason = models.TextField(_("why"), blank=True, default="")

    objects = DeliveryReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery report")
        verbose_name_plural = _("delivery reports")
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(state="Waiting"),
                name="report_waiting",
            ),
            models.Index(fields=["reference"], name="report_reference"),
            models.Index(
                fields=["notification"],
                condition=Q(notification__isnull=False),
                name="report_of_notification",
            ),
            models.Index(fields=["received"], condition=Q(state="Dead"), name="report_dead"),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.pk}: {self.status}"


class EventProof(models.Model):
    """What a mail provider has proven a post of events with; good once, and forgotten when it would
    be too old to be believed."""

    digest = models.TextField(primary_key=True)
    received = models.DateTimeField()

    class Meta:
        verbose_name = _("proof of events")
        verbose_name_plural = _("proofs of events")
        indexes = [models.Index(fields=["received"], name="event_proof_age")]

    def __str__(self) -> str:
        return self.digest


class AttemptQuerySet(models.QuerySet["Attempt"]):
    def of_unknown_end(self) -> Self:
        """Those after which the gateway may have the message."""
        return self.filter(outcome__in=(Attempt.Outcome.LEASE_LOST, Attempt.Outcome.UNKNOWN))


class Attempt(models.Model):
    """A failed attempt to send: an error, a lost lease, or an outcome nobody knows."""

    class Outcome(models.TextChoices):
        ERROR = "Error", _("Error")
        LEASE_LOST = "LeaseLost", _("Worker lost")
        UNKNOWN = "Unknown", _("Outcome unknown")

    id = models.BigAutoField(_("number"), primary_key=True)
    notification = models.ForeignKey(
        Notification, on_delete=models.PROTECT, verbose_name=_("notification")
    )
    outcome = models.CharField(_("outcome"), max_length=9, choices=Outcome)
    reason = models.TextField(_("why"))
    gateway = models.TextField(_("gateway"), blank=True, default="", db_default="")
    reference = models.TextField(_("gateway reference"), blank=True, default="")
    created = models.DateTimeField(_("at"))

    objects = AttemptQuerySet.as_manager()

    class Meta:
        verbose_name = _("failed attempt")
        verbose_name_plural = _("failed attempts")

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {self.notification_id}"


# A pause without an end is one that ends later than anybody will remember it.
WITHOUT_END = timedelta(days=36_500)
FORESEEABLE = timedelta(days=3_650)


class ChannelPauseQuerySet(models.QuerySet["ChannelPause"]):
    def in_force(self, *, now: datetime) -> Self:
        """What keeps a channel from sending at will: pauses that last, and those for trouble that
        have run out, while a probe finds out whether the trouble is over."""
        return self.filter(Q(until__gt=now) | Q(cause__in=ChannelPause.Cause.probed()))


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    meta={"triggers": append_only()},
)
class ChannelPause(models.Model):
    """Do not send on this channel before `until`, and why.

    `blamed` is the short name of the creator whose messages alone have met the trouble: those of
    others go on. Empty: it is everybody's.
    """

    class Cause(models.TextChoices):
        REFUSED = "Refused", _("Refused")  # log-in refused or no credit: somebody must act
        RATE_LIMIT = "RateLimit", _("Too fast for the gateway")
        BREAKER = "Breaker", _("Errors in a row")
        PERSON = "Person", _("Paused by staff")

        @classmethod
        def probed(cls) -> tuple[Self, ...]:
            """Trouble, whose end a probe finds out: when the pause has run out, one message goes
            ahead of the others."""
            return cls.REFUSED, cls.BREAKER

    channel = models.CharField(_("channel"), max_length=5, choices=NotificationChannel)
    cause = models.CharField(_("cause"), max_length=9, choices=Cause)
    until = models.DateTimeField(_("until"))
    reason = models.TextField(_("why"))
    set_at = models.DateTimeField(_("since"))
    set_by = models.TextField(_("who"), blank=True, default="")
    blamed = models.TextField(_("service owner"), blank=True, default="", db_default="")

    objects = ChannelPauseQuerySet.as_manager()

    class Meta:
        verbose_name = _("channel pause")
        verbose_name_plural = _("channel pauses")
        constraints = [
            models.UniqueConstraint(fields=["channel", "cause"], name="one_pause_per_cause"),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()}: {self.get_cause_display()}"

    def has_no_end(self, *, now: datetime) -> bool:
        """Whether it lasts until somebody resumes the channel."""
        return self.until > now + FORESEEABLE

    def is_probing(self, *, now: datetime) -> bool:
        """Whether it has run out, and a probe finds out whether the trouble is over."""
        return self.until <= now and self.cause in self.Cause.probed()


class GatewayState(models.Model):
    """How much one of several gateways of a channel takes, and whether it is in trouble. A gateway
    without a row takes what the settings say.

    `weight` is staff's, where they have shifted it. `blamed` is as of a `ChannelPause`.
    `delivered` and `undelivered` are how many reports have lately said so, as of `counted_at`.
    """

    id = models.BigAutoField(primary_key=True)
    channel = models.CharField(_("channel"), max_length=5, choices=NotificationChannel)
    gateway = models.TextField(_("gateway"))
    weight = models.PositiveSmallIntegerField(_("weight"), null=True, blank=True)
    cause = models.CharField(_("cause"), max_length=9, choices=ChannelPause.Cause, blank=True)
    paused_until = models.DateTimeField(_("until"), null=True, blank=True)
    reason = models.TextField(_("why"), blank=True)
    blamed = models.TextField(_("service owner"), blank=True, default="", db_default="")
    delivered = models.FloatField(default=0.0)
    undelivered = models.FloatField(default=0.0)
    counted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("gateway")
        verbose_name_plural = _("gateways")
        constraints = [
            models.UniqueConstraint(fields=["channel", "gateway"], name="one_state_a_gateway"),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()}: {self.gateway}"


class ChannelIncident(models.Model):
    """A pause of a channel, kept when it is over: from when to when, why, and what it cost.

    `waited` is the most notifications that were seen waiting for it at once, as far as they are
    counted; `expired` those that were never sent and whose time ran out meanwhile.
    """

    id = models.BigAutoField(_("number"), primary_key=True)
    channel = models.CharField(_("channel"), max_length=5, choices=NotificationChannel)
    cause = models.CharField(_("cause"), max_length=9, choices=ChannelPause.Cause)
    reason = models.TextField(_("why"))
    set_by = models.TextField(_("who"), blank=True, default="")
    began = models.DateTimeField(_("began"))
    ended = models.DateTimeField(_("ended"), null=True, blank=True)
    waited = models.PositiveIntegerField(_("waited"), default=0)
    expired = models.PositiveIntegerField(_("expired"), default=0)

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "cause"],
                condition=Q(ended__isnull=True),
                name="one_incident_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()}: {self.get_cause_display()}"


class JobRun(models.Model):
    """The last run of a periodic job, and its result; beat's own record only says when it was
    queued. A success keeps `failed_at`, so that a worker of an older version, which does not know
    the column, never leaves a failure standing."""

    name = models.TextField(_("name"), primary_key=True)
    started_at = models.DateTimeField(_("began"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    result = models.TextField(_("result"), blank=True, default="")
    failed_at = models.DateTimeField(_("last failed"), null=True, blank=True)

    class Meta:
        db_table = "dispatch_tick"
        verbose_name = _("background job")
        verbose_name_plural = _("background jobs")

    def __str__(self) -> str:
        return self.name

    @property
    def ran_at(self) -> datetime:
        return self.ended_at or self.started_at

    @property
    def has_failed(self) -> bool:
        """Whether this run ended in an error."""
        return self.failed_at is not None and self.failed_at == self.ended_at


class Silence(models.Model):
    """The last time that nobody could write to the database for long, as the sweep found out when
    it could; one row. `seen` is when it last could."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    seen = models.DateTimeField()
    began = models.DateTimeField(null=True)
    ended = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="silence_is_one_row")]

    def __str__(self) -> str:
        return f"{self.began} to {self.ended}"
