"""What became of many notifications, in numbers that add up."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from notifications.models import NotificationStatus

N = NotificationStatus
_DELIVERED = (N.DELIVERED, N.SUCCEEDED)
"""Of those that are `Succeeded` and finished no more will be known."""


class Counted(Protocol):
    """A row of the daily counts."""

    @property
    def status(self) -> str: ...
    @property
    def notifications(self) -> int: ...
    @property
    def unfinished(self) -> int: ...
    @property
    def sent(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Each notification is one of four: delivered, as far as its server tells; failed after it was
    sent; failed without being sent; or not finished."""

    delivered: int = 0
    failed: int = 0
    never_sent: int = 0
    unfinished: int = 0

    @property
    def notifications(self) -> int:
        return self.delivered + self.failed + self.never_sent + self.unfinished

    @property
    def rate(self) -> float | None:
        """Which share was delivered of those that were sent and have ended; None where none has."""
        ended = self.delivered + self.failed
        return self.delivered / ended if ended else None

    def __add__(self, other: "Outcomes") -> "Outcomes":
        return Outcomes(
            self.delivered + other.delivered,
            self.failed + other.failed,
            self.never_sent + other.never_sent,
            self.unfinished + other.unfinished,
        )


def of(rows: Iterable[Counted]) -> Outcomes:
    return sum((_of_row(row) for row in rows), Outcomes())


def _of_row(row: Counted) -> Outcomes:
    finished = row.notifications - row.unfinished
    if row.status in _DELIVERED:
        return Outcomes(delivered=finished, unfinished=row.unfinished)
    if not N(row.status).is_final:
        return Outcomes(unfinished=row.notifications)
    return Outcomes(failed=row.sent, never_sent=finished - row.sent)
