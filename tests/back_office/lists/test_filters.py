"""Periods are Norwegian days, and each filter finds just what its words say."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from back_office.lists import periods
from back_office.lists.periods import Period, first_number_since
from dispatch.models import Attempt, DeliveryReport
from notifications.models import NotificationStatus
from orders.models import Creator
from runtime.uuid7 import lowest_at, uuid7
from tests.building import NOON, ids, notification, order, processed_order

N = NotificationStatus


@pytest.fixture
def staff(client: Client, admin_user: User) -> Client:
    client.force_login(admin_user)
    return client


def at(moment: datetime) -> UUID:
    """An id as if made then."""
    return UUID(int=lowest_at(moment).int | uuid7().int & (1 << 62) - 1)


def listed(staff: Client, query: str = "", page: str = "notifications_notification") -> list[UUID]:
    answer = staff.get(reverse(f"admin:{page}_changelist") + query)
    assert answer.status_code == 200
    return ids(answer.context["cl"].result_list)


def utc(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2025, 8, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("today", utc(24, 22), utc(25, 22)),
        ("yesterday", utc(23, 22), utc(24, 22)),
        ("7days", utc(18, 22), utc(25, 22)),
        ("any", None, None),
    ],
)
def test_days_begin_and_end_at_midnight_in_oslo(
    name: str, start: datetime | None, end: datetime | None
) -> None:
    assert periods.named(name, now=NOON) == Period(start, end)


def test_it_is_already_tomorrow_in_oslo_when_utc_still_has_two_hours_to_go() -> None:
    assert periods.named("today", now=utc(25, 22, 30)).start == utc(25, 22)


def test_the_day_the_clocks_change_has_25_hours() -> None:
    day = periods.between(date(2025, 10, 26), date(2025, 10, 26))
    assert day.start is not None
    assert day.end is not None
    assert day.end - day.start == timedelta(hours=25)


def test_an_id_lies_between_the_moments_around_it() -> None:
    moment = datetime.now(UTC)
    key = uuid7()
    assert lowest_at(moment - timedelta(milliseconds=2)) < key
    assert key < lowest_at(moment + timedelta(seconds=1))


@pytest.mark.parametrize("count", [0, 1, 2, 17])
def test_halving_finds_the_first_number_of_a_moment(ttd: Creator, count: int) -> None:
    message = notification(processed_order(ttd))
    attempts = Attempt.objects.bulk_create(
        Attempt(notification=message, outcome="Error", created=NOON + timedelta(hours=number))
        for number in range(count)
    )
    for number, attempt in enumerate(attempts):
        moment = NOON + timedelta(hours=number) - timedelta(minutes=30)
        found = first_number_since(moment, model=Attempt, column="created")
        assert Attempt.objects.filter(pk__gte=found)[0] == attempt
    beyond = first_number_since(NOON + timedelta(days=9), model=Attempt, column="created")
    assert not Attempt.objects.filter(pk__gte=beyond).exists()


@time_machine.travel(NOON, tick=False)
def test_the_list_opens_with_today_and_other_days_can_be_asked_for(
    staff: Client, ttd: Creator
) -> None:
    made = processed_order(ttd)
    today = notification(made, N.DELIVERED, id=at(utc(24, 22, 1)))
    yesterday = notification(made, N.DELIVERED, id=at(utc(24, 21, 59)))
    long_ago = notification(made, N.DELIVERED, id=at(utc(1, 12)))
    assert listed(staff) == [today.pk]
    assert listed(staff, "?period=yesterday") == [yesterday.pk]
    assert listed(staff, "?period=7days") == [today.pk, yesterday.pk]
    assert listed(staff, "?period=any") == [today.pk, yesterday.pk, long_ago.pk]
    assert listed(staff, "?period_from=2025-08-01&period_to=2025-08-01") == [long_ago.pk]
    assert listed(staff, "?period_to=2025-08-24") == [yesterday.pk, long_ago.pk]


@time_machine.travel(NOON, tick=False)
def test_groups_of_statuses_divide_all_notifications(staff: Client, ttd: Creator) -> None:
    made = processed_order(ttd)
    rows = {status: notification(made, status, id=at(NOON)) for status in _of_sms()}
    by_group = {
        name: set(listed(staff, f"?period=any&group={name}"))
        for name in ("waiting", "on-its-way", "delivered", "failed")
    }
    assert by_group["waiting"] == {rows[N.NEW].pk}
    assert by_group["on-its-way"] == {rows[N.SENDING].pk, rows[N.ACCEPTED].pk}
    assert by_group["delivered"] == {rows[N.DELIVERED].pk}
    assert sum(len(found) for found in by_group.values()) == len(rows)


@time_machine.travel(NOON, tick=False)
def test_failed_ones_are_of_the_day_they_failed(staff: Client, ttd: Creator) -> None:
    made = processed_order(ttd)
    failed = notification(made, N.FAILED_TTL, id=at(NOON - timedelta(days=2)))
    later = notification(
        made, N.FAILED_TTL, id=at(NOON - timedelta(days=3)), finished_at=NOON + timedelta(minutes=1)
    )
    assert listed(staff, "?group=failed") == [later.pk, failed.pk]
    assert listed(staff, "?status=Failed_TTL") == [later.pk, failed.pk]
    assert listed(staff, "?status=Failed") == []


@time_machine.travel(NOON, tick=False)
def test_what_waits_is_shown_however_old_it_is(staff: Client, ttd: Creator) -> None:
    waiting = notification(processed_order(ttd), id=at(NOON - timedelta(days=2)))
    assert listed(staff, "?group=waiting") == [waiting.pk]
    assert listed(staff, "?group=waiting&period=today") == []


@time_machine.travel(NOON, tick=False)
def test_other_filters_find_what_they_say(staff: Client, ttd: Creator, skd: Creator) -> None:
    plain = notification(processed_order(ttd), id=at(utc(25, 1)))
    mail = notification(processed_order(ttd), id=at(utc(25, 2)), channel="Email", policy="Anytime")
    held = notification(processed_order(skd), id=at(utc(25, 3)), is_held=True)
    resend = notification(processed_order(skd), id=at(utc(25, 4)), resend_of=plain)
    assert listed(staff, f"?creator__id__exact={skd.pk}") == [resend.pk, held.pk]
    assert listed(staff, "?channel=Email") == [mail.pk]
    assert listed(staff, "?policy=Anytime") == [mail.pk]
    assert listed(staff, "?held=yes") == [held.pk]
    assert listed(staff, "?resends=yes") == [resend.pk]
    assert listed(staff, f"?order={plain.order_id}") == [plain.pk]


@pytest.mark.parametrize(
    "query",
    ["period=never", "period_from=tomorrow", "group=odd", "status=x", "order=x", "before=x"],
)
def test_a_filter_made_up_by_hand_leads_back_to_the_list(staff: Client, query: str) -> None:
    page = reverse("admin:notifications_notification_changelist")
    answer = staff.get(f"{page}?{query}")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{page}?e=1")


@pytest.mark.parametrize("lookup", ["address__startswith", "order__sms_body__contains", "reason"])
def test_nobody_can_guess_addresses_in_the_address_bar(staff: Client, lookup: str) -> None:
    page = reverse("admin:notifications_notification_changelist")
    assert staff.get(page, {lookup: "+47"}).status_code == 400


@time_machine.travel(NOON, tick=False)
def test_orders_are_found_by_when_they_were_ordered_and_when_they_are_to_be_sent(
    staff: Client, ttd: Creator
) -> None:
    page = "orders_order"
    with time_machine.travel(NOON - timedelta(days=2)):
        held = order(ttd, requested_send_time=NOON + timedelta(days=3), held_at=NOON)
    now = order(ttd)
    assert listed(staff, page=page) == [now.pk]
    assert listed(staff, "?period=7days", page) == [now.pk, held.pk]
    assert listed(staff, "?requested_from=2025-08-28&requested_to=2025-08-28", page) == [held.pk]
    assert listed(staff, "?requested=today", page) == [now.pk]
    assert listed(staff, "?stopping=held", page) == [held.pk]


@time_machine.travel(NOON, tick=False)
def test_reports_open_with_the_dead_ones(staff: Client, db: None) -> None:
    def report(state: str, received: datetime) -> DeliveryReport:
        return DeliveryReport.objects.create(
            channel="Sms",
            reference="42",
            status=N.DELIVERED,
            report={},
            received=received,
            state=state,
            next_attempt_at=received,
        )

    page = "dispatch_deliveryreport"
    long_ago = report("Dead", NOON - timedelta(days=40))
    early = report("Applied", NOON - timedelta(days=3))
    late = report("Applied", NOON - timedelta(minutes=1))
    assert listed(staff, page=page) == [long_ago.pk]
    assert listed(staff, "?state=Applied", page) == [late.pk]
    assert listed(staff, "?state=Applied&period=7days", page) == [late.pk, early.pk]
    assert listed(staff, "?period_from=2025-08-22", page) == []


def _of_sms() -> list[NotificationStatus]:
    return [N.NEW, N.SENDING, N.ACCEPTED, N.DELIVERED, N.FAILED, N.FAILED_TTL, N.FAILED_REJECTED]
