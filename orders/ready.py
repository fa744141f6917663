"""What of orders is ready to be taken, as wake-ups call it, and when a new order tells of it."""

from collections.abc import Iterable
from datetime import datetime

from orders.requests import OrderRequest
from runtime.jobs import wake_ups

DUE_ORDERS = "due-orders"
DUE_CONDITIONS = "due-conditions"
"""Orders whose send condition is to be asked."""


def tell_of(requests: Iterable[OrderRequest], *, now: datetime) -> None:
    """Of orders that are about to be stored, or just were: each wakes who takes it when it is due,
    if that is soon."""
    for request in requests:
        due = request.requested_send_time
        wake_ups.after_commit(
            DUE_CONDITIONS if request.condition_endpoint else DUE_ORDERS,
            wait=max(0.0, (due - now).total_seconds()) if due else 0.0,
        )


def tell_of_some() -> None:
    """Of whichever kind they are."""
    for kind in (DUE_CONDITIONS, DUE_ORDERS):
        wake_ups.after_commit(kind)
