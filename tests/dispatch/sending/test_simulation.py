"""What goes to a test recipient goes the whole way but the last step, and nobody is deceived."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.mail import EmailMessage
from django.utils import timezone

from dispatch.gateways.base import Message, Outcome, Transport
from dispatch.gateways.by_channel import WayOut, WaysOut
from dispatch.instant import ordering
from dispatch.instant.sender import instant_sender_for
from dispatch.models import Attempt, ChannelPause, DeliveryReport
from dispatch.reports import delivery_reports
from dispatch.sending import claims
from dispatch.sending.recording import Recorder, Sent
from dispatch.sending.sender import sender_for
from dispatch.sending.simulation import SLOW, answer
from notifications.counting import hours
from notifications.models import (
    DailyCount,
    DailyOrderCount,
    Notification,
    NotificationChannel,
    NotificationStatus,
    StatusFeedEntry,
)
from notifications.models.notification_status import EMAIL_STATUSES, SMS_STATUSES
from orders.models import Channel, Creator, Order, OrderStatus
from recipients.for_tests import BY_NAME, DOMAIN, NUMBERS, Course, course_of
from script.launcher.system.simulators import Simulators
from tests.building import processed_order
from tests.dispatch.conftest import sms
from tests.dispatch.instant.conftest import letter, password
from tests.dispatch.waiting import messages_of

SMS, EMAIL = NotificationChannel.SMS, NotificationChannel.EMAIL
S = NotificationStatus
SECOND = timedelta(seconds=1)
KARI = "+4799999999"
DELIVERED, BARRED, SLOWLY, NEVER, UNKNOWN_NUMBER = (
    f"+467017406{ten}" for ten in ("10", "20", "40", "05", "70")
)

# A drain gives its connection back while it waits, so it cannot run in a test's transaction.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _fresh_senders() -> Iterator[None]:
    instant_sender_for.cache_clear()
    yield
    instant_sender_for.cache_clear()


def one_to(address: str, creator: Creator, **fields: Any) -> Notification:
    """The only message of its order."""
    channel = Channel.EMAIL if "@" in address else Channel.SMS
    now = timezone.now()
    order = processed_order(creator, channel=channel, now=now)
    [row] = messages_of(order, 1, now=now, address=address, normalized_address=address, **fields)
    return row


def after_reports(row: Notification, *, later: timedelta = 2 * SECOND) -> Notification:
    while delivery_reports.apply_due(now=timezone.now() + later):
        pass
    row.refresh_from_db()
    return row


def send(row: Notification) -> Notification:
    assert sender_for(NotificationChannel(row.channel)).drain(seconds=20) == 1
    row.refresh_from_db()
    return row


def test_it_is_taken_then_reported_and_completed_and_the_gateway_hears_nothing(
    ttd: Creator, simulators: Simulators
) -> None:
    row = send(one_to(DELIVERED, ttd))
    assert (row.status, row.is_simulated) == (S.ACCEPTED, True)
    assert Order.objects.get().status == OrderStatus.PROCESSED
    row = after_reports(row)
    assert (row.status, row.is_simulated) == (S.DELIVERED, True)
    assert Order.objects.get().status == OrderStatus.COMPLETED
    assert StatusFeedEntry.objects.count() == 1
    assert DeliveryReport.objects.get().state == DeliveryReport.State.APPLIED
    assert simulators.messages(to=DELIVERED) == []


def test_what_leaves_for_real_is_not_marked(ttd: Creator, simulators: Simulators) -> None:
    row = send(one_to("+4799999999", ttd))
    assert (row.status, row.is_simulated) == (S.ACCEPTED, False)


@pytest.mark.parametrize(
    ("address", "at_once", "in_the_end"),
    [
        (BARRED, S.ACCEPTED, S.FAILED_BARRED_RECEIVER),
        ("+46701740630", S.ACCEPTED, S.FAILED_EXPIRED),
        ("+46701740650", S.ACCEPTED, S.FAILED_UNDELIVERED),
        ("+46701740660", S.ACCEPTED, S.FAILED_REJECTED),
        (UNKNOWN_NUMBER, S.FAILED_INVALID_RECIPIENT, S.FAILED_INVALID_RECIPIENT),
        ("+46701740680", S.ACCEPTED, S.FAILED_DELETED),
        ("+46701740690", S.FAILED_RECIPIENT_RESERVED, S.FAILED_RECIPIENT_RESERVED),
        (NEVER, S.ACCEPTED, S.ACCEPTED),
    ],
)
def test_each_number_ends_as_its_ten_says(
    address: str, at_once: S, in_the_end: S, ttd: Creator
) -> None:
    row = send(one_to(address, ttd))
    assert row.status == at_once
    assert after_reports(row).status == in_the_end


def test_a_slow_one_waits_for_its_report_for_minutes(ttd: Creator) -> None:
    row = send(one_to(SLOWLY, ttd))
    assert after_reports(row, later=SLOW - 5 * SECOND).status == S.ACCEPTED
    assert after_reports(row, later=SLOW).status == S.DELIVERED


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("delivered", S.SUCCEEDED),
        ("bounced", S.FAILED_BOUNCED),
        ("full", S.FAILED_BOUNCED),
        ("invalid", S.FAILED_INVALID_EMAIL_FORMAT),
        ("silent", S.SUCCEEDED),
    ],
)
def test_an_email_ends_at_once_where_no_reports_come(
    name: str, status: S, ttd: Creator, settings: LazySettings, simulators: Simulators
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_REPORTS_FROM = ""
    row = send(one_to(f"{name}@{DOMAIN}", ttd))
    assert (row.status, row.is_simulated) == (status, True)
    assert Order.objects.get().status == OrderStatus.COMPLETED
    assert not DeliveryReport.objects.exists()
    assert simulators.messages(to=row.address) == []


def test_an_email_is_reported_where_reports_come(ttd: Creator, settings: LazySettings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_REPORTS_FROM = "mailgun"
    row = send(one_to(f"spam+1@{DOMAIN}", ttd))
    assert row.status == S.SUCCEEDED
    assert after_reports(row).status == S.FAILED_FILTERED_SPAM


@pytest.mark.parametrize(
    "request_", [password(to=DELIVERED), letter(to=f"delivered@{DOMAIN}")], ids=["sms", "email"]
)
def test_an_instant_message_goes_nowhere_either(
    request_: Any, ttd: Creator, simulators: Simulators, settings: LazySettings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    answered = ordering.deliver(request_, creator=ttd, now=timezone.now())
    answered.result(30)  # type: ignore[union-attr]
    row = Notification.objects.get()
    assert row.is_simulated
    assert row.status == (S.ACCEPTED if row.channel == SMS else S.SUCCEEDED)
    assert simulators.messages(to=row.address) == []


def test_it_says_nothing_of_the_channel_and_is_counted_nowhere(
    ttd: Creator, simulators: Simulators
) -> None:
    for _ in range(25):
        one_to(UNKNOWN_NUMBER, ttd)
    sender_for(SMS).drain(seconds=20)
    assert Notification.objects.filter(status=S.FAILED_INVALID_RECIPIENT).count() == 25
    assert not ChannelPause.objects.exists()
    assert not Attempt.objects.exists()
    real = send(one_to("+4799999999", ttd))
    while hours.count_next(now=timezone.now()):
        pass
    [count] = DailyCount.objects.filter(notifications__gt=0)
    assert (count.status, count.notifications) == (real.status, 1)


def test_a_mailbox_that_is_called_like_a_test_recipient_gets_its_mail(
    ttd: Creator, mailoutbox: list[EmailMessage]
) -> None:
    row = send(one_to("+46701740610@example.com", ttd))
    assert (row.status, row.is_simulated) == (S.SUCCEEDED, False)
    assert [mail.to for mail in mailoutbox] == [[row.address]]


def test_what_cannot_be_judged_leaves_to_nobody_and_keeps_no_place(
    ttd: Creator, simulators: Simulators
) -> None:
    """As with a list that nobody has checked."""
    before = len(simulators.messages(to=KARI))
    row = one_to(KARI, in_test_mode(ttd, "everybody"))
    Order.objects.update(is_test=True)
    assert send(row).status == S.NEW
    assert sender_for(SMS).in_flight.count == 0
    assert len(simulators.messages(to=KARI)) == before


class Busy:
    """A way out that must not be asked."""

    channel = SMS
    reports_delivery = True
    max_in_flight = 1
    max_send = 1.0

    async def send(self, message: Message) -> Outcome:
        raise AssertionError(message)


def test_of_what_was_not_recorded_no_report_comes(ttd: Creator) -> None:
    """The lease was lost meanwhile: whoever has the message now brings its own."""
    row, transport = one_to(DELIVERED, ttd), Busy()
    way_out: Transport = transport
    now = timezone.now()
    [claimed] = claims.claim(SMS, limit=1, now=now)
    outcome = answer(claimed.message, channel=SMS, reports_delivery=True)
    Notification.objects.filter(pk=row.pk).update(lease_token=row.pk)
    Recorder(WaysOut(WayOut("", way_out))).record([Sent(claimed, outcome)], now=now)
    assert not DeliveryReport.objects.exists()
    row.refresh_from_db()
    assert (row.status, row.is_simulated) == (S.SENDING, False)


def test_whatever_an_address_says_there_is_an_answer() -> None:
    """With a status that a notification of its channel may have."""
    numbers = [(f"+{number}", SMS, SMS_STATUSES) for number in NUMBERS]
    mailboxes = [(f"{name}@{DOMAIN}", EMAIL, EMAIL_STATUSES) for name in BY_NAME]
    courses = set()
    for address, channel, known in numbers + mailboxes:
        courses.add(course_of(address))
        for reports_delivery in (True, False):
            outcome = answer(sms(to=address), channel=channel, reports_delivery=reports_delivery)
            assert outcome
            assert outcome.simulation
            assert outcome.status in known
            assert outcome.simulation.report in {None, *known}
    assert courses == set(Course)


# --- Test mode -----------------------------------------------------------------------------------


def in_test_mode(creator: Creator, *allowed: str) -> Creator:
    creator.is_in_test_mode, creator.test_mode_allows = True, "\n".join(allowed)
    creator.save()
    return creator


@pytest.mark.parametrize(
    ("allowed", "is_simulated"), [([], True), ([KARI], False), (["+4799999998"], True)]
)
def test_a_test_leaves_to_allowed_addresses_only(
    allowed: list[str], is_simulated: bool, ttd: Creator, simulators: Simulators
) -> None:
    before = len(simulators.messages(to=KARI))
    row = one_to(KARI, in_test_mode(ttd, *allowed))
    Order.objects.update(is_test=True)
    row = send(row)
    assert (row.status, row.is_simulated) == (S.ACCEPTED, is_simulated)
    assert len(simulators.messages(to=KARI)) - before == (not is_simulated)
    if is_simulated:
        assert after_reports(row).status == S.DELIVERED


def test_a_test_stays_one_when_the_mode_ends(ttd: Creator) -> None:
    row = one_to(KARI, in_test_mode(ttd))
    Order.objects.update(is_test=True)
    Creator.objects.update(is_in_test_mode=False)
    assert send(row).is_simulated


def test_what_was_meant_is_sent_when_the_mode_begins(ttd: Creator, simulators: Simulators) -> None:
    row = one_to(KARI, ttd)
    in_test_mode(ttd)
    assert not send(row).is_simulated


def test_an_installation_in_test_mode_sends_nothing_that_was_meant_elsewhere(
    ttd: Creator, settings: LazySettings, simulators: Simulators
) -> None:
    """As after production's database was restored there."""
    settings.TEST_MODE, settings.TEST_MODE_ALLOWS = True, [KARI]
    assert send(one_to("+4799999998", ttd)).is_simulated
    assert not send(one_to(KARI, ttd)).is_simulated


def test_test_recipients_keep_their_outcome_in_test_mode(
    ttd: Creator, settings: LazySettings
) -> None:
    settings.TEST_MODE = True
    assert after_reports(send(one_to(BARRED, ttd))).status == S.FAILED_BARRED_RECEIVER


@pytest.mark.parametrize("allowed", [True, False])
def test_an_instant_test_follows_the_list_too(
    allowed: bool, ttd: Creator, simulators: Simulators
) -> None:
    answered = ordering.deliver(
        password(to=KARI), creator=in_test_mode(ttd, *[KARI] * allowed), now=timezone.now()
    )
    assert answered.result(30).is_test  # type: ignore[union-attr]
    assert Order.objects.get().is_test
    assert Notification.objects.get().is_simulated is not allowed


def test_tests_are_counted_only_where_they_left(ttd: Creator, simulators: Simulators) -> None:
    in_test_mode(ttd, KARI)
    one_to("+4799999998", ttd)
    one_to(KARI, ttd)
    one_to("+4799999997", ttd, status=S.FAILED_TTL, finished_at=timezone.now(), expires_at=None)
    Order.objects.update(is_test=True)
    sender_for(SMS).drain(seconds=20)
    while hours.count_next(now=timezone.now()):
        pass
    [count] = DailyCount.objects.filter(notifications__gt=0)
    assert (count.status, count.notifications, count.sent) == (S.ACCEPTED, 1, 1)
    assert not DailyOrderCount.objects.filter(orders__gt=0).exists()
