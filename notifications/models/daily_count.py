"""How many notifications became what on one day."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from notifications.models.channel import NotificationChannel
from notifications.models.notification_status import NotificationStatus
from orders.models import Creator

HISTOGRAM_SECONDS = (1, 2, 5, 10, 30, 60, 300, 900, 3_600, 21_600, 86_400)
"""Where the classes of a histogram of durations begin, but for the first, which begins at 0."""
HISTOGRAM_CLASSES = len(HISTOGRAM_SECONDS) + 1


def empty_histogram() -> list[int]:
    return [0] * HISTOGRAM_CLASSES


class DailyCount(models.Model):
    """How many notifications of one service owner, channel and status belong to one day: the UTC
    day of their order's requested send time.

    Kept up by `notifications.counting`, a minute behind the notifications themselves. A count that
    was right once and is not any more is 0, and stays. The histograms count the seconds from the
    making of a notification to its gateway, and from there to its delivery, by HISTOGRAM_SECONDS.
    `sent` and `sent_segments` are those that a gateway took; `unfinished` may still change.
    """

    day = models.DateField()
    creator = models.ForeignKey(Creator, on_delete=models.PROTECT, db_index=False)
    channel = models.CharField(max_length=5, choices=NotificationChannel)
    status = models.CharField(max_length=29, choices=NotificationStatus)
    notifications = models.BigIntegerField(default=0)
    segments = models.BigIntegerField(default=0)
    unfinished = models.BigIntegerField(default=0, db_default=0)
    sent = models.BigIntegerField(default=0, db_default=0)
    sent_segments = models.BigIntegerField(default=0, db_default=0)
    to_gateway = ArrayField(models.BigIntegerField(), default=empty_histogram)
    to_delivery = ArrayField(models.BigIntegerField(), default=empty_histogram)

    class Meta:
        verbose_name = "daily count"
        verbose_name_plural = "daily counts"
        constraints = [
            models.UniqueConstraint(
                fields=["day", "creator", "channel", "status"], name="one_daily_count"
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.channel} {self.status}: {self.notifications}"
