"""Statistics add up, are compared with the period before, lead to lists, and leave as CSV."""

import csv
import io
import re
from datetime import timedelta
from html import unescape
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.conf import LazySettings
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from back_office.audit import roles
from back_office.pages.statistics import outcomes, page
from back_office.pages.statistics.outcomes import Outcomes
from notifications.counting.period import OnDay
from notifications.models import NotificationChannel, NotificationStatus
from orders.models import Creator
from tests.building import NOON
from tests.notifications.counting.days import count, made_at, order_at

S = NotificationStatus
SMS, EMAIL = NotificationChannel.SMS, NotificationChannel.EMAIL
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
PAGE, FILE = reverse("admin:statistics"), reverse("admin:statistics_export")
NOTIFICATIONS = reverse("admin:notifications_notification_changelist")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_noon(time_machine: Any) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def colleague(client: Client) -> User:
    user = User.objects.create_user("ola", is_staff=True)
    client.force_login(user)
    return user


@pytest.fixture
def chief(client: Client, admin_user: User) -> Client:
    client.force_login(admin_user)
    return client


def sent(
    of: Creator, status: S, *, days: int, channel: NotificationChannel = SMS, **fields: Any
) -> None:
    """One of so many days ago, that a gateway took."""
    moment = NOON - days * DAY
    usual = {"channel": channel, "segments": 2 if channel == SMS else None, "sent_at": moment}
    made_at(order_at(of, moment), status, moment, **usual | fields)


@pytest.fixture
def counted(ttd: Creator, skd: Creator) -> None:
    """A week of `ttd` and `skd`, what is not over, and the week before."""
    for status in (S.DELIVERED, S.DELIVERED, S.DELIVERED, S.FAILED_BARRED_RECEIVER):
        sent(ttd, status, days=1)
    sent(ttd, S.FAILED_RECIPIENT_RESERVED, days=7, sent_at=None)
    sent(ttd, S.ACCEPTED, days=1)
    sent(skd, S.SUCCEEDED, days=2, channel=EMAIL, finished_at=NOON, expires_at=None)
    sent(skd, S.SUCCEEDED, days=2, channel=EMAIL)
    sent(ttd, S.DELIVERED, days=0)
    sent(ttd, S.DELIVERED, days=8)
    sent(ttd, S.FAILED_BARRED_RECEIVER, days=14)
    sent(ttd, S.FAILED_BARRED_RECEIVER, days=15)
    count(NOON)


def texts(answer: Any) -> str:
    assert answer.status_code == 200
    words = re.sub(r"<(script|style|svg).*?</\1>|<[^>]+>", " ", answer.content.decode(), flags=re.S)
    return " ".join(unescape(words).split())


def test_each_notification_is_one_of_four(counted: None, chief: Client) -> None:
    words = texts(chief.get(PAGE))
    assert "All 8 +300 % Delivered 4 +300 % Failed 1 ±0 % Never sent 1 Not finished 2" in words
    assert "80.0 % of those that were sent and have ended were delivered. Before: 50.0 %." in words
    assert "18 August 2025 to 24 August 2025" in words
    assert "11 August 2025 to 17 August 2025" in words


def test_owners_stand_with_their_channels_the_largest_first(
    counted: None, chief: Client, settings: LazySettings
) -> None:
    settings.SMS_PART_PRICE = 0.25
    words = texts(chief.get(PAGE))
    assert "ttd SMS 6 3 1 1 1 75.0 % 10 NOK 2.50 < 1 s / < 1 s" in words
    assert words.index("ttd SMS 6") < words.index("skd E-mail 2 1 0 0 1 100.0 % 0")
    assert "The number is barred, blocked or not in use. 1 1" in words


def test_without_a_price_there_are_no_costs(counted: None, chief: Client) -> None:
    words = texts(chief.get(PAGE))
    assert "SMS segments sent 10" in words
    assert "ost" not in words.partition("SMS segments sent")[2].partition("Why they failed")[0]


def test_one_owner_and_one_channel_can_be_chosen(
    counted: None, chief: Client, skd: Creator
) -> None:
    assert "All 2 Delivered 1" in texts(chief.get(f"{PAGE}?creator={skd.pk}"))
    assert "All 2 Delivered 1" in texts(chief.get(PAGE, {"channel": "Email"}))
    assert "All 9 Delivered 4" in texts(chief.get(f"{PAGE}?days=30&channel=Sms"))


def test_every_number_leads_to_a_list_that_holds_so_many(counted: None, chief: Client) -> None:
    found = re.findall(
        rf'<a href="({NOTIFICATIONS}\?[^"]+)">([^<]+)</a>', chief.get(PAGE).content.decode()
    )
    assert len(found) > 20
    for address, number in found:
        if "channel=Sms&amp;sent=yes" not in address:  # segments: of fewer notifications
            rows = chief.get(unescape(address)).content.decode().count("field-state")
            assert rows == int(number), address


@pytest.mark.parametrize(
    "query", ["days=8", "days=x", "channel=Fax", "creator=0", "creator=x", "creator=%C2%B2"]
)
def test_what_makes_no_sense_leads_to_the_plain_page(chief: Client, query: str) -> None:
    for address in (PAGE, FILE):
        answer = chief.get(f"{address}?{query}")
        assert (answer.status_code, answer["Location"]) == (302, PAGE)


def test_a_year_is_shown_by_month_and_a_month_by_day(counted: None, chief: Client) -> None:
    year, month = texts(chief.get(PAGE, {"days": 365})), texts(chief.get(PAGE, {"days": 30}))
    assert "August 2025 11 5" in year
    assert "August 2024 0 0" in year
    assert "10 August 1 0 1 0 0" in month


def test_who_may_see_counts_sees_them_and_others_do_not(
    counted: None, client: Client, colleague: User
) -> None:
    assert client.get(PAGE).status_code == client.get(FILE).status_code == 403
    colleague.user_permissions.add(Permission.objects.get(codename="view_dailycount"))
    assert NOTIFICATIONS not in client.get(PAGE).content.decode()
    assert client.get(FILE).status_code == 200
    assert client.post(FILE).status_code == 405


def test_all_roles_see_statistics(db: None) -> None:
    assert all("notifications.view_dailycount" in granted for granted in roles.GROUPS.values())


def test_who_saw_notifications_before_there_were_statistics_sees_them(db: None) -> None:
    counts = Permission.objects.get(codename="view_dailycount")
    support, stranger = Group.objects.get(name="support"), Group.objects.create(name="stranger")
    support.permissions.remove(counts)
    import_module("notifications.migrations.0012_count_again").let_see(apps, None)
    assert support.permissions.contains(counts)
    assert not stranger.permissions.contains(counts)


def test_the_file_has_a_line_for_each_owner_and_channel(
    counted: None, chief: Client, settings: LazySettings
) -> None:
    settings.SMS_PART_PRICE = 0.25
    answer = chief.get(FILE)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].endswith('"statistics-2025-08-18-2025-08-24.csv"')
    lines = csv.DictReader(
        io.StringIO(answer.content.decode("utf-8-sig"), newline=""), delimiter=";"
    )
    of_ttd, of_skd = lines
    assert of_ttd["service owner"] == "ttd"
    assert (of_ttd["notifications"], of_ttd["delivered"], of_ttd["never sent"]) == ("6", "3", "1")
    assert (of_ttd["delivery rate"], of_ttd["cost"]) == ("0.7500", "2.50")
    assert of_ttd["Failed_BarredReceiver"] == "1"
    assert of_skd["to delivery, half within (s)"] == ""


def test_no_cell_of_the_file_is_a_formula(chief: Client) -> None:
    sent(Creator.objects.create(short_name="=cmd()"), S.DELIVERED, days=1)
    count(NOON)
    assert '"\'=cmd()"' in chief.get(FILE).content.decode()


def test_what_takes_too_long_is_said(chief: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "QUERY_TIMEOUT", timedelta(milliseconds=50))
    monkeypatch.setattr("notifications.counting.period._BY_DAY", "SELECT now() FROM pg_sleep(5)")
    assert "Too much to count in time." in texts(chief.get(PAGE))
    assert chief.get(FILE).status_code == 503


def test_the_page_reads_daily_counts_alone_whatever_there_is(counted: None, chief: Client) -> None:
    chief.get(PAGE)
    with CaptureQueriesContext(connection) as queries:
        chief.get(PAGE)
    statements = [query["sql"] for query in queries.captured_queries]
    assert not any("notifications_notification" in sql for sql in statements)
    assert sum("notifications_dailycount" in sql for sql in statements) == 4


@pytest.mark.parametrize(
    ("status", "row", "expected"),
    [
        (S.DELIVERED, (3, 0, 3), Outcomes(delivered=3)),
        (S.SUCCEEDED, (3, 1, 3), Outcomes(delivered=2, unfinished=1)),
        (S.NEW, (3, 3, 0), Outcomes(unfinished=3)),
        (S.ACCEPTED, (3, 3, 3), Outcomes(unfinished=3)),
        (S.FAILED_TTL, (3, 0, 1), Outcomes(failed=1, never_sent=2)),
    ],
)
def test_outcomes_add_up(status: S, row: tuple[int, int, int], expected: Outcomes) -> None:
    found = outcomes.of([OnDay(NOON.date(), "Sms", status, *row)])
    assert found == expected
    assert found.notifications == row[0]
