"""A message that failed is resent, and arrives: through the gateway and its reports."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dispatch.reports import delivery_reports
from dispatch.reports.delivery_reports import ReceivedReport
from dispatch.sending.sender import sender_for
from notifications.models import (
    Notification,
    NotificationChannel,
    NotificationStatus,
    StatusFeedEntry,
)
from orders.models import Creator
from script.launcher.system.simulators import Simulators
from tests import building
from tests.dispatch.waiting import messages_of
from tests.in_process_api import Api, api, cast, key_folder, published_cast
from tests.resending import resend

__all__ = ["api", "cast", "key_folder", "published_cast"]

SMS = NotificationChannel.SMS
S = NotificationStatus
REFUSED_BY_THE_GATEWAY = "+4741031000"
NUMBER = "+4799999999"

pytestmark = pytest.mark.django_db(transaction=True)


def report_delivered(simulators: Simulators) -> None:
    (taken,) = simulators.messages(to=NUMBER)
    now = timezone.now()
    report = ReceivedReport(SMS, taken["reference"], S.DELIVERED, {})
    delivery_reports.store(reports=[report], now=now)
    assert delivery_reports.apply_due(now=timezone.now()) == 1


def test_an_sms_that_failed_is_resent_to_a_corrected_number_and_delivered(
    ttd: Creator, simulators: Simulators, api: Api
) -> None:
    order = building.processed_order(ttd, now=timezone.now())
    wrong = {"address": REFUSED_BY_THE_GATEWAY, "normalized_address": REFUSED_BY_THE_GATEWAY}
    (failed,) = messages_of(order, 1, now=timezone.now(), **wrong)
    sender_for(SMS).drain(seconds=20)
    failed.refresh_from_db()
    assert failed.status.startswith("Failed")
    assert shown(api, order.pk) == ("Completed", 1, 0)

    resend([failed.pk], to_address=NUMBER, now=timezone.now())
    assert shown(api, order.pk) == ("Completed", 2, 0)
    sender_for(SMS).drain(seconds=20)
    report_delivered(simulators)

    assert shown(api, order.pk) == ("Completed", 2, 1)
    summary = api.get(f"/orders/{order.pk}/notifications/sms").json()
    assert (summary["generated"], summary["succeeded"]) == (2, 1)
    rounds = StatusFeedEntry.objects.order_by("sequence_number")
    assert [(one.round, len(one.recipients)) for one in rounds] == [(1, 1), (2, 2)]
    order.refresh_from_db()
    assert order.status == "Completed"
    made = Notification.objects.get(resend_of=failed)
    assert made.created - failed.created < timedelta(minutes=1)


def shown(api: Api, order_id: object) -> tuple[str, int, int]:
    """What the sender sees: the status, how many messages, and how many of them succeeded."""
    answer = api.get(f"/orders/{order_id}/status").json()
    sms = answer["notificationsStatusSummary"]["sms"]
    return answer["processingStatus"]["status"], sms["generated"], sms["succeeded"]
