"""Days as staff mean them, by Norwegian clocks, and where a period begins in a table."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db import connection, models
from django.utils.translation import gettext_lazy as _
from psycopg import sql

from runtime.local_time import LOCAL_TIME

TODAY, YESTERDAY, WEEK, MONTH, ANY = "today", "yesterday", "7days", "30days", "any"
NAMES = [
    (TODAY, _("Today")),
    (YESTERDAY, _("Yesterday")),
    (WEEK, _("7 days")),
    (MONTH, _("30 days")),
    (ANY, _("Any time")),
]
_DAYS = {TODAY: (0, 1), YESTERDAY: (1, 1), WEEK: (6, 7), MONTH: (29, 30)}
# Numbers are given when a row is stored, times a moment before.
OUT_OF_STEP = timedelta(minutes=5)
# Where identifiers made of the time begin, and well before Python's last day.
FIRST_DAY, LAST_DAY = date(1970, 1, 2), date(9000, 1, 1)


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` to before `end`; without one of them, from ever or for ever."""

    start: datetime | None = None
    end: datetime | None = None

    def of(self, column: str) -> models.Q:
        """Rows whose time in the column lies in the period."""
        found = models.Q()
        if self.start:
            found &= models.Q(**{f"{column}__gte": self.start})
        if self.end:
            found &= models.Q(**{f"{column}__lt": self.end})
        return found


def named(name: str, *, now: datetime) -> Period:
    """Today, yesterday, the last 7 or 30 days with today, or any time."""
    if name == ANY:
        return Period()
    back, days = _DAYS[name]
    first = now.astimezone(LOCAL_TIME).date() - timedelta(days=back)
    return between(first, first + timedelta(days=days - 1))


def between(first: date | None, last: date | None) -> Period:
    """Whole days in Oslo, the last one included; FIRST_DAY and LAST_DAY stand for all beyond."""
    return Period(
        _midnight(min(max(first, FIRST_DAY), LAST_DAY)) if first else None,
        _midnight(max(min(last, LAST_DAY), FIRST_DAY) + timedelta(days=1)) if last else None,
    )


def first_number_since(moment: datetime, *, model: type[models.Model], column: str) -> int:
    """Where the rows of a moment begin, found by halving: numbers follow the time in `column` (all
    but OUT_OF_STEP), which therefore needs no index."""
    statement = sql.SQL(
        """
        WITH RECURSIVE halving (low, high) AS (
            SELECT coalesce(min({id}), 0), coalesce(max({id}) + 1, 0) FROM {table}
            UNION ALL
            SELECT CASE WHEN early THEN middle + 1 ELSE low END,
                   CASE WHEN early THEN high ELSE middle END
            FROM halving
            CROSS JOIN LATERAL (SELECT (low + high) / 2 AS middle) AS half
            CROSS JOIN LATERAL (
                SELECT coalesce(
                    (SELECT {column} < %s FROM {table} WHERE {id} >= middle ORDER BY {id} LIMIT 1),
                    false
                ) AS early
            ) AS probe
            WHERE low < high
        )
        SELECT low FROM halving WHERE low = high
        """
    ).format(
        table=sql.Identifier(model._meta.db_table),
        id=sql.Identifier(str(model._meta.pk.column)),
        column=sql.Identifier(column),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [moment])
        (number,) = cursor.fetchone()
    return int(number)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), tzinfo=LOCAL_TIME).astimezone(UTC)
