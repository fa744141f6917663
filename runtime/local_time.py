"""Norwegian clocks, and sums of time that stay within the years that Python knows."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

FIRST = datetime.min.replace(tzinfo=UTC)
LAST = datetime.max.replace(tzinfo=UTC)


class _BoundedZone(ZoneInfo):
    """A zone east of Greenwich in which every moment that Python knows has a time on the clock.

    The last hours of the year 9999 in UTC would be in the year 10000 here, which Python refuses
    with OverflowError; they become the last moment of 9999. So whoever shows a time needs no care
    of their own, templates of Django's included.
    """

    def fromutc(self, dt: datetime) -> datetime:
        try:
            return super().fromutc(dt)
        except OverflowError:
            return LAST.replace(tzinfo=self)


LOCAL_TIME = _BoundedZone("Europe/Oslo")


def later(moment: datetime, span: timedelta) -> datetime:
    """The moment and the span; the last moment of all (the first) where the sum lies beyond it."""
    try:
        return moment + span
    except OverflowError:
        return LAST if span > timedelta() else FIRST
