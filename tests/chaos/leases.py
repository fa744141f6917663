"""Who held which message, and how that ended: noted by the database itself during a run."""

from collections import defaultdict
from dataclasses import dataclass

import psycopg

HOLDER = "chaos.holder"
"""The setting by which each process tells the database who it is."""


@dataclass(frozen=True, slots=True)
class Lease:
    """One claim of a message. `attempt` is what was noted of the send when the lease ended: nothing
    where it went plainly or was held back. Times are seconds since 1970."""

    holder: str
    claimed_at: float
    ended_at: float
    ended_by: str
    status: str
    attempt: str

    @property
    def was_lost(self) -> bool:
        """Whether the sweeper took the message away from its holder."""
        return self.attempt == "LeaseLost"


def keep(database: str) -> None:
    """Have the database note every lease from now on."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(_KEEP)


def read(database: str) -> dict[str, list[Lease]]:
    """The leases of each notification, oldest first; of those that still live, their end is the
    end of time."""
    found: dict[str, list[Lease]] = defaultdict(list)
    with psycopg.connect(database, autocommit=True) as connection:
        for notification_id, *fields in connection.execute(_READ):
            found[str(notification_id)].append(Lease(*fields))
    return found


_KEEP = """
CREATE TABLE chaos_lease (
    notification_id uuid, token uuid, holder text, claimed_at timestamptz,
    ended_at timestamptz, ended_by text, status text, status_at timestamptz
);
CREATE INDEX ON chaos_lease (notification_id);

CREATE FUNCTION note_lease() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE chaos_lease
    SET ended_at = clock_timestamp(), ended_by = current_setting('chaos.holder', true),
        status = NEW.status, status_at = NEW.status_at
    WHERE notification_id = OLD.id AND token = OLD.lease_token AND ended_at IS NULL;
    IF NEW.lease_token IS NOT NULL THEN
        INSERT INTO chaos_lease VALUES (
            NEW.id, NEW.lease_token, current_setting('chaos.holder', true), clock_timestamp()
        );
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER note_lease AFTER UPDATE ON notifications_notification FOR EACH ROW
WHEN (OLD.lease_token IS DISTINCT FROM NEW.lease_token) EXECUTE FUNCTION note_lease();
"""

_READ = """
SELECT l.notification_id, coalesce(l.holder, ''),
    extract(epoch FROM l.claimed_at)::float,
    coalesce(extract(epoch FROM l.ended_at)::float, 'Infinity'),
    coalesce(l.ended_by, ''), coalesce(l.status, ''), coalesce(a.outcome, '')
FROM chaos_lease l
LEFT JOIN dispatch_attempt a
    ON a.notification_id = l.notification_id AND a.created = l.status_at
ORDER BY l.claimed_at
"""
"""Whoever ends a lease notes the attempt with the same moment."""
