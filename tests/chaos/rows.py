"""What the database says at the end of a run of each message."""

from dataclasses import dataclass

from script.launcher.system.running_system import RunningSystem
from tests.simulators.magic import Fate, fate_of_address, fate_of_number

EXPIRED = "Failed_TTL"
ENDED_UNKNOWN = "Nobody knows whether"
MAX_UNKNOWN = 2  # outcomes; after these a message is not sent again


@dataclass(frozen=True, slots=True)
class Row:
    """A notification, with how many outcomes of it were unknown, how many times the last entry of
    its order in the feed says what it says, and when a sender of it was last lost."""

    id: str
    order_id: str
    channel: str
    status: str
    reason: str
    reference: str | None
    finished_at: float | None
    receiver: str
    unknown: int
    told_by_feed: int
    order_completed: bool
    type: str
    created: float
    lost_at: float | None

    @property
    def fate(self) -> Fate:
        find = fate_of_number if self.channel == "Sms" else fate_of_address
        return find(self.receiver)

    @property
    def ended_unknown(self) -> bool:
        return self.reason.startswith(ENDED_UNKNOWN)

    @property
    def is_instant(self) -> bool:
        return self.type == "Instant"

    @property
    def was_corrected(self) -> bool:
        """Whether a report may have come after it had ended as unknown."""
        if self.is_instant:
            return self.status != EXPIRED
        return self.unknown >= MAX_UNKNOWN and not self.ended_unknown

    @property
    def is_refused(self) -> bool:
        """Whether no gateway takes it, unless a fault keeps it from looking."""
        fate = self.fate
        return (bool(fate.refusal) and not fate.first_time_only) or fate.trouble == "error554"


def read_rows(system: RunningSystem) -> list[Row]:
    """All notifications of the run."""
    return [Row(str(row[0]), str(row[1]), *row[2:]) for row in system.query(_ROWS)]


_ROWS = """
SELECT n.id, n.order_id, n.channel, n.status, n.reason, n.gateway_reference,
    extract(epoch FROM n.finished_at)::float,
    CASE n.channel WHEN 'Sms' THEN ltrim(n.normalized_address, '+') ELSE lower(n.address) END,
    (SELECT count(*) FROM dispatch_attempt a
        WHERE a.notification_id = n.id AND a.outcome = 'Unknown'),
    (SELECT count(*) FROM notifications_statusfeedentry f, jsonb_array_elements(f.recipients) r
        WHERE f.order_id = n.order_id AND r->>'destination' = n.address
            AND r->>'status' = n.status
            AND f.round = (SELECT max(last.round) FROM notifications_statusfeedentry last
                WHERE last.order_id = n.order_id)),
    o.status = 'Completed', o.type,
    extract(epoch FROM n.created)::float,
    (SELECT extract(epoch FROM max(a.created))::float FROM dispatch_attempt a
        WHERE a.notification_id = n.id AND a.outcome = 'LeaseLost')
FROM notifications_notification n
JOIN orders_order o ON o.id = n.order_id
"""
