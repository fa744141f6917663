"""What became of the notifications of each day, or of each month of a year, drawn as bars."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from back_office.pages.statistics import outcomes
from back_office.pages.statistics.outcomes import Outcomes
from notifications.counting.period import OnDay

DAY = timedelta(days=1)
HEIGHT = 100
STEP = 10
BAR = 8
MAX_BARS = 31
KINDS = ("delivered", "failed", "never_sent", "unfinished")


@dataclass(frozen=True, slots=True)
class Bar:
    """Some days, the last one included."""

    first: date
    last: date
    outcomes: Outcomes


@dataclass(frozen=True, slots=True)
class Piece:
    """One kind's part of a bar, in units of the drawing."""

    kind: str
    x: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Kinds stand on each other; the highest bar fills the height."""

    bars: Sequence[Bar]

    height = HEIGHT
    bar = BAR

    @property
    def width(self) -> int:
        return STEP * len(self.bars)

    @property
    def most(self) -> int:
        return max((bar.outcomes.notifications for bar in self.bars), default=0)

    def pieces(self) -> Iterator[Piece]:
        for number, bar in enumerate(self.bars):
            top = float(HEIGHT)
            for kind in KINDS:
                if count := getattr(bar.outcomes, kind):
                    height = round(HEIGHT * count / self.most, 2)
                    top -= height
                    yield Piece(kind, STEP * number, round(top, 2), height)


def bars(rows: Sequence[OnDay], *, first: date, after: date) -> list[Bar]:
    """One for each day, also where nothing was counted; of each month where they were too many."""
    of_day: dict[date, list[OnDay]] = defaultdict(list)
    for row in rows:
        of_day[row.day].append(row)
    days = [first + DAY * number for number in range((after - first).days)]
    if len(days) <= MAX_BARS:
        return [Bar(day, day, outcomes.of(of_day[day])) for day in days]
    months: dict[tuple[int, int], list[date]] = defaultdict(list)
    for day in days:
        months[day.year, day.month].append(day)
    return [
        Bar(month[0], month[-1], outcomes.of(row for day in month for row in of_day[day]))
        for month in months.values()
    ]
