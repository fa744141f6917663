"""The page of one message, masked until its case is named."""

from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from back_office.models import StaffAction
from back_office.story.content import Texts
from notifications.models import Notification, NotificationStatus
from orders.models import Channel, Creator
from orders.requests import EmailText, SmsText
from tests.building import KARI, NOON, notification, order, person

S = NotificationStatus


@pytest.fixture
def staff(client: Client, admin_user: User) -> Client:
    client.force_login(admin_user)
    return client


@pytest.fixture
def message(ttd: Creator) -> Notification:
    made = order(ttd, recipients=[person(KARI)], sms=SmsText("Hei $recipientName$!"))
    return notification(
        made,
        S.FAILED_BARRED_RECEIVER,
        national_identity_number=KARI,
        body="Hei Kari Nordmann!",
        sent_at=NOON + timedelta(seconds=2),
        status_at=NOON + timedelta(seconds=5),
        gateway_reference="8812345",
    )


def page_of(staff: Client, row: Notification, case: str = "") -> str:
    if case:
        address = reverse("admin:notifications_notification_unmasked", args=[row.pk])
        answer = staff.post(address, {"case_reference": case})
    else:
        answer = staff.get(reverse("admin:notifications_notification_change", args=[row.pk]))
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def test_it_tells_what_became_of_the_notification_and_why(
    staff: Client, message: Notification
) -> None:
    page = page_of(staff, message)
    for shown in (
        "Number barred",
        "The number is barred, blocked or not in use.",
        "Nothing more happens unless it is sent again.",
        "8812345",
        "1 SMS sent to the gateway",
        "2025-08-25 12:00:02",
        "2025-08-25 12:00:05",
        reverse("admin:orders_order_change", args=[message.order_id]),
    ):
        assert shown in page


def test_only_this_notification_is_in_its_timeline(staff: Client, message: Notification) -> None:
    notification(message.order, S.DELIVERED)
    assert "1 SMS created" in page_of(staff, message)


def test_address_identity_number_and_filled_in_text_are_masked(
    staff: Client, message: Notification
) -> None:
    page = page_of(staff, message)
    for secret in (KARI, "99999999", "Kari Nordmann"):
        assert secret not in page
    assert "Hei $recipientName$!" in page
    assert "filled in they are personal data" in page


def test_for_a_case_they_are_shown_and_that_is_written_down(
    staff: Client, message: Notification
) -> None:
    page = page_of(staff, message, case="SAK-4711")
    for shown in (KARI, "+4799999999", "Hei Kari Nordmann!"):
        assert shown in page
    assert StaffAction.objects.get().case_reference == "SAK-4711"


def test_a_resend_and_what_it_replaces_lead_to_each_other(
    staff: Client, message: Notification
) -> None:
    again = notification(message.order, S.NEW, resend_of=message)
    assert reverse("admin:notifications_notification_change", args=[again.pk]) in page_of(
        staff, message
    )
    assert reverse("admin:notifications_notification_change", args=[message.pk]) in page_of(
        staff, again
    )


def test_a_subject_of_which_keywords_left_nothing_is_shown_as_it_was_sent(ttd: Creator) -> None:
    text = EmailText("$recipientName$", "Read it, $recipientName$.")
    made = order(ttd, Channel.EMAIL, recipients=[person(KARI)], email=text)
    row = notification(made, national_identity_number=KARI, subject="", body="Read it, .")
    shown = Texts.of_notification(row).email
    assert shown is not None
    assert (shown.subject, shown.body) == ("", "Read it, .")
