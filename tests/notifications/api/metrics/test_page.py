"""The monthly page shows what the daily counts have, each service owner by name."""

import re

import pytest
from django.conf import LazySettings
from django.test import Client

from notifications.models import NotificationChannel, NotificationStatus
from orders.models import Creator
from tests.building import NOON
from tests.notifications.counting.days import count, made_at, order_at

PAGE = "/notifications/api/v1/metrics"
KEY = {"X-API-Key": "7c0ffee1d2b3a4958607"}
S = NotificationStatus

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _key(settings: LazySettings) -> None:
    settings.METRICS_API_KEY = KEY["X-API-Key"]


def test_it_shows_a_row_for_each_service_owner(ttd: Creator, skd: Creator) -> None:
    order = order_at(ttd, NOON)
    order_at(skd, NOON)
    for status in (S.DELIVERED, S.FAILED_BOUNCED):
        made_at(order, status, NOON, channel=NotificationChannel.EMAIL)
    made_at(order, S.ACCEPTED, NOON, channel=NotificationChannel.SMS, segments=3)
    count(NOON)
    answer = Client().post(PAGE, {"month": "8", "year": "2025"}, headers=KEY)
    page = answer.content.decode()
    cells = re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", page)
    assert cells == [
        "Organization",
        "Total orders",
        "Total email notifications",
        "Successful email notifications",
        "Total SMS notifications",
        "Successful SMS notifications",
        *("skd", "1", "0", "0", "0", "0"),
        *("ttd", "1", "2", "1", "3", "3"),
    ]


def test_while_the_key_is_replaced_the_old_one_is_good_too(settings: LazySettings) -> None:
    settings.METRICS_API_KEY, settings.METRICS_API_KEY_FALLBACKS = "neu", [KEY["X-API-Key"]]
    for key, status in ((KEY["X-API-Key"], 200), ("neu", 200), ("alt", 401)):
        assert Client().get(PAGE, headers={"X-API-Key": key}).status_code == status


def test_where_no_key_is_set_nobody_reads_it(settings: LazySettings) -> None:
    settings.METRICS_API_KEY = ""
    answer = Client().get(PAGE, headers=KEY)
    assert answer.status_code == 401
    assert answer.json() == {"error": "API key validation not configured"}
