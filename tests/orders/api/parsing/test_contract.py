"""Serializers are kept for each thread, and remember nothing of what they have read."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from rest_framework.exceptions import ValidationError

from orders.api.parsing.contract import kept
from orders.api.v1.serializers.any_channel_order import NotificationOrderRequestExt
from orders.api.v1.serializers.sms_order import SmsNotificationOrderRequestExt
from tests.building import NOON


def order(number: int) -> dict[str, Any]:
    """Orders that differ in which members they have, and in all values."""
    sms = {"body": f"Text {number}", "recipients": [{"mobileNumber": f"+479{number:07}"}]}
    if number % 3 == 0:
        sms["sendersReference"] = f"reference {number}"
    if number % 5 == 0:
        sms["requestedSendTime"] = (NOON + timedelta(hours=number)).isoformat()
    return sms


def said(number: int) -> tuple[str | None, str, str, bool]:
    document = order(number)
    if number % 7 == 0:
        del document["body"]
        with pytest.raises(ValidationError) as refused:
            SmsNotificationOrderRequestExt.read(document, now=NOON)
        return None, str(refused.value.detail), "", False
    read = SmsNotificationOrderRequestExt.read(document, now=NOON)
    assert read.sms is not None
    return (
        read.senders_reference,
        read.sms.body,
        read.recipients[0].mobile_number,
        read.requested_send_time is not None,
    )


def expected(number: int) -> tuple[str | None, str, str, bool]:
    if number % 7 == 0:
        refusal = "{'Body': [ErrorDetail(string=\"'Body' must not be empty.\", code='required')]}"
        return None, refusal, "", False
    reference = f"reference {number}" if number % 3 == 0 else None
    return reference, f"Text {number}", f"+479{number:07}", number % 5 == 0


def test_threads_that_read_at_once_read_each_its_own() -> None:
    numbers = range(1, 1_500)
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(said, numbers)) == list(map(expected, numbers))


def test_the_clock_of_an_earlier_request_is_forgotten() -> None:
    document = order(5)
    SmsNotificationOrderRequestExt.read(document, now=NOON)
    with pytest.raises(ValidationError):
        SmsNotificationOrderRequestExt.read(document, now=NOON + timedelta(days=1))


def test_a_thread_keeps_one_of_each_kind() -> None:
    sms = kept(SmsNotificationOrderRequestExt)
    assert kept(SmsNotificationOrderRequestExt) is sms
    assert type(kept(NotificationOrderRequestExt)) is NotificationOrderRequestExt
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(kept, SmsNotificationOrderRequestExt).result() is not sms
