"""How many orders were for one day."""

from django.db import models

from orders.models import Creator


class DailyOrderCount(models.Model):
    """How many orders one service owner wanted sent on one day in UTC, whatever became of them."""

    day = models.DateField()
    creator = models.ForeignKey(Creator, on_delete=models.PROTECT, db_index=False)
    orders = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = "daily count of orders"
        verbose_name_plural = "daily counts of orders"
        constraints = [
            models.UniqueConstraint(fields=["day", "creator"], name="one_daily_order_count")
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.orders}"
