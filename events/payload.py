"""What an event says: which shipment ended, and how. It names no recipient (decision 34)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import orjson


@dataclass(frozen=True, slots=True)
class Event:
    """Of a test event there is no shipment."""

    type: str
    occurred_at: datetime
    sequence_number: int | None = None
    shipment_id: UUID | None = None
    shipment_type: str = ""
    senders_reference: str | None = None

    def body(self) -> str:
        """The same each time, for the signature covers it."""
        return orjson.dumps(
            {"type": self.type, "timestamp": _moment(self.occurred_at), "data": self._data()}
        ).decode()

    def _data(self) -> Mapping[str, object]:
        if self.shipment_id is None:
            return {}
        reference = {"sendersReference": self.senders_reference} if self.senders_reference else {}
        return {
            "shipmentId": str(self.shipment_id),
            **reference,
            "shipmentType": self.shipment_type,
            "sequenceNumber": self.sequence_number,
        }


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
