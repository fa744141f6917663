"""How far an order has come, and the tallies of its messages."""

from uuid import uuid4

import pytest

from notifications.models import NotificationChannel, NotificationStatus
from notifications.reading.order_status import Tally, of_order
from orders.models import Channel, Creator
from tests import building

S = NotificationStatus

pytestmark = pytest.mark.django_db


def test_each_channel_is_counted_apart_and_only_where_there_is_something(ttd: Creator) -> None:
    order = building.order(ttd, Channel.EMAIL_AND_SMS)
    nothing = of_order(creator=ttd, order_id=order.pk)
    for status in (S.NEW, S.ACCEPTED, S.DELIVERED):
        building.notification(order, status, channel=NotificationChannel.SMS)
    one = of_order(creator=ttd, order_id=order.pk)
    building.notification(order, S.FAILED, channel=NotificationChannel.EMAIL)
    both = of_order(creator=ttd, order_id=order.pk)
    assert [found and found.tallies for found in (nothing, one, both)] == [
        {},
        {NotificationChannel.SMS: Tally(3, 2)},
        {NotificationChannel.SMS: Tally(3, 2), NotificationChannel.EMAIL: Tally(1, 0)},
    ]


def test_another_creators_order_is_no_order(ttd: Creator, skd: Creator) -> None:
    order = building.order(ttd)
    assert of_order(creator=skd, order_id=order.pk) is None
    assert of_order(creator=ttd, order_id=uuid4()) is None
