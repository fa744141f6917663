"""What would become of orders that are only tried."""

from datetime import UTC, datetime

import pytest
from django.conf import LazySettings

from notifications.reading import dry_run
from orders.models import Channel, Creator
from tests import building

pytestmark = pytest.mark.django_db

NIGHT = datetime(2026, 1, 31, 1, tzinfo=UTC)
NINE_IN_OSLO = datetime(2026, 1, 31, 8, tzinfo=UTC)


def test_an_sms_leaves_when_the_send_window_opens(ttd: Creator, settings: LazySettings) -> None:
    settings.SMS_SEND_WINDOW = "09:00-17:00"
    request = building.request(
        Channel.EMAIL_AND_SMS, [building.direct(email="a@b.no", mobile="+4799999999")]
    )
    [forecast] = dry_run.of_orders([request], creator=ttd, now=NIGHT)
    [[email, sms]] = forecast.recipients
    assert (email.leaves_at, sms.leaves_at) == (NIGHT, NINE_IN_OSLO)


def test_of_a_large_order_the_first_are_shown_and_all_count(
    ttd: Creator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dry_run, "MAX_SHOWN", 2)
    request = building.request(Channel.SMS, building.mobiles(5))
    [forecast] = dry_run.of_orders([request], creator=ttd, now=NIGHT)
    assert (len(forecast.recipients), forecast.not_shown) == (2, 3)
    assert (forecast.sent, forecast.segments) == (5, 5)
