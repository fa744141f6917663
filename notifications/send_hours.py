"""Hours of the day on Norwegian clocks, as a setting spells them, whatever clocks do at night."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from runtime.local_time import LAST, LOCAL_TIME, later

MIDNIGHT = time(0)
# In the nights in which clocks change, they do so then (Directive 2000/84/EC, articles 2 and 3).
CHANGE_IN_UTC = time(1, tzinfo=UTC)
_WINDOW = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)", re.ASCII)


@dataclass(frozen=True, slots=True)
class SendWindow:
    """Wall-clock hours in Oslo. `end` at midnight means the end of the day."""

    start: time
    end: time

    def is_open(self, now: datetime) -> bool:
        """Whether an SMS may begin to leave at this moment."""
        clock = now.astimezone(LOCAL_TIME).time()
        return self.start <= clock and (self.end == MIDNIGHT or clock < self.end)

    def next_open(self, moment: datetime) -> datetime:
        """The moment itself if the window is open then, else when it opens next (UTC).

        The opening is a time on the wall, so its distance changes with daylight saving; and a
        window within the hour that March leaves out does not open that night at all.
        """
        if self.is_open(moment):
            return moment
        local = moment.astimezone(LOCAL_TIME)
        days = [later(local, timedelta(days=ahead)).date() for ahead in range(3)]
        openings = (opening for day in days for opening in self._openings(day))
        return next((o for o in openings if o >= moment and self.is_open(o)), LAST)

    def _openings(self, day: date) -> Iterator[datetime]:
        """When it may open: as the clock comes to the start (in October perhaps twice), or as it
        jumps over it, or back into the window."""
        on_the_wall = [
            datetime.combine(day, self.start, LOCAL_TIME).replace(fold=f) for f in (0, 1)
        ]
        yield from sorted({o.astimezone(UTC) for o in on_the_wall} | {_change(day)})


def _change(day: date) -> datetime:
    return datetime.combine(day, CHANGE_IN_UTC)


@lru_cache
def parse(text: str) -> SendWindow:
    """Read "09:00-17:00"; "00:00-24:00" is all day. Raises ValueError where it is no window."""
    found = _WINDOW.fullmatch(text)
    if found is None:
        raise ValueError("it is not written as 09:00-17:00 is")
    hour, minute, last_hour, last_minute = found.groups()
    start = time(int(hour), int(minute))
    if last_hour is None:
        return SendWindow(start, MIDNIGHT)
    end = time(int(last_hour), int(last_minute))
    if end <= start:
        raise ValueError("it ends before it has begun (24:00 is the end of the day)")
    return SendWindow(start, end)
