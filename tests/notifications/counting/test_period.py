"""Some days are added up from daily counts; how long things took is told by their histograms."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench.plans import nodes, plan_of
from notifications.counting import period as counting
from notifications.counting.period import OfStatus, OnDay, Period, Within, within
from notifications.models import HISTOGRAM_SECONDS, NotificationChannel, NotificationStatus
from orders.models import Creator
from tests.building import NOON
from tests.notifications.counting.days import count, made_at, order_at

S = NotificationStatus
SMS, EMAIL = NotificationChannel.SMS, NotificationChannel.EMAIL
DAY = timedelta(days=1)
MONDAY = date(2025, 8, 25)
ONE_DAY = Period(MONDAY, MONDAY + DAY)

pytestmark = pytest.mark.django_db


def test_days_are_added_up_by_owner_channel_and_status(ttd: Creator, skd: Creator) -> None:
    for days in range(3):
        moment = NOON + days * DAY
        made_at(order_at(ttd, moment), S.DELIVERED, moment, channel=SMS, segments=2, sent_at=moment)
    made_at(order_at(ttd, NOON), S.FAILED_BOUNCED, NOON, channel=EMAIL)
    made_at(order_at(skd, NOON), S.NEW, NOON, channel=SMS, segments=1)
    count(NOON + 3 * DAY)
    two_days = Period(MONDAY, MONDAY + 2 * DAY)
    of_skd = OfStatus("skd", skd.pk, "Sms", "New", 1, 1, 0, 0)
    of_ttd = OfStatus("ttd", ttd.pk, "Sms", "Delivered", 2, 0, 2, 4)
    bounced = OfStatus("ttd", ttd.pk, "Email", "Failed_Bounced", 1, 0, 0, 0)
    assert counting.by_status(two_days) == [of_skd, bounced, of_ttd]
    assert counting.by_status(replace(two_days, creator_id=skd.pk)) == [of_skd]
    assert counting.by_status(replace(two_days, channel=EMAIL)) == [bounced]
    assert counting.by_day(Period(MONDAY + DAY, MONDAY + 3 * DAY)) == [
        OnDay(MONDAY + number * DAY, "Sms", "Delivered", 1, 0, 1) for number in (1, 2)
    ]


def test_durations_of_a_period_are_those_of_all_its_days(ttd: Creator) -> None:
    for days, seconds in enumerate((0.5, 3, 3)):
        moment = NOON + days * DAY
        sent = moment + timedelta(seconds=seconds)
        delivered = sent + timedelta(days=2)
        of = order_at(ttd, moment)
        made_at(of, S.DELIVERED, moment, channel=SMS, sent_at=sent, finished_at=delivered)
    count(NOON + 6 * DAY)
    [found] = counting.durations(Period(MONDAY, MONDAY + 3 * DAY))
    assert (found.creator_id, found.channel) == (ttd.pk, "Sms")
    assert found.to_gateway == [1, 0, 2, *[0] * 9]
    assert found.to_delivery == [*[0] * 11, 3]


@pytest.mark.parametrize(
    ("histogram", "half", "most"),
    [
        ([0] * 12, None, None),
        ([1] + [0] * 11, Within(1), Within(1)),
        ([50, 44, 6, *[0] * 9], Within(1), Within(5)),
        ([0] * 11 + [1], Within(None), Within(None)),
        ([95] + [0] * 10 + [5], Within(1), Within(1)),
    ],
)
def test_a_share_is_through_within_the_end_of_its_class(
    histogram: list[int], half: Within | None, most: Within | None
) -> None:
    assert (within(histogram, 0.5), within(histogram, 0.95)) == (half, most)


def test_each_class_but_the_last_has_an_end() -> None:
    ends = [within([0] * n + [1] + [0] * (11 - n), 1) for n in range(12)]
    assert ends == [*map(Within, HISTOGRAM_SECONDS), Within(None)]


def _statements() -> Iterator[str]:
    with CaptureQueriesContext(connection) as queries:
        counting.by_status(ONE_DAY)
        counting.by_day(ONE_DAY)
        counting.durations(ONE_DAY)
    yield from (query["sql"] for query in queries.captured_queries)


def test_a_week_reads_its_own_days_of_years_of_counts_and_no_notification(ttd: Creator) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_YEARS, {"creator": ttd.pk})
        cursor.execute("ANALYZE notifications_dailycount")
    for sql in _statements():
        assert "notifications_notification" not in sql
        scans = [
            node for node in nodes(plan_of(sql)) if "dailycount" in node.get("Relation Name", "")
        ]
        assert scans
        assert sum(node["Actual Rows"] for node in scans) == 20
        assert not any(node["Node Type"] == "Seq Scan" for node in scans)


_YEARS = """
INSERT INTO notifications_dailycount (
    day, creator_id, channel, status, notifications, segments, sent, to_gateway, to_delivery
)
SELECT
    date '2025-08-25' - number, %(creator)s, 'Sms', 'X' || kind, 1, 1, 1,
    array_fill(1::bigint, ARRAY[12]), array_fill(1::bigint, ARRAY[12])
FROM generate_series(0, 1000) AS number, generate_series(1, 20) AS kind
"""
