"""What follows from failures: back-off, rest, a pause after three days, or one event given up."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from events import subscriptions
from events.models import Delivery, Subscription
from events.sending import recording
from events.sending.claims import Claimed, claim
from events.sending.client import Answer, Verdict
from events.sending.recording import BACK_OFF, GIVE_UP_AFTER, JITTER, ROUNDS_BEFORE_REST, Tried
from orders.models import Creator
from tests.events.conftest import subscribe

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=timezone.now().tzinfo)
DAY = timedelta(days=1)
GOOD = Answer(Verdict.DELIVERED, 5, 200)
BAD = Answer(Verdict.FAILED, 5, 500, "The endpoint answered with status 500.")


@pytest.fixture
def webhook(ttd: Creator) -> Subscription:
    return subscribe(ttd, "https://sender.example/hook", now=NOW)


def claimed(*, now: datetime) -> list[Claimed]:
    return claim(limit=100, of_each=50, in_flight={}, now=now)


def tried(answer: Answer, *, now: datetime) -> Delivery:
    """The one that waits is tried again, whatever it waits for."""
    Subscription.objects.update(rests_until=now)
    Delivery.objects.filter(state="Waiting").update(next_attempt_at=now)
    [one] = claimed(now=now)
    assert recording.record([Tried(one, answer, now)], now=now) == 1
    return Delivery.objects.get(pk=one.delivery_id)


def test_each_failure_waits_longer_and_three_days_are_the_end(webhook: Subscription) -> None:
    subscriptions.send_test(webhook, now=NOW)
    for wait in BACK_OFF:
        after = tried(BAD, now=NOW)
        least, most = wait * (1 - JITTER), wait * (1 + JITTER)
        assert NOW + least <= after.next_attempt_at <= NOW + most
    assert after.give_up_at == NOW + GIVE_UP_AFTER
    late = tried(BAD, now=NOW + GIVE_UP_AFTER - timedelta(minutes=1))
    assert late.next_attempt_at == NOW + GIVE_UP_AFTER


def test_where_nothing_is_delivered_for_three_days_it_is_paused_and_loses_nothing(
    webhook: Subscription,
) -> None:
    subscriptions.send_test(webhook, now=NOW)
    tried(BAD, now=NOW)
    tried(BAD, now=NOW + 3 * DAY - timedelta(seconds=1))
    webhook.refresh_from_db()
    assert webhook.is_active
    waiting = tried(BAD, now=NOW + 3 * DAY)
    webhook.refresh_from_db()
    assert (webhook.state, waiting.state) == ("Paused", "Waiting")
    assert BAD.reason in webhook.reason
    assert claimed(now=NOW + 9 * DAY) == []
    subscriptions.change(webhook, state=Subscription.State.ACTIVE, now=NOW + 9 * DAY)
    delivered = tried(GOOD, now=NOW + 9 * DAY)
    assert (delivered.state, len(delivered.tries)) == ("Delivered", 4)


@pytest.mark.parametrize(("rounds", "due"), [(ROUNDS_BEFORE_REST, 2), (ROUNDS_BEFORE_REST - 1, 0)])
def test_the_first_success_after_a_rest_brings_forward_what_failed_before(
    webhook: Subscription, rounds: int, due: int
) -> None:
    for _ in range(4):
        subscriptions.send_test(webhook, now=NOW)
    in_hand, leased, *waiting = claimed(now=NOW)
    recording.record([Tried(one, BAD, NOW) for one in waiting], now=NOW)
    Subscription.objects.update(failed_rounds=rounds)
    recording.record([Tried(in_hand, GOOD, NOW)], now=NOW)
    rows = Delivery.objects.filter(state="Waiting", lease_token=None)
    assert rows.filter(next_attempt_at=NOW, failed_tries=1).count() == due
    assert rows.count() == 2
    assert Delivery.objects.get(pk=leased.delivery_id).next_attempt_at > NOW


def test_an_event_that_alone_fails_is_given_up_and_the_others_go_on(webhook: Subscription) -> None:
    subscriptions.send_test(webhook, now=NOW)
    tried(BAD, now=NOW)
    Subscription.objects.update(succeeded_at=NOW + DAY, failing_since=None)
    assert tried(BAD, now=NOW + 3 * DAY).state == "Failed"
    webhook.refresh_from_db()
    assert webhook.is_active


def test_after_failures_in_a_row_it_gets_fewer_calls_and_rests(webhook: Subscription) -> None:
    for _ in range(60):
        subscriptions.send_test(webhook, now=NOW)
    counts = []
    for _ in range(ROUNDS_BEFORE_REST):
        batch = claimed(now=NOW)
        counts.append(len(batch))
        recording.record([Tried(one, BAD, NOW) for one in batch], now=NOW)
        Delivery.objects.update(next_attempt_at=NOW)
    assert counts == [50, 25, 12, 6]
    assert claimed(now=NOW) == []
    later = NOW + recording.REST[0]
    [*batch] = claimed(now=later)
    assert len(batch) == 3
    recording.record([Tried(batch[0], GOOD, later)], now=later)
    assert len(claimed(now=later)) == 50


def test_what_is_in_flight_counts(webhook: Subscription) -> None:
    for _ in range(9):
        subscriptions.send_test(webhook, now=NOW)
    assert len(claim(limit=100, of_each=5, in_flight={webhook.pk: 3}, now=NOW)) == 2
    assert claim(limit=100, of_each=5, in_flight={webhook.pk: 5}, now=NOW) == []


def test_a_result_counts_only_while_its_lease_holds(webhook: Subscription) -> None:
    subscriptions.send_test(webhook, now=NOW)
    [mine] = claimed(now=NOW)
    later = NOW + timedelta(minutes=5)
    [theirs] = claimed(now=later)
    assert recording.record([Tried(mine, BAD, later)], now=later) == 0
    assert recording.record([Tried(theirs, GOOD, later)], now=later) == 1


def test_what_is_in_flight_is_not_sent_beside_itself(webhook: Subscription) -> None:
    sent = subscriptions.send_test(webhook, now=NOW)
    claimed(now=NOW)
    assert subscriptions.redeliver(webhook, [sent.pk], now=NOW) == 0
    subscriptions.change(webhook, state=Subscription.State.ACTIVE, now=NOW)
    assert claimed(now=NOW) == []
    assert subscriptions.redeliver(webhook, [sent.pk], now=NOW + DAY) == 1


def test_nothing_of_a_deleted_webhook_is_sent(webhook: Subscription) -> None:
    sent = subscriptions.send_test(webhook, now=NOW)
    [one] = claimed(now=NOW)
    subscriptions.delete(webhook, now=NOW)
    assert recording.record([Tried(one, BAD, NOW)], now=NOW) == 0
    assert Delivery.objects.get(pk=sent.pk).state == "Failed"
    webhook.refresh_from_db()
    assert (webhook.state, webhook.secret) == ("Deleted", "")
