"""What is accepted can be carried out: whatever stands in a field of an order, it is refused with a
sentence, or every later stage and page takes it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from rest_framework import serializers

from dispatch.gateways.base import Message, OutcomeKind
from dispatch.gateways.by_channel import ways_out
from dispatch.sending import claims
from notifications.expansion.expand import process_past_due_orders
from notifications.models import Notification, NotificationChannel
from orders.api.v1.serializers.any_channel_order import (
    EmailTemplateExt,
    NotificationOrderRequestExt,
    SmsTemplateExt,
)
from orders.api.v1.serializers.recipients import RecipientExt
from orders.models import Order
from runtime.web import outgoing
from script.launcher.system.simulators import Simulators
from tests.contracts.requests import order
from tests.in_process_api import Api, api, cast, key_folder, published_cast

__all__ = ["api", "cast", "key_folder", "published_cast"]

ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    10**30,
    1.5,
    1e308,
    [],
    {},
    [[[]]],
    "",
    " ",
    "x",
    "\u200b",
    "\u202ex\u202c",
    "\x01\x07\x1b[31m\x7f\x85",
    "\u2028\u2029\ufffe\uffff",
    "a\r\nBcc: other@example.no",
    "=?utf-8?q?a=0d=0aBcc:=20other@example.no?=" + "a" * 60,
    "e\u0301" * 600,
    "\U0001f468\u200d\U0001f469\ufe0f" * 20,
    "\u202b\u0634\u0643\u0631\u0627",
    "\U0010ffff\ue000",
    "]]><x>&#0;&amp;</TEXT>",
    "<script>alert(1)</script>{{ 7|add:7 }}{% now %}%s%(x)s",
    "$recipientName$$recipientNumber$" * 3,
    "a" * 998,
    "ø" * 1_000,
    "a b" * 1_000,
    "x" * 66_000,
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00Z",
    "2026-03-29T02:30:00+01:00",
    "1.5",
    "18446744073709551616",
    "https://example.no:65535/",
    "https://example.no:0/",
    "https://us%00er:p@example.no/",
    "https://xn--a.no/\u00e5",
    "https://" + "a." * 120 + "no/",
    "https://" + "a" * 64 + ".no/?" + "q" * 3_000,
    "https://example.no./#x",
    "+47 (999) 99-999",
    "004799999999",
    "+4799999999\n",
    "kari@" + "a" * 63 + ".no",
    "kari@stra\u00dfe.no",
    "kari@bl\u00e5b\u00e6r.no",
    ".@[",
    "kari\\u0040example.no\\ud800",
    "Kari <kari@example.no>",
    "12345678901",
    "\u0661" * 11,
]


def names(shape: type[serializers.Serializer[Any]]) -> list[str]:
    return [name for name, _ in shape().fields.items()]


def fields() -> Iterator[tuple[str, ...]]:
    """Each property of the request by its path, those of templates and recipients included."""
    for name in names(NotificationOrderRequestExt):
        yield (name,)
    for outer, shape in (
        ("emailTemplate", EmailTemplateExt),
        ("smsTemplate", SmsTemplateExt),
        ("recipients", RecipientExt),
    ):
        for name in names(shape):
            yield outer, name


def with_value(path: tuple[str, ...], value: Any) -> dict[str, Any]:
    request: dict[str, Any] = order(notificationChannel="EmailAndSms")
    if path == ("resourceAction",):
        request["resourceId"] = "app_ttd_apps-test"
    match path:
        case (name,):
            request[name] = value
        case ("recipients", name):
            request["recipients"] = [{**request["recipients"][0], name: value}]
            if name in ("organizationNumber", "nationalIdentityNumber"):
                request["recipients"] = [{name: value}]
        case (template, name):
            request[template] = {**request[template], name: value}
    return request


@pytest.fixture
def staff(client: Client, admin_user: User) -> Client:
    client.force_login(admin_user)
    return client


@pytest.mark.django_db
@pytest.mark.usefixtures("fresh_transports")
@pytest.mark.parametrize("path", list(fields()), ids=".".join)
def test_a_value_is_refused_or_carried_out(
    api: Api, staff: Client, simulators: Simulators, settings: LazySettings, path: tuple[str, ...]
) -> None:
    settings.SMS_SEND_WINDOW = "00:00-24:00"
    settings.EMAIL_REPORTS_FROM = ""
    for value in ODD:
        response = api.post("/orders", with_value(path, value))
        assert response.status_code in (202, 400), (value, response.content)
    for placed in Order.objects.all():
        for below in ("", "/status", "/notifications/sms", "/notifications/email"):
            assert api.get(f"/orders/{placed.pk}{below}").status_code == 200
        if reference := placed.senders_reference:
            found = api.get("/orders?" + urlencode({"sendersReference": reference}))
            assert found.status_code in (200, 400), reference

    Order.objects.update(awaits_condition=False)  # nobody is asked
    now = timezone.now() + timedelta(seconds=1)
    while process_past_due_orders(now=now):
        pass
    for channel in NotificationChannel:
        for message in sendable(channel):
            outcome = outgoing.run(ways_out(channel).first.transport.send(message), timeout=30)
            assert outcome.kind in (OutcomeKind.ACCEPTED, OutcomeKind.FAILED), outcome

    opened = [reverse("admin:orders_order_change", args=[one.pk]) for one in Order.objects.all()]
    made = Notification.objects.all()
    opened += [reverse("admin:notifications_notification_change", args=[one.pk]) for one in made]
    opened += [
        reverse(f"admin:{name}_changelist") + "?period=any"
        for name in ("orders_order", "notifications_notification")
    ]
    for page in opened:
        assert staff.get(page).status_code == 200, page
    for name in ("orders_order", "notifications_notification"):
        export = reverse(f"admin:{name}_export") + "?period=any"
        answer = staff.post(export, {"reason": "For the report."})
        assert answer.getvalue()


def sendable(channel: NotificationChannel) -> list[Message]:
    found = claims.claim(channel, limit=1_000, now=timezone.now() + timedelta(seconds=2))
    return [one.message for one in found]
