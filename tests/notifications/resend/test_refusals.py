"""What arrived is not resent, and each refusal is a sentence."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from notifications.models import Notification, NotificationStatus
from notifications.resend.eligibility import Refusal, Terms
from notifications.resend.resend import plan
from orders.models import Channel, Creator, Order, OrderType, SendingTimePolicy
from tests.building import NOON, SUNNIVA, in_a_chain, notification, processed_order
from tests.notifications.resend.resends import LATER, R, S, refusal, resends_of, resent
from tests.resending import resend

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("status", "refused", "when_forced"),
    [
        (S.NEW, R.ON_ITS_WAY, R.ON_ITS_WAY),
        (S.SENDING, R.ON_ITS_WAY, R.ON_ITS_WAY),
        (S.ACCEPTED, R.SENT, None),
        (S.DELIVERED, R.DELIVERED, None),
        (S.FAILED, None, None),
        (S.FAILED_TTL, None, None),
        (S.FAILED_BARRED_RECEIVER, None, None),
        (S.FAILED_UNDELIVERED, None, None),
    ],
)
def test_what_arrived_needs_force_and_what_is_on_its_way_is_never_resent(
    completed: Order,
    status: NotificationStatus,
    refused: Refusal | None,
    when_forced: Refusal | None,
) -> None:
    one, other = notification(completed, status), notification(completed, status)
    assert refusal(one) == refused
    assert refusal(other, force=True) == when_forced


@pytest.mark.parametrize("finished_at", [None, NOON])
def test_an_email_that_was_handed_over_needs_force(
    ttd: Creator, finished_at: datetime | None
) -> None:
    mail = processed_order(ttd, channel=Channel.EMAIL)
    fields: dict[str, Any] = {
        "finished_at": finished_at,
        "expires_at": None if finished_at else LATER,
    }
    one = notification(mail, S.SUCCEEDED, **fields)
    assert refusal(one) == R.SENT
    assert refusal(one, force=True) is None


def test_what_was_resent_waits_for_its_resend(completed: Order) -> None:
    for status in (S.NEW, S.SENDING, S.ACCEPTED, S.DELIVERED):
        old = notification(completed, S.FAILED)
        resent(old, status)
        assert refusal(old) == R.RESENT
        assert refusal(old, force=True) is None


def test_what_was_resent_in_vain_can_be_resent_again_from_either_end(completed: Order) -> None:
    first, second = notification(completed, S.FAILED), notification(completed, S.FAILED)
    again, once_more = (resent(old, S.FAILED) for old in (first, second))
    now = LATER + timedelta(hours=1)
    assert not resend([first.pk, once_more.pk], now=now).refused
    chosen = [first.pk, again.pk, second.pk, once_more.pk]
    now += timedelta(hours=1)
    assert plan(chosen, terms=Terms(), now=now).planned == []
    assert set(plan([again.pk, once_more.pk], terms=Terms(), now=now).refused.values()) == {
        R.RESENT
    }
    Notification.objects.filter(finished_at=None).update(
        status=S.FAILED, finished_at=now, expires_at=None
    )
    assert not plan([first.pk], terms=Terms(), now=now).refused
    assert not plan([again.pk], terms=Terms(), now=now).refused


def test_of_a_notification_and_its_failed_resend_only_the_newer_is_resent(completed: Order) -> None:
    old = notification(completed, S.FAILED)
    newer = resent(old, S.FAILED)
    assert resend([old.pk, newer.pk], now=LATER).refused == {old.pk: R.NEWER_CHOSEN}
    assert resends_of(newer)
    assert resends_of(old) == [newer]


def test_the_other_addresses_of_an_organization_are_no_resends_of_each_other(
    completed: Order,
) -> None:
    nowhere = notification(completed, S.FAILED_RECIPIENT_NOT_IDENTIFIED, address="")
    resent(nowhere, S.DELIVERED)
    failed = resent(nowhere, S.FAILED)
    assert not resend([failed.pk], now=LATER + timedelta(hours=1)).refused


def test_held_and_stopped_orders_and_what_was_purged_are_left_alone(ttd: Creator) -> None:
    for fields, why in (
        ({"held_at": NOON}, R.HELD),
        ({"stopped_at": NOON}, R.STOPPED),
        ({"purged_at": NOON}, R.REMOVED),
    ):
        old = notification(processed_order(ttd, **fields), S.FAILED)
        assert refusal(old, force=True, override_reservation=True) == why


@pytest.mark.parametrize("to_address", ["", "+4799999998"])
def test_a_purge_that_is_not_done_yet_counts(completed: Order, to_address: str) -> None:
    """It empties the messages first. Nobody knows any more whose name belonged in the text."""
    old = notification(completed, S.FAILED, address="", normalized_address="")
    assert refusal(old, to_address=to_address, force=True) == R.REMOVED


def test_so_it_does_where_the_order_still_says_who_it_was(ttd: Creator) -> None:
    placed = in_a_chain(processed_order(ttd, recipients=[SUNNIVA], status="Completed"))
    old = notification(placed, S.FAILED, address="", normalized_address="", sent_at=NOON)
    assert refusal(old, force=True) == R.REMOVED


@pytest.mark.parametrize("status", [S.FAILED, S.FAILED_INVALID_SAS_URL, S.SUCCEEDED])
def test_an_email_whose_links_have_expired_is_not_resent(
    ttd: Creator, status: NotificationStatus
) -> None:
    made = processed_order(ttd, channel=Channel.EMAIL, type=OrderType.COMPOSED)
    old = notification(made, status, policy=SendingTimePolicy.FETCHED, now=NOON)
    assert refusal(old, force=True) == R.LINKS_GONE


def test_every_refusal_is_a_sentence() -> None:
    assert all(str(one.label).endswith(".") for one in Refusal)
