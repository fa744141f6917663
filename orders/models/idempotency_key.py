"""What was answered to a request that may come again."""

from django.db import models

from orders.models.creator import Creator


class IdempotencyKey(models.Model):
    """Under which key a creator placed an order, and what was answered.

    `fingerprint` stands for the request: another one under the same key is refused. There is no
    foreign key to the order, which would cost an index: rows live for a day, orders longer.
    """

    creator = models.ForeignKey(Creator, on_delete=models.CASCADE, db_index=False)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    order_id = models.UUIDField()
    recipient_lookup = models.JSONField(null=True, blank=True)
    created = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["creator", "key"], name="idempotency_key_of_creator")
        ]

    def __str__(self) -> str:
        return self.key
