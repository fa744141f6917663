"""One month of each service owner, added up from its days."""

from datetime import date
from typing import NamedTuple

from notifications.models import SUCCEEDED
from runtime.database import sql


class MonthOfCreator(NamedTuple):
    """SMS count by their segments, as gateways charge for them; successful are those that were
    handed over or delivered."""

    creator: str
    orders: int
    emails: int
    successful_emails: int
    sms: int
    successful_sms: int


def of_all(*, year: int, month: int) -> list[MonthOfCreator]:
    """Of each service owner that wanted an order sent in that month (UTC), by name. Reads daily
    counts, and no notification."""
    first = date(year, month, 1)
    after = date(year + month // 12, month % 12 + 1, 1)
    rows = sql.rows(
        _MONTH, first=first, after=after, succeeded=[status.value for status in SUCCEEDED]
    )
    return [MonthOfCreator(*row) for row in rows]


# What lies in a month is found by the constraints, which begin with the day.
_MONTH = """
WITH ordered AS (
    SELECT creator_id, sum(orders)::bigint AS orders
    FROM notifications_dailyordercount
    WHERE day >= %(first)s AND day < %(after)s
    GROUP BY creator_id
),
notified AS (
    SELECT
        creator_id,
        sum(notifications) FILTER (WHERE channel = 'Email')::bigint AS emails,
        sum(notifications) FILTER (WHERE channel = 'Email' AND status = ANY(%(succeeded)s))::bigint
            AS successful_emails,
        sum(segments) FILTER (WHERE channel = 'Sms')::bigint AS sms,
        sum(segments) FILTER (WHERE channel = 'Sms' AND status = ANY(%(succeeded)s))::bigint
            AS successful_sms
    FROM notifications_dailycount
    WHERE day >= %(first)s AND day < %(after)s
    GROUP BY creator_id
)
SELECT
    c.short_name, ordered.orders, coalesce(n.emails, 0), coalesce(n.successful_emails, 0),
    coalesce(n.sms, 0), coalesce(n.successful_sms, 0)
FROM ordered
JOIN orders_creator c ON c.id = ordered.creator_id
LEFT JOIN notified n USING (creator_id)
WHERE ordered.orders > 0
ORDER BY c.short_name
"""
