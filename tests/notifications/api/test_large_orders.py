"""What is told of a large order does not fill the memory."""

import tracemalloc

import pytest
from django.db import connection

from notifications.models import NotificationChannel
from orders.models import Channel, Creator, Order
from tests import building
from tests.building import mobiles
from tests.in_process_api import Api

# Measuring is slow; larger orders behave alike.
MANY = 20_000
# In lengths of the answer, which waits in memory as text: 2.4 with it once more in one piece, 4.5
# with the messages as objects.
MAX_RATIO = 1.6

pytestmark = pytest.mark.django_db


@pytest.fixture
def large_order(ttd: Creator) -> Order:
    """With an SMS and an e-mail to each recipient."""
    made = building.order(ttd, Channel.EMAIL_AND_SMS, mobiles(MANY), senders_reference="large")
    for channel in NotificationChannel:
        first = building.notification(made, channel=channel)
        names = [str(field.column) for field in first._meta.fields]
        columns = ", ".join(name for name in names if name != "id")
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO notifications_notification (id, {columns})"  # noqa: S608
                f" SELECT gen_random_uuid(), {columns} FROM notifications_notification,"
                " generate_series(2, %s) WHERE id = %s",
                [MANY, first.pk],
            )
    return made


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_a_summary_is_in_memory_once_and_only_as_text(
    api: Api, large_order: Order, channel: str
) -> None:
    api.get("/orders")  # The first request of all loads code.
    counts = f'"generated":{MANY},"succeeded":0'.encode()
    length = listed = 0
    tracemalloc.start()
    try:
        response = api.get(f"/orders/{large_order.pk}/notifications/{channel}")
        assert response["Content-Type"] == "application/json; charset=utf-8"
        told = int(response["Content-Length"])
        for piece in response.streaming_content:
            assert length or counts in piece
            length += len(piece)
            listed += piece.count(b'"sendStatus"')
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (listed, length) == (MANY, told)
    assert most / length < MAX_RATIO


def test_all_recipients_are_listed_and_all_notifications_counted(
    api: Api, large_order: Order
) -> None:
    for path in (f"/orders/{large_order.pk}", "/orders?sendersReference=large"):
        assert api.get(path).content.count(b'"mobileNumber"') == MANY
    tallies = api.get(f"/orders/{large_order.pk}/status").json()["notificationsStatusSummary"]
    assert [tally["generated"] for tally in tallies.values()] == [MANY, MANY]
