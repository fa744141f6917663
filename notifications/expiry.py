"""How long a message may still be sent: 48 hours on the wall from the first moment it may leave."""

from datetime import UTC, datetime, timedelta

from runtime.local_time import LOCAL_TIME, later

LIFETIME = timedelta(hours=48)
# A delivery report may take a little longer than the gateway's own time to live.
GRACE = timedelta(minutes=5)


def expires_at(first_moment: datetime) -> datetime:
    """The moment (UTC) at which a message that may first leave at `first_moment` is given up.

    The hours are added to the Norwegian wall clock, so across a change of daylight saving the
    span is 47 or 49 real hours: what may leave at 09:00 expires at 09:00 two days later.
    """
    return later(first_moment.astimezone(LOCAL_TIME), LIFETIME).astimezone(UTC)
