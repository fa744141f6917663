"""What waits, what is stopped and whether the jobs run: the rest of the front page's figures."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from back_office.pages.dashboard import figures, operations_status
from back_office.pages.dashboard.figures import Shared, in_time, waiting
from back_office.pages.dashboard.operations_status import BackedOff, Counted, Window
from config.jobs.schedule import PERIODIC_JOBS
from dispatch.models import ChannelPause, DeliveryReport, JobRun
from dispatch.monitoring import backlog
from dispatch.reports import delivery_reports
from dispatch.reports.delivery_reports import ReceivedReport
from dispatch.sending import pauses
from notifications.models import NotificationChannel, NotificationStatus
from orders.models import Channel, Creator, OrderStatus
from tests.building import NOON, notification, order, processed_order

S = NotificationStatus
EMAIL, SMS = NotificationChannel.EMAIL, NotificationChannel.SMS
HOUR = timedelta(hours=1)
# 18:00 on Norwegian clocks, which go back an hour in the night that follows.
EVENING_BEFORE = datetime(2025, 10, 25, 16, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def pause(channel: NotificationChannel, cause: ChannelPause.Cause, **fields: Any) -> None:
    usual: dict[str, Any] = {"until": NOON + HOUR, "reason": "Out.", "now": NOON}
    pauses.pause(channel, cause, **usual | fields)


def test_a_pause_shows_its_reason_and_when_the_first_notification_expires(ttd: Creator) -> None:
    pause(SMS, ChannelPause.Cause.PERSON, reason="The gateway is rebuilt.", set_by="kari")
    for hours in (7, 5, 6):
        notification(processed_order(ttd), expires_at=NOON + HOUR * hours)
    notification(processed_order(ttd), S.ACCEPTED, expires_at=NOON + HOUR)
    notification(processed_order(ttd, channel=Channel.EMAIL), expires_at=NOON + HOUR)
    [shown] = operations_status.pauses(now=NOON)
    assert (shown.channel, shown.reason, shown.set_by) == (SMS, "The gateway is rebuilt.", "kari")
    assert shown.until == NOON + HOUR
    assert not shown.is_probing
    assert shown.first_expiry == NOON + HOUR * 5


def test_a_pause_that_holds_up_nothing_has_no_expiry(ttd: Creator) -> None:
    pause(EMAIL, ChannelPause.Cause.REFUSED)
    notification(processed_order(ttd))
    [shown] = operations_status.pauses(now=NOON)
    assert (shown.first_expiry, shown.none_before) == (None, None)


def test_where_too_many_others_expire_first_it_is_told_how_far_is_known(
    ttd: Creator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations_status, "LOOKED_AT", 3)
    pause(EMAIL, ChannelPause.Cause.REFUSED)
    for hours in (1, 2, 3, 4):
        notification(processed_order(ttd), expires_at=NOON + HOUR * hours)
    notification(processed_order(ttd, channel=Channel.EMAIL), expires_at=NOON + HOUR * 9)
    [shown] = operations_status.pauses(now=NOON)
    assert (shown.first_expiry, shown.none_before) == (None, NOON + HOUR * 3)


def test_a_pause_for_trouble_that_ran_out_is_being_probed_and_any_other_is_over(db: None) -> None:
    pause(SMS, ChannelPause.Cause.BREAKER, until=NOON)
    pause(EMAIL, ChannelPause.Cause.PERSON, until=NOON)
    assert [(one.channel, one.is_probing) for one in operations_status.pauses(now=NOON)] == [
        (SMS, True)
    ]


def test_personal_data_in_a_reason_is_masked(db: None) -> None:
    pause(EMAIL, ChannelPause.Cause.REFUSED, reason="550 kari.nordmann@example.com is unknown.")
    [shown] = operations_status.pauses(now=NOON)
    assert "kari.nordmann" not in shown.reason


@pytest.mark.parametrize(
    ("hours", "now", "is_open", "changes_at"),
    [
        ("09:00-17:00", NOON, True, NOON + 5 * HOUR),
        ("09:00-17:00", NOON + 5 * HOUR, False, NOON + 21 * HOUR),
        ("09:00-17:00", NOON - 4 * HOUR, False, NOON - 3 * HOUR),
        ("09:00-24:00", NOON, True, NOON + 12 * HOUR),
        ("00:00-24:00", NOON, True, None),
        ("09:00-17:00", EVENING_BEFORE, False, EVENING_BEFORE + 16 * HOUR),
    ],
)
def test_the_window_is_open_or_closed_and_tells_when_it_changes(
    settings: LazySettings, hours: str, now: datetime, is_open: bool, changes_at: datetime | None
) -> None:
    settings.SMS_SEND_WINDOW = hours
    assert operations_status.window(now=now) == Window(is_open, changes_at)


def ran(name: str, at: datetime, **fields: Any) -> None:
    JobRun.objects.update_or_create(
        name=name, defaults={"started_at": at, "ended_at": at, **fields}
    )


def test_a_job_is_late_a_minute_after_it_should_have_run(db: None) -> None:
    seconds = {job.task: job.seconds for job in PERIODIC_JOBS}
    for task, every in seconds.items():
        ran(task, NOON - timedelta(seconds=60 + every))
    assert not any(health.is_late for health in operations_status.jobs(now=NOON))
    ran("dispatch.sweep", NOON - timedelta(seconds=91))
    first, *others = operations_status.jobs(now=NOON)
    assert first.is_late
    assert first.ran_at == NOON - timedelta(seconds=91)
    assert not any(health.is_late for health in others)


def test_a_job_at_a_time_of_day_is_late_once_that_has_passed(db: None) -> None:
    PeriodicTask.objects.all().delete()
    at_four = CrontabSchedule.objects.create(minute="0", hour="4", timezone="Europe/Oslo")
    PeriodicTask.objects.create(name="Nightly", task="nightly", crontab=at_four)
    ran("nightly", NOON - 8 * HOUR)
    assert not operations_status.jobs(now=NOON)[0].is_late
    assert not operations_status.jobs(now=NOON + 16 * HOUR)[0].is_late
    assert operations_status.jobs(now=NOON + 16 * HOUR + timedelta(seconds=61))[0].is_late


@pytest.mark.parametrize(("times", "is_late"), [(10, False), (14, True)])
def test_a_job_that_is_queued_and_never_run_is_late_however_often_beat_notes_it(
    db: None, times: int, is_late: bool
) -> None:
    PeriodicTask.objects.exclude(task="dispatch.send_sms").delete()
    PeriodicTask.objects.update(date_changed=NOON, last_run_at=NOON, total_run_count=times)
    assert [job.is_late for job in operations_status.jobs(now=NOON)] == [is_late]


def test_a_job_at_a_time_of_day_that_was_queued_and_never_run_is_late(db: None) -> None:
    PeriodicTask.objects.all().delete()
    at_four = CrontabSchedule.objects.create(minute="0", hour="4", timezone="Europe/Oslo")
    PeriodicTask.objects.create(name="Nightly", task="nightly", crontab=at_four)
    queued = NOON - 10 * HOUR + timedelta(seconds=7)
    PeriodicTask.objects.update(date_changed=NOON, last_run_at=queued, total_run_count=1)
    assert [job.is_late for job in operations_status.jobs(now=NOON)] == [True]


def test_a_job_that_never_ran_failed_or_is_switched_off_says_so(db: None) -> None:
    PeriodicTask.objects.all().update(date_changed=NOON - HOUR)
    for job in PERIODIC_JOBS:
        ran(job.task, NOON)
    JobRun.objects.filter(name="dispatch.send_sms").delete()
    ran("dispatch.send_email", NOON, failed_at=NOON)
    JobRun.objects.filter(name="dispatch.sweep").delete()
    PeriodicTask.objects.filter(task="dispatch.sweep").update(enabled=False)
    about = {job.task: job.about for job in PERIODIC_JOBS}
    health = {one.about: one for one in operations_status.jobs(now=NOON)}
    never = health[about["dispatch.send_sms"]]
    assert (never.ran_at, never.is_late) == (None, True)
    assert health[about["dispatch.send_email"]].has_failed
    off = health[about["dispatch.sweep"]]
    assert (off.is_on, off.is_late) == (False, False)


def test_held_and_stopped_orders_and_dead_reports_are_counted_with_the_first_of_each(
    ttd: Creator,
) -> None:
    order(ttd, held_at=NOON)
    order(ttd, held_at=NOON - HOUR)
    processed_order(ttd, stopped_at=NOON)
    processed_order(ttd, status="Completed", stopped_at=NOON - HOUR)
    report = ReceivedReport(SMS, "42", S.DELIVERED, {})
    delivery_reports.store(reports=[report, report], now=NOON)
    DeliveryReport.objects.filter(pk=DeliveryReport.objects.latest("pk").pk).update(state="Dead")
    assert operations_status.held_orders() == Counted(2, NOON - HOUR, owners=1)
    assert operations_status.stopped_orders() == Counted(1, NOON)
    assert operations_status.dead_reports() == Counted(1, NOON)


def test_counts_are_bounded_and_say_so(ttd: Creator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations_status, "LOOKED_AT", 3)
    for _ in range(2):
        order(ttd, held_at=NOON)
    assert operations_status.held_orders().is_all
    for _ in range(2):
        order(ttd, held_at=NOON)
    found = operations_status.held_orders()
    assert (found.count, found.is_all) == (3, False)


def test_orders_in_back_off_are_grouped_by_their_reasons(ttd: Creator, skd: Creator) -> None:
    backed_off: dict[str, Any] = {
        "status": OrderStatus.PROCESSING,
        "next_attempt_at": NOON + HOUR / 4,
    }
    down = "The register is down."
    order(ttd, **backed_off, attempts=2, reason=down)
    order(skd, **backed_off | {"next_attempt_at": NOON + HOUR / 2}, attempts=5, reason=down)
    order(skd, **backed_off, attempts=1, reason=down, awaits_condition=True)
    order(skd, **backed_off, attempts=1, reason="It could not be expanded: KeyError.")
    order(skd, **backed_off, attempts=1, reason=down, held_at=NOON)
    order(skd, **backed_off, attempts=1, lease_token=uuid4())  # in work
    order(skd, status=OrderStatus.REGISTERED, next_attempt_at=NOON + HOUR / 4)
    assert operations_status.backed_off(now=NOON) == [
        BackedOff(down, 3, NOON + HOUR / 4, 5),
        BackedOff("It could not be expanded: KeyError.", 1, NOON + HOUR / 4, 1),
    ]


def test_the_ten_service_owners_with_most_waiting_are_shown(db: None) -> None:
    for number in range(1, 13):
        creator = Creator.objects.create(short_name=f"owner-{number:02}")
        made = processed_order(creator, *[S.NEW] * number)
        notification(made, S.ACCEPTED)
        notification(made, is_held=True)
    found = waiting(backlog.backlogs(now=NOON + HOUR))
    assert [(one.creator, one.notifications) for one in found.creators] == [
        (f"owner-{number:02}", number) for number in range(12, 2, -1)
    ]
    assert found.other_creators == 2
    assert not any(one.at_least for one in found.creators)
    assert found.late == [(SMS, HOUR)]


def test_a_backlog_that_is_not_counted_to_its_end_says_so(
    ttd: Creator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog, "MAX_COUNTED", 4)
    processed_order(ttd, *[S.NEW] * 5)
    [one] = waiting(backlog.backlogs(now=NOON)).creators
    assert (one.notifications, one.at_least) == (4, True)


def test_what_takes_too_long_is_left_out_and_the_rest_is_read(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "QUERY_TIMEOUT", timedelta(milliseconds=50))
    monkeypatch.setattr(
        operations_status, "_HELD", "SELECT 1, now() FROM pg_sleep(5) WHERE %(most)s > 0"
    )
    found = Shared().at(NOON)
    assert found.held is None
    assert found.stopped == Counted(0, None)


def test_ten_open_front_pages_cost_what_one_does(db: None) -> None:
    shared = Shared()
    first = shared.at(NOON)
    with CaptureQueriesContext(connection) as queries:
        assert shared.at(NOON + timedelta(seconds=4)) is first
    assert len(queries) == 0
    assert shared.at(NOON + timedelta(seconds=5)) is not first


def test_the_number_of_statements_does_not_depend_on_what_there_is(ttd: Creator) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            Shared().at(NOON)
        return len(queries)

    empty = statements()
    pause(SMS, ChannelPause.Cause.PERSON)
    pause(EMAIL, ChannelPause.Cause.REFUSED)
    for creator in [ttd, *[Creator.objects.create(short_name=f"x{n}") for n in range(5)]]:
        order(creator, held_at=NOON)
        order(creator, attempts=1, reason="Out.")
        processed_order(creator, *[S.NEW, S.DELIVERED, S.FAILED] * 5)
    assert statements() == empty


def test_nothing_is_longer_looked_at_than_two_seconds() -> None:
    assert timedelta(seconds=2) == figures.QUERY_TIMEOUT
    assert in_time(lambda: 1) == 1
