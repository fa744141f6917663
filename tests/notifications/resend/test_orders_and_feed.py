"""A resend opens its order again; summaries and the feed tell of both rounds."""

from datetime import timedelta

import pytest

from notifications.models import NotificationChannel, StatusFeedEntry
from notifications.reading import order_status, status_texts, summaries
from notifications.reading.order_status import Tally
from orders.models import Creator, Order
from tests.building import NOON, notification, order, processed_order
from tests.notifications.resend.resends import LATER, S, finish, refusal, the_resend_of
from tests.resending import resend

pytestmark = pytest.mark.django_db


def test_the_order_is_open_again_shown_as_completed_and_fed_twice(
    ttd: Creator, completed: Order
) -> None:
    Order.objects.update(status="Processed")
    old, delivered = (notification(completed, S.ACCEPTED) for _ in range(2))
    finish(old, S.FAILED_UNDELIVERED, now=NOON)
    finish(delivered, S.DELIVERED, now=NOON)
    assert list(StatusFeedEntry.objects.values_list("round", flat=True)) == [1]

    resend([old.pk], now=LATER)
    progress = order_status.of_order(creator=ttd, order_id=completed.pk)
    assert progress is not None
    assert (progress.order.status, progress.order.status_at) == ("Processed", LATER)
    assert status_texts.of_order(progress.order.status)[0] == "Completed"
    assert progress.tallies == {NotificationChannel.SMS: Tally(generated=3, succeeded=1)}
    summary = summaries.of_order(
        creator=ttd, order_id=completed.pk, channel=NotificationChannel.SMS
    )
    assert summary is not None
    told = [one.status for one in summary.notifications]
    assert sorted(told) == ["Delivered", "Failed_Undelivered", "New"]
    assert StatusFeedEntry.objects.count() == 1

    done_at = LATER + timedelta(minutes=1)
    finish(the_resend_of(old), S.DELIVERED, now=done_at)
    finish(the_resend_of(old), S.DELIVERED, now=done_at)
    completed.refresh_from_db()
    assert (completed.status, completed.status_at) == ("Completed", done_at)
    first, second = StatusFeedEntry.objects.order_by("sequence_number")
    assert (second.round, second.status, len(second.recipients)) == (2, "Completed", 3)
    assert len(first.recipients) == 2


def test_an_order_that_is_still_going_on_has_one_round(ttd: Creator) -> None:
    going_on = processed_order(ttd)
    open_one, failed = notification(going_on, S.ACCEPTED), notification(going_on, S.FAILED)
    resend([failed.pk], now=LATER)
    finish(open_one, S.DELIVERED, now=LATER)
    assert StatusFeedEntry.objects.count() == 0
    finish(the_resend_of(failed), S.FAILED, now=LATER)
    assert StatusFeedEntry.objects.get().round == 1


def test_an_order_that_is_still_being_expanded_goes_on_so(ttd: Creator) -> None:
    half = order(ttd, status="Processing")
    assert refusal(notification(half, S.FAILED)) is None
    half.refresh_from_db()
    assert half.status == "Processing"
