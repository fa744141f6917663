"""Which hours are to be counted again."""

from django.db import models


class LateChange(models.Model):
    """A mark that a notification made in this hour had ended, and has now ended otherwise: the hour
    is to be counted again."""

    hour = models.DateTimeField()

    class Meta:
        verbose_name = "late change"
        verbose_name_plural = "late changes"
        indexes = [models.Index(fields=["hour"], name="late_change_hour")]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}"
