"""What sending leaves behind: reports, sends that did not go plainly, pauses, and ticks."""

from datetime import datetime
from typing import Self

import pghistory
from django.db import models
from django.db.models import Q

from notifications.models import MessageChannel, Notification


class DeliveryReportQuerySet(models.QuerySet["DeliveryReport"]):
    def due(self, *, now: datetime) -> Self:
        """Waiting for (another) try at finding their notification."""
        return self.filter(state=DeliveryReport.State.WAITING, next_attempt_at__lte=now).order_by(
            "next_attempt_at"
        )

    def dead(self) -> Self:
        """Given up, because they found no notification; the latest first."""
        return self.filter(state=DeliveryReport.State.DEAD).order_by("-received")


class DeliveryReport(models.Model):
    """A gateway's word on one message, kept exactly as it came.

    Stored before anything else happens to it; matched by the gateway's reference.
    """

    class State(models.TextChoices):
        WAITING = "Waiting"
        APPLIED = "Applied"
        DEAD = "Dead"

    id = models.BigAutoField(primary_key=True)
    channel = models.CharField(max_length=5, choices=MessageChannel)
    reference = models.TextField()
    status = models.TextField(help_text="The notification status that the report stands for.")
    report = models.JSONField(help_text="The report as received.")
    received = models.DateTimeField()
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    notification = models.ForeignKey(
        Notification, on_delete=models.PROTECT, null=True, blank=True, db_index=False
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    reason = models.TextField(blank=True, default="")

    objects = DeliveryReportQuerySet.as_manager()

    class Meta:
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
        return f"{self.channel} report {self.pk}: {self.status}"


class Attempt(models.Model):
    """A send that did not go plainly: an error, a lost lease, or an outcome nobody knows."""

    class Outcome(models.TextChoices):
        ERROR = "Error"
        LEASE_LOST = "LeaseLost"
        UNKNOWN = "Unknown"

    id = models.BigAutoField(primary_key=True)
    notification = models.ForeignKey(Notification, on_delete=models.PROTECT)
    outcome = models.CharField(max_length=9, choices=Outcome)
    reason = models.TextField()
    reference = models.TextField(blank=True, default="")
    created = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.outcome} of notification {self.notification_id}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class ChannelPause(models.Model):
    """Do not send on this channel before `until`, and why."""

    class Cause(models.TextChoices):
        REFUSED = "Refused"  # log-in refused or no credit: somebody must act
        RATE_LIMIT = "RateLimit"
        BREAKER = "Breaker"
        PERSON = "Person"

    channel = models.CharField(max_length=5, choices=MessageChannel)
    cause = models.CharField(max_length=9, choices=Cause)
    until = models.DateTimeField()
    reason = models.TextField()
    set_at = models.DateTimeField()
    set_by = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "cause"], name="one_pause_per_cause"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} paused until {self.until:%Y-%m-%d %H:%M:%S} UTC: {self.reason}"


class Tick(models.Model):
    """When a periodic job last really ran, and with what result; beat's own record only says when
    it was queued."""

    name = models.TextField(primary_key=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    result = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        return self.name
