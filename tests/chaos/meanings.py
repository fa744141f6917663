"""What gateway and mail server say: written down once more, and apart from the product."""

from collections.abc import Iterable, Mapping
from typing import Any

MEANINGS = {
    "DELIVRD": "Delivered",
    "BARRED": "Failed_BarredReceiver",
    "UNDELIV": "Failed_Undelivered",
    "REJECTD": "Failed_Rejected",
    "delivered": "Delivered",
    "bounced": "Failed_Bounced",
}
REFUSALS = {"Invalid RCV": "Failed_InvalidRecipient"}
REPORT_APPLIED_WITHIN = 5.0
"""In seconds, with the database or the broker away for a moment."""


def words(received: Iterable[Mapping[str, Any]]) -> set[str]:
    """The statuses that the messages have, going by their last reports."""
    return {MEANINGS.get(message["outcome"], message["outcome"]) for message in received}
