"""Which hours have been counted into the daily counts."""

from django.db import models
from django.db.models import Q


class CountedHour(models.Model):
    """What the orders and notifications that were made in one hour have added to the daily counts.

    Counting the hour again adds the difference, in one transaction with `counts`: so nothing is
    counted twice, and nothing lost. `next_count_at` is empty once nothing can change any more.
    """

    hour = models.DateTimeField(primary_key=True)
    counts = models.JSONField(default=dict)
    last_result_at = models.DateTimeField(null=True, blank=True)
    counted_at = models.DateTimeField(null=True, blank=True)
    next_count_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "counted hour"
        verbose_name_plural = "counted hours"
        indexes = [
            models.Index(
                fields=["next_count_at"],
                condition=Q(next_count_at__isnull=False),
                name="counted_hour_due",
            ),
            models.Index(fields=["last_result_at"], name="counted_hour_last_result"),
        ]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}"
