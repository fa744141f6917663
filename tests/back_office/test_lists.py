"""The lists of the desk open at once on tables of any size, and show nobody's address."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from back_office.lists import paging
from bench.plans import nodes, plan_of
from dispatch.models import Attempt, ChannelPause, DeliveryReport, JobRun
from notifications.models import Notification, NotificationStatus
from orders.models import Creator, Order
from runtime.uuid7 import lowest_at
from tests.back_office import bulk
from tests.building import NOON, notification, order, processed_order

N = NotificationStatus
MESSAGES = reverse("admin:notifications_notification_changelist")
REPORTS = reverse("admin:dispatch_deliveryreport_changelist")


@pytest.fixture
def staff(client: Client, admin_user: User) -> Client:
    client.force_login(admin_user)
    return client


@pytest.fixture
def many(ttd: Creator) -> Order:
    """50,000 of the last 12 days, fifty of which failed: so many a day that it never pays to read a
    day and sort it."""
    made = processed_order(ttd)
    bulk.messages(made, 50_000, step=timedelta(seconds=20))
    return made


def statements(staff: Client, address: str) -> list[str]:
    staff.get(address)  # what is remembered, is remembered now
    with CaptureQueriesContext(connection) as seen:
        assert staff.get(address).status_code == 200
    return [query["sql"] for query in seen.captured_queries]


@time_machine.travel(bulk.NOW, tick=False)
@pytest.mark.parametrize(
    "query",
    [
        "",
        "period=7days",
        "period=any",
        "group=failed",
        "group=failed&period=30days",
        "group=failed&period=any",
        "group=waiting",
        "group=on-its-way",
        "status=Failed",
        "held=yes",
        "unfinished=yes",
        "group=failed&sent=no&period=30days",
        "resends=yes",
        "creator__id__exact={creator}",
        "channel=Sms&period=30days",
        "period=any&before={middle}",
        "period=any&after={middle}",
    ],
)
def test_no_list_of_notifications_looks_at_more_rows_than_it_shows(
    staff: Client, many: Order, query: str
) -> None:
    middle = lowest_at(bulk.NOW - timedelta(days=6))
    address = f"{MESSAGES}?{query.format(creator=many.creator_id, middle=middle)}"
    pages = [sql for sql in statements(staff, address) if "LIMIT 101" in sql]
    assert len(pages) == 1
    plan = plan_of(pages[0])
    scans = [node for node in nodes(plan) if "notification" in node.get("Relation Name", "")]
    assert scans
    for node in scans:
        assert node["Node Type"] != "Seq Scan"
        looked_at = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
        assert looked_at <= 250, node


def test_nothing_is_counted(staff: Client, many: Order) -> None:
    assert not [sql for sql in statements(staff, MESSAGES) if "COUNT(" in sql.upper()]


@pytest.mark.parametrize(
    "table",
    [
        "notifications_notification",
        "orders_order",
        "dispatch_deliveryreport",
        "dispatch_attempt",
        "notifications_statusfeedentry",
    ],
)
def test_a_hundred_rows_cost_as_many_statements_as_one(
    staff: Client, ttd: Creator, table: str
) -> None:
    address = reverse(f"admin:{table}_changelist") + "?period=any"
    _one_of_everything(ttd)
    with_one = len(statements(staff, address))
    for _ in range(20):
        _one_of_everything(ttd)
    assert len(statements(staff, address)) == with_one


def _one_of_everything(creator: Creator) -> None:
    made = order(creator, status="Processed")
    row = notification(made, N.FAILED, reason="It broke.")
    Attempt.objects.create(notification=row, outcome="Error", reason="It broke.", created=NOON)
    DeliveryReport.objects.create(
        channel="Sms",
        reference="42",
        status=N.DELIVERED,
        report={},
        received=NOON,
        state="Dead",
        next_attempt_at=NOON,
        notification=row,
    )
    made.statusfeedentry_set.create(
        creator=creator, status="Completed", recipients=[], created=NOON
    )


def test_a_search_through_everything_is_given_up_with_a_word_on_what_to_do(
    staff: Client, many: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging.Keyset, "page", lambda *args, **kwargs: _sleep())
    monkeypatch.setattr(paging, "QUERY_TIMEOUT", timedelta(milliseconds=50))
    answer = staff.get(f"{MESSAGES}?period=any")
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "That would have taken too long" in text
    assert "Choose a shorter period" in text


def _sleep() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(20)")


@time_machine.travel(bulk.NOW, tick=False)
def test_older_and_newer_lead_through_the_list(staff: Client, many: Order) -> None:
    first = staff.get(f"{MESSAGES}?period=any").context["cl"]
    assert (first.newer, first.newest) == ("", "")
    second = staff.get(MESSAGES + first.older).context["cl"]
    everything = list(Notification.objects.order_by("-id").values_list("id", flat=True)[:200])
    assert [row.pk for row in [*first.result_list, *second.result_list]] == everything
    back = staff.get(MESSAGES + second.newer).context["cl"]
    assert [row.pk for row in back.result_list] == everything[:100]
    assert "period=any" in second.newest
    # A changed filter starts at the newest row again.
    page = staff.get(MESSAGES + first.older).content.decode()
    assert 'name="before"' not in page


def test_addresses_are_masked_in_every_cell(staff: Client, ttd: Creator) -> None:
    made = processed_order(ttd)
    notification(
        made, N.FAILED, address="+4799887766", reason="550 kari@example.com, +4799887766 unknown"
    )
    page = staff.get(f"{MESSAGES}?period=any&group=failed").content.decode()
    assert "+47 99 88 ** **" in page
    assert "99887766" not in page
    assert "kari@example.com" not in page


def test_each_notification_says_why(staff: Client, ttd: Creator) -> None:
    notification(processed_order(ttd), is_held=True)
    page = staff.get(f"{MESSAGES}?group=waiting").content.decode()
    assert "Held by staff." in page


def test_an_order_says_how_many_it_is_for_and_why_it_waits(staff: Client, ttd: Creator) -> None:
    order(ttd, senders_reference="sak-42", held_at=NOON)
    page = staff.get(reverse("admin:orders_order_changelist") + "?period=any").content.decode()
    assert "sak-42" in page
    assert "Held by staff since" in page
    assert "recipients" in page.lower()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        (REPORTS, "No unmatched reports."),
        (f"{REPORTS}?state=Applied", "No such reports."),
        (reverse("admin:dispatch_attempt_changelist"), "No failed attempts."),
        (reverse("admin:dispatch_channelpause_changelist"), "No channel is paused. Good."),
        (reverse("admin:dispatch_jobrun_changelist"), "No job ever ran."),
        (MESSAGES, "No such notifications."),
    ],
)
def test_a_list_without_rows_says_what_that_means(staff: Client, address: str, words: str) -> None:
    assert words in staff.get(address).content.decode()


def test_a_report_is_masked_on_its_page(staff: Client, db: None) -> None:
    report = DeliveryReport.objects.create(
        channel="Sms",
        reference="42",
        status=N.DELIVERED,
        report={"to": "+4799887766"},
        received=NOON,
        state="Dead",
        next_attempt_at=NOON,
    )
    page = staff.get(reverse("admin:dispatch_deliveryreport_change", args=[report.pk]))
    assert "99887766" not in page.content.decode()
    assert "+47 99 88" in page.content.decode()


@time_machine.travel(NOON, tick=False)
def test_a_pause_counts_down(staff: Client, db: None) -> None:
    for cause, end in (("RateLimit", timedelta(seconds=42)), ("Person", timedelta(days=9999))):
        ChannelPause.objects.create(
            channel="Sms", cause=cause, until=NOON + end, reason="Full.", set_at=NOON
        )
    page = staff.get(reverse("admin:dispatch_channelpause_changelist")).content.decode()
    assert "42 s" in page
    assert "somebody resumes it" in page
    assert "Too fast for the gateway" in page


@pytest.mark.parametrize(("age", "word"), [(20, "On time"), (120, "Late")])
def test_a_job_that_did_not_run_is_late(staff: Client, db: None, age: int, word: str) -> None:
    with time_machine.travel(NOON, tick=False):
        ran = NOON - timedelta(seconds=age)
        JobRun.objects.create(name="dispatch.send_sms", started_at=ran, ended_at=ran, result="0")
        staff.force_login(User.objects.get(username="admin"))
        page = staff.get(reverse("admin:dispatch_jobrun_changelist")).content.decode()
    assert "Ready SMS to the gateway" in page
    assert word in page
