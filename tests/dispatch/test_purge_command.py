"""`manage.py purge` says what it would do and what it did; reads then omit what is gone."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.utils import timezone

from notifications.models import Notification, NotificationStatus
from orders.models import Creator, Order, OrderChain, OrderStatus
from recipients.models import Recipient
from tests.building import KARI, notification, order
from tests.contracts.requests import chain, email, reminder, sms
from tests.in_process_api import Api, api, cast, key_folder, published_cast

__all__ = ["api", "cast", "key_folder", "published_cast"]

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def run(*words: str) -> str:
    out = StringIO()
    call_command("purge", *words, stdout=out, stderr=StringIO())
    return out.getvalue().strip()


def ended(creator: Creator, days: int) -> Order:
    made = order(creator, status=OrderStatus.COMPLETED, status_at=timezone.now() - days * DAY)
    notification(made, NotificationStatus.DELIVERED)
    return made


def test_a_dry_run_counts_and_changes_nothing(ttd: Creator) -> None:
    ended(ttd, 91)
    assert run("--dry-run") == "Would purge 1 orders and delete 0 dead reports."
    assert not Order.objects.exclude(purged_at=None).exists()


def test_the_settings_period_is_kept_unless_days_are_given(
    ttd: Creator, settings: LazySettings
) -> None:
    settings.RETENTION_DAYS = 60
    for days in (20, 40, 61):
        ended(ttd, days)
    assert run().startswith("Purged 1 orders: 1 recipients, 1 messages, 0 delivery reports.")
    assert run("--days", "30").startswith("Purged 1 orders:")
    assert Order.objects.filter(purged_at=None).count() == 1


@pytest.mark.parametrize("days", ["0", "-1", "36501", "9223372036854775808"])
def test_days_that_nobody_can_count_back_are_refused(days: str) -> None:
    with pytest.raises(CommandError, match=r"--days is 1 at least, and 36500 at most"):
        run("--days", days)


def test_a_script_reads_the_counts_as_json(ttd: Creator) -> None:
    ended(ttd, 91)
    assert json.loads(run("--dry-run", "--json")) == {
        "dry_run": True,
        "orders": 1,
        "dead_reports": 0,
    }
    assert json.loads(run("--json")) == {
        "dry_run": False,
        "orders": 1,
        "recipients": 1,
        "notifications": 1,
        "reports": 0,
        "dead_reports": 0,
        "dialogs": 0,
    }


def test_nothing_is_purged_where_everything_is_kept(ttd: Creator, settings: LazySettings) -> None:
    settings.RETENTION_DAYS = 0
    ended(ttd, 9_000)
    with pytest.raises(CommandError, match="RETENTION_DAYS is 0"):
        run()
    with pytest.raises(CommandError, match="--days is 1 at least"):
        run("--days", "0")
    assert run("--days", "90").startswith("Purged 1 orders:")


def purged(api: Api, path: str, body: Any, status: NotificationStatus, **fields: Any) -> str:
    """An order, placed over the API, with one message, that ended long ago and was purged."""
    response = api.post(path, body)
    assert response.status_code == 202
    order_id = str(response.json()["orderId"])
    Order.objects.filter(pk=order_id).update(
        status=OrderStatus.COMPLETED, status_at=timezone.now() - 91 * DAY
    )
    notification(Order.objects.get(pk=order_id), status, **fields)
    run()
    return order_id


def test_a_purged_order_reads_without_what_is_gone(api: Api) -> None:
    body = sms(sendersReference="ref-1", conditionEndpoint="https://condition.example/")
    order_id = purged(api, "/orders/sms", body, NotificationStatus.DELIVERED)
    found = api.get(f"/orders/{order_id}").json()
    assert found["recipients"] == [{}] * Recipient.objects.count()
    assert found["sendersReference"] == "ref-1"
    assert not {"smsTemplate", "emailTemplate", "conditionEndpoint"} & set(found)
    assert api.get("/orders?sendersReference=ref-1").json()["orders"] == [found]


def test_the_status_of_a_purged_order_still_counts(api: Api) -> None:
    order_id = purged(api, "/orders/sms", sms(), NotificationStatus.DELIVERED)
    found = api.get(f"/orders/{order_id}/status").json()
    assert found["processingStatus"]["status"] == "Completed"
    assert found["notificationsStatusSummary"]["sms"]["succeeded"] == 1


@pytest.mark.parametrize(("channel", "body"), [("sms", sms()), ("email", email())])
def test_a_purged_summary_tells_statuses_without_recipients(
    api: Api, channel: str, body: Any
) -> None:
    fields = {"national_identity_number": KARI}
    order_id = purged(api, f"/orders/{channel}", body, NotificationStatus.DELIVERED, **fields)
    [line] = api.get(f"/orders/{order_id}/notifications/{channel}").json()["notifications"]
    assert line["recipient"] == {}
    assert line["sendStatus"]["status"] == "Delivered"
    assert line["id"] == str(Notification.objects.get().pk)


def test_a_chain_answers_its_request_also_once_everything_of_it_was_purged(api: Api) -> None:
    about = {"dialogId": "a-dialog", "transmissionId": "a-transmission"}
    request = chain(dialogportenAssociation=about, reminders=[reminder(), reminder()])
    first = api.post("/future/orders", request)
    assert first.status_code == 201
    long_ago = timezone.now() - 800 * DAY
    Order.objects.update(status=OrderStatus.COMPLETED, status_at=long_ago)
    OrderChain.objects.update(created=long_ago)
    assert "Ended 1 logs of dialogs." in run()
    again = api.post("/future/orders", request)
    assert (again.status_code, again.json()) == (200, first.json())
