"""A request of a run: what it orders, and what must become of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.recipients import Address

INSTANT = "future/orders/instant/"
NOT_SENT = "NOT-00004"


@dataclass(slots=True)
class Shipment:
    """An order of a request; `addresses` are whom it reaches.

    `end` is how the order ends. `unsendable` is the status of its notifications where their files
    keep them from ever leaving. One that `is_cancelled` is cancelled as soon as it is placed.
    """

    addresses: Sequence[Address]
    end: str = "Completed"
    unsendable: str = ""
    is_cancelled: bool = False
    order_id: str = ""


@dataclass(slots=True)
class Placement:
    """A request `at` so many seconds into the run. Of a time in its body it says how far ahead that
    is when the request is sent; `answers` are those that it got, the last one good."""

    at: float
    creator: str
    path: str
    body: Mapping[str, Any]
    shipments: Sequence[Shipment]
    answers: list[str] = field(default_factory=list)

    @property
    def is_instant(self) -> bool:
        return self.path.startswith(INSTANT)

    @property
    def has_own_id(self) -> bool:
        """Whether its idempotency id stands in its body."""
        return self.path.startswith("future/")

    @property
    def was_told_a_lie(self) -> bool:
        """Whether a request of which nothing was stored, as each answer said, was known later."""
        *before, last = self.answers or [""]
        return last == "200" and all(answer == NOT_SENT for answer in before)


def stored(path: str, said: Mapping[str, Any]) -> list[str]:
    """The ids of the orders, from a good answer."""
    if not path.startswith("future/"):
        return [said["orderId"]]
    main = said["notification"]
    return [main["shipmentId"], *(one["shipmentId"] for one in main.get("reminders", ()))]
