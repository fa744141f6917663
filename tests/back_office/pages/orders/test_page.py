"""The page of an order: everything that happened to it, at the same cost for any order."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from back_office.pages.orders import page as order_page
from dispatch.models import Attempt, DeliveryReport
from notifications.models import Notification, NotificationStatus, StatusFeedEntry
from orders.models import Attachment, Channel, Creator, EmailContentType, Order, OrderType
from orders.requests import AttachedFile, EmailText, SmsText
from recipients.models import Recipient
from tests.back_office.chains import IDEMPOTENCY_ID, chain
from tests.building import (
    FJELLHEIM,
    KARI,
    NOON,
    OLA,
    SUNNIVA,
    direct,
    in_a_chain,
    mobiles,
    notification,
    order,
    organization,
    person,
    processed_order,
)

S = NotificationStatus
ORDERS = "/admin/orders/order/"
NOTIFICATIONS = "/admin/notifications/notification/"
ORDER_ADMIN: Any = admin.site._registry[Order]


@pytest.fixture
def staff(client: Client, admin_user: User) -> Client:
    client.force_login(admin_user)
    return client


def page_of(staff: Client, made: Order) -> str:
    answer = staff.get(reverse("admin:orders_order_change", args=[made.pk]))
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def read(made: Order) -> order_page.OrderPage:
    known = Order.objects.select_related("creator").get(pk=made.pk)
    return order_page.read(known, unmasked=False, now=NOON)


def test_the_head_tells_what_was_ordered(staff: Client, ttd: Creator) -> None:
    made = order(
        ttd,
        senders_reference="brev-17",
        requested_send_time=NOON + timedelta(days=400),
        condition_endpoint="https://sender.no/condition",
        condition_note="It answered with status 500.",
        condition_asked_at=NOON,
        ignore_reservation=True,
        resource_id="urn:altinn:resource:brev",
        resource_action="read",
    )
    page = page_of(staff, made)
    for shown in (
        str(made.pk),
        "ttd",
        "brev-17",
        "2026-09-29 12:00:00",
        "https://sender.no/condition",
        "It answered with status 500.",
        "ignored",
        "urn:altinn:resource:brev (read)",
        "Registered",
    ):
        assert shown in page


def test_an_html_email_stands_in_a_frame_where_nothing_runs_or_is_fetched(
    staff: Client, ttd: Creator
) -> None:
    text = EmailText("Brev", '<p>"Hei"</p><script>evil()</script>', EmailContentType.HTML)
    made = order(ttd, Channel.EMAIL, [direct(email="a@b.no")], email=text)
    answer = staff.get(reverse("admin:orders_order_change", args=[made.pk])).content.decode()
    frame = re.search(r"<iframe ([^>]*)>", answer)
    assert frame is not None
    attributes = frame[1]
    assert re.search(r"\bsandbox(?!=)", attributes)
    assert "allow-" not in attributes
    assert "default-src &#x27;none&#x27;" in attributes
    assert "<script>evil()" not in answer


def test_a_plain_email_and_an_sms_are_shown_as_text(staff: Client, ttd: Creator) -> None:
    made = order(
        ttd,
        Channel.EMAIL_AND_SMS,
        email=EmailText("Emne", "<b>ikke fet</b>", sender="post@ttd.no"),
        sms=SmsText("x" * 161, sender="TTD"),
    )
    answer = staff.get(reverse("admin:orders_order_change", args=[made.pk])).content.decode()
    assert "&lt;b&gt;ikke fet&lt;/b&gt;" in answer
    assert "<iframe" not in answer
    for shown in ("Emne", "post@ttd.no", "SMS from TTD", "2 segments, 161 characters, GSM-7"):
        assert shown in answer


def test_recipients_come_as_ordered_with_verdict_and_outcome(ttd: Creator) -> None:
    ordered = [
        person(KARI),
        organization(FJELLHEIM),
        direct(mobile="0047 99 99 99 99", email="Ola@Example.com"),
        person(KARI),
    ]
    made = order(ttd, Channel.EMAIL_AND_SMS, ordered, status="Processed")
    Recipient.objects.filter(national_identity_number=KARI).update(placement_look_up="Found")
    notification(made, S.DELIVERED, national_identity_number=KARI)
    notification(made, S.FAILED_BARRED_RECEIVER, organization_number=FJELLHEIM)
    notification(made, S.NEW)
    notification(
        made,
        S.NEW,
        channel="Email",
        address="ola@example.com",
        normalized_address="ola@example.com",
    )
    kari, fjellheim, ola, again = read(made).recipients
    assert kari.who == "018385*****"
    assert kari.look_up.text == "Found"
    assert [label.text for _row, label in kari.notifications] == ["Delivered"]
    assert fjellheim.who == FJELLHEIM
    assert [label.text for _row, label in fjellheim.notifications] == ["Number barred"]
    assert ola.who == "o***@Example.com, +47 99 99 ** **".replace("o***", "O***")
    assert [row.channel for row, _label in ola.notifications] == ["Sms", "Email"]
    assert again.is_repeat


def test_somebody_with_another_log_in_is_named_with_the_outcome(
    staff: Client, ttd: Creator
) -> None:
    made = in_a_chain(order(ttd, Channel.EMAIL_AND_SMS, [SUNNIVA], status="Processed"))
    notification(made, S.DELIVERED)
    notification(made, S.FAILED_RECIPIENT_NOT_IDENTIFIED, channel="Email", address="")
    (sunniva,) = read(made).recipients
    assert sunniva.who == "urn:altinn:party:username:*****"
    assert [row.channel for row, _label in sunniva.notifications] == ["Sms", "Email"]
    assert sunniva.who in page_of(staff, made)


def test_who_was_spared_a_second_copy_is_told_with_what_covers_it(
    staff: Client, ttd: Creator
) -> None:
    made = order(ttd, recipients=[person(KARI), person(OLA)])
    only = notification(made, S.DELIVERED, national_identity_number=KARI)
    Recipient.objects.filter(national_identity_number=OLA).update(covered_by=only.pk)
    kari, ola = read(made).recipients
    assert (kari.covered_by, ola.covered_by) == (None, only.pk)
    page = staff.get(f"/admin/orders/order/{made.pk}/change/").content.decode()
    (link,) = re.findall(r'href="([^"]*)">covered by another', page)
    assert staff.get(link).status_code == 200


def test_another_orders_notifications_to_the_same_person_stay_out(ttd: Creator) -> None:
    made, other = order(ttd), order(ttd)
    notification(other, S.DELIVERED, national_identity_number=KARI)
    (kari,) = read(made).recipients
    assert kari.notifications == ()


def test_notifications_show_reports_attempts_and_resends_both_ways(
    staff: Client, ttd: Creator
) -> None:
    made = order(ttd, recipients=[person(OLA)], status="Processed")
    old = notification(
        made, S.FAILED_BARRED_RECEIVER, gateway_reference="8812345", national_identity_number=OLA
    )
    new = notification(made, S.NEW, resend_of=old, attempts=1)
    Attempt.objects.create(
        notification=new, outcome="Error", reason="The gateway answered 503.", created=NOON
    )
    DeliveryReport.objects.create(
        channel="Sms",
        reference="8812345",
        status="Failed_BarredReceiver",
        report={"reference": "8812345", "receiver": "4799999999", "state": "BARRED"},
        received=NOON,
        state="Applied",
        notification=old,
        next_attempt_at=NOON,
    )
    StatusFeedEntry.objects.create(
        creator=ttd, order=made, round=1, status="Completed", recipients=[], created=NOON
    )
    page = page_of(staff, made)
    for shown in (
        "8812345",
        "BARRED",
        "Error: The gateway answered 503.",
        "Resend of another notification",
        "Resent as another notification",
        "It was sent again.",
        "Round 1: number",
    ):
        assert shown in page
    assert "4799999999" not in page
    assert reverse("admin:notifications_notification_change", args=[old.pk]) in page


def test_personal_data_is_masked_everywhere_on_the_page(staff: Client, ttd: Creator) -> None:
    made = order(
        ttd,
        recipients=[person(KARI), direct(mobile="+4791234567"), direct(email="kari@example.com")],
        status="Processed",
    )
    notification(
        made,
        S.FAILED,
        national_identity_number=KARI,
        address="912 34 567",
        normalized_address="+4791234567",
        reason="No such user: 912 34 567.",
    )
    page = page_of(staff, made)
    for secret in (KARI, "91234567", "912 34 567", "kari@example.com"):
        assert secret not in page
    assert "018385*****" in page


def test_long_lists_are_cut_the_most_urgent_first(staff: Client, ttd: Creator) -> None:
    made = order(ttd, recipients=mobiles(101), status="Processed")
    for _number in range(100):
        notification(made, S.DELIVERED)
    waiting = notification(made, S.NEW)
    failed = notification(made, S.FAILED)
    shown = read(made)
    assert [one.notification.pk for one in shown.stories[:2]] == [failed.pk, waiting.pk]
    assert (len(shown.stories), shown.notifications_in_all) == (20, 102)
    assert (len(shown.recipients), shown.recipients_in_all) == (100, 101)
    link = f"{reverse('admin:notifications_notification_changelist')}?order={made.pk}"
    page = page_of(staff, made)
    assert link in page
    assert str(failed.pk) in unescape(staff.get(link).content.decode())


def test_chips_tell_how_the_notifications_do_and_lead_to_them(staff: Client, ttd: Creator) -> None:
    made = processed_order(ttd, S.DELIVERED, S.DELIVERED, S.FAILED, S.NEW)
    page = unescape(page_of(staff, made))
    for group, count in (("delivered", 2), ("failed", 1), ("waiting", 1)):
        address = f"{NOTIFICATIONS}?order={made.pk}&group={group}"
        assert f'href="{address}"><strong>{count}</strong> {group}' in page
        listed = staff.get(address).context["cl"].result_list
        assert len(listed) == count
    assert "on its way</a>" not in page


@pytest.mark.parametrize(
    ("statuses", "colour"),
    [((S.FAILED, S.FAILED_TTL), "danger"), ((S.FAILED, S.DELIVERED), "success"), ((), "success")],
)
def test_completed_is_no_good_news_where_nothing_arrived(
    staff: Client, ttd: Creator, statuses: tuple[S, ...], colour: str
) -> None:
    made = processed_order(ttd, *statuses, status="Completed")
    assert read(made).label.colour == colour
    (row,) = staff.get(f"{ORDERS}?period=any").context["cl"].result_list
    assert ORDER_ADMIN.state(row)[0] == colour


def test_the_list_tells_how_the_notifications_of_each_order_do(
    staff: Client, ttd: Creator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("back_office.story.tally.MAX_COUNTED", 2)
    processed_order(ttd, S.DELIVERED, S.FAILED)
    large = processed_order(ttd, S.DELIVERED, S.DELIVERED, S.DELIVERED)
    rows = {row.pk: row for row in staff.get(f"{ORDERS}?period=any").context["cl"].result_list}
    told = {pk: strip_tags(ORDER_ADMIN.tally(row)) for pk, row in rows.items()}
    assert sorted(told.values()) == ["1 delivered 1 failed", told[large.pk]]
    assert told[large.pk].startswith("over ")


@pytest.mark.parametrize(
    ("status", "offered"),
    [(S.DELIVERED, set()), (S.FAILED, {"resend-failed"}), (S.NEW, {"send-now"})],
)
def test_only_what_is_possible_is_offered(
    staff: Client, ttd: Creator, status: S, offered: set[str]
) -> None:
    made = processed_order(ttd, status)
    page = page_of(staff, made)
    found = {name for name in ("resend-failed", "send-now") if f"/do/{name}/" in page}
    assert found == offered


@pytest.mark.parametrize(("channel", "asks"), [(Channel.SMS, True), (Channel.EMAIL, False)])
def test_the_send_window_is_no_matter_for_an_email(
    staff: Client, ttd: Creator, channel: Channel, asks: bool
) -> None:
    made = processed_order(ttd, S.NEW, channel=channel)
    assert ("SMS may leave" in page_of(staff, made)) == asks
    form = staff.get(f"{ORDERS}{made.pk}/do/send-now/").content.decode()
    assert ("ignore_window" in form) == asks


def test_the_cost_is_the_same_for_one_notification_and_for_a_thousand(
    staff: Client, ttd: Creator
) -> None:
    small = processed_order(ttd, S.FAILED)
    large = order(ttd, recipients=mobiles(1_000), status="Processed")
    model = notification(large, S.FAILED)
    Notification.objects.bulk_create(
        Notification(
            **{
                field.attname: getattr(model, field.attname)
                for field in Notification._meta.concrete_fields
                if field.name not in ("id", "address", "normalized_address")
            },
            address=f"+479{number:07}",
            normalized_address=f"+479{number:07}",
        )
        for number in range(1_000)
    )
    page_of(staff, small)
    counts = []
    for made in (small, large):
        with CaptureQueriesContext(connection) as asked:
            page_of(staff, made)
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert counts[0] <= 20


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"held_at": NOON}, "Held by staff since"),
        ({"stopped_at": NOON}, "Stopped by staff"),
    ],
)
def test_held_and_stopped_orders_say_so(
    staff: Client, ttd: Creator, fields: dict[str, Any], words: str
) -> None:
    assert words in page_of(staff, order(ttd, **fields))


def test_an_order_of_a_chain_names_it_with_its_place_and_its_siblings(
    staff: Client, ttd: Creator
) -> None:
    orders = chain(ttd, "Completed", "Registered", "Cancelled", idempotency_id=IDEMPOTENCY_ID)
    html = page_of(staff, orders[1])
    assert f"reminder 1, <code>{orders[1].chain_id}</code>" in html
    assert IDEMPOTENCY_ID in html
    for sibling, place in ((orders[0], "main order"), (orders[2], "reminder 2")):
        address = reverse("admin:orders_order_change", args=[sibling.pk])
        assert f'<a href="{address}">{place}</a>' in html
    found = read(orders[1]).chain
    assert found is not None
    assert [link.order.pk for link in found.links] == [one.pk for one in orders]
    assert [link.label.text for link in found.links] == ["Completed", "Registered", "Cancelled"]


def test_an_order_that_was_placed_alone_names_no_chain(staff: Client, ttd: Creator) -> None:
    made = order(ttd)
    assert read(made).chain is None
    assert "Idempotency id" not in page_of(staff, made)


def test_attachments_are_shown_by_name_type_and_size_and_never_by_their_link(
    staff: Client, ttd: Creator
) -> None:
    files = [
        AttachedFile(f"Vedtak {number}.pdf", "application/pdf", "https://x?sig=s3cr3t", NOON)
        for number in range(2)
    ]
    made = order(
        ttd,
        Channel.EMAIL,
        [direct(email="ola@example.com")],
        type=OrderType.COMPOSED,
        attachments=files,
    )
    Attachment.objects.filter(position=1).update(size=2048)
    page = page_of(staff, made)
    for shown in (
        "E-mail with attachments",
        "Vedtak 0.pdf",
        "Vedtak 1.pdf",
        "application/pdf",
        "not fetched yet",
        "2.0\xa0KB",
    ):
        assert shown in page
    assert "s3cr3t" not in page
    for unmasked in (False, True):
        known = Order.objects.select_related("creator").get(pk=made.pk)
        found = order_page.read(known, unmasked=unmasked, now=NOON).attachments
        assert all("link" not in one.__dict__ or one.link is None for one in found)
