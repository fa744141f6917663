"""What an owner, or staff, may do to a subscription and its deliveries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from events import signing
from events.models import OF_SHIPMENTS, Delivery, EventType, Subscription
from events.sending import client
from events.sending.recording import fail_waiting
from notifications.models import StatusFeedEntry
from orders.models import Creator
from runtime.database.locking import lock
from runtime.uuid7 import uuid7
from runtime.web.ssrf_guard import Blocked

State = Subscription.State

MAX_ENDPOINT_BYTES = 2_000


class SubscriptionNotFound(Exception):
    """The owner has no such subscription, or no such delivery of it."""


class TooMany(Exception):
    """The owner has as many subscriptions as it may have."""


class NotPossible(Exception):
    """The subscription, or the delivery, does not stand so that this could be done to it."""


@dataclass(frozen=True, slots=True)
class Made:
    """A secret is told once, here."""

    subscription: Subscription
    secret: str


def why_not_callable(endpoint: str) -> str:
    """Why the endpoint can never be called, as far as its address tells; "" if it can."""
    try:
        client.check(endpoint, client.guard())
    except Blocked as blocked:
        return str(blocked)
    except ValueError:
        return "The endpoint is no https address."
    return "The endpoint has a fragment, which is never sent." if "#" in endpoint else ""


def of_creator(creator: Creator, subscription_id: UUID) -> Subscription:
    """Raises SubscriptionNotFound."""
    try:
        return Subscription.objects.of_creator(creator).get(pk=subscription_id)
    except Subscription.DoesNotExist:
        raise SubscriptionNotFound(f"{creator} has no webhook {subscription_id}.") from None


def make(
    *, creator: Creator, endpoint: str, event_types: Sequence[str] = OF_SHIPMENTS, now: datetime
) -> Made:
    """Subscribe to what ends from now on. Raises TooMany, or NoKeys."""
    secret = signing.new_secret()
    kept = signing.sealed(secret)
    with transaction.atomic():
        # Two requests at once must not make one too many.
        Creator.objects.select_for_update(no_key=True).get(pk=creator.pk)
        if Subscription.objects.of_creator(creator).count() >= settings.MAX_WEBHOOKS:
            raise TooMany(f"A service owner may have {settings.MAX_WEBHOOKS} webhooks.")
        subscription = Subscription.objects.create(
            creator=creator,
            endpoint=endpoint,
            event_types=list(event_types),
            state_at=now,
            secret=kept,
            cursor=_newest_entry(creator),
            rests_until=now,
            created=now,
        )
    return Made(subscription, secret)


def change(
    subscription: Subscription,
    *,
    endpoint: str | None = None,
    event_types: Sequence[str] | None = None,
    state: State | None = None,
    reason: str = "",
    now: datetime,
) -> Subscription:
    """Change what is given, and leave the rest; ACTIVE resumes, PAUSED pauses.

    What waits keeps waiting while it is paused, and what ends meanwhile stays in the feed: when it
    is resumed, all of it is delivered.
    """
    with transaction.atomic():
        locked = _locked(subscription)
        if endpoint is not None:
            locked.endpoint = endpoint
        if event_types is not None:
            locked.event_types = list(event_types)
        if state is not None and state != locked.state:
            locked.state, locked.state_at, locked.reason = state, now, reason
        if state == State.ACTIVE or endpoint is not None:
            _begin_anew(locked, now=now)
        locked.save()
    return locked


def delete(subscription: Subscription, *, now: datetime) -> None:
    """Nothing is delivered any more; its row and its deliveries go with the purge."""
    with transaction.atomic():
        locked = _locked(subscription)
        locked.state, locked.state_at = State.DELETED, now
        locked.secret = locked.previous_secret = ""
        locked.save()
        fail_waiting(locked.pk, now=now)


def rotate(subscription: Subscription, *, now: datetime) -> Made:
    """A new secret. For a day events carry signatures by both. Raises NoKeys."""
    secret = signing.new_secret()
    with transaction.atomic():
        locked = _locked(subscription)
        locked.previous_secret = locked.secret
        locked.previous_secret_until = now + signing.OLD_SECRET_LASTS
        locked.secret = signing.sealed(secret)
        locked.save()
    return Made(locked, secret)


def send_test(subscription: Subscription, *, now: datetime) -> Delivery:
    """An event that tells of no shipment. Raises NotPossible where nothing is sent."""
    with transaction.atomic():
        locked = _locked(subscription)
        if not locked.is_active:
            raise NotPossible("The webhook is not active.")
        locked.rests_until = now
        locked.save()
        return Delivery.objects.create(
            id=uuid7(),
            subscription=locked,
            event=EventType.TEST,
            occurred_at=now,
            next_attempt_at=now,
            created=now,
        )


def delivery_of(subscription: Subscription, delivery_id: UUID) -> Delivery:
    """Raises SubscriptionNotFound."""
    try:
        return Delivery.objects.of_subscription(subscription).get(pk=delivery_id)
    except Delivery.DoesNotExist:
        raise SubscriptionNotFound(f"No delivery {delivery_id}.") from None


def redeliver(subscription: Subscription, delivery_ids: Sequence[UUID], *, now: datetime) -> int:
    """Deliver events again, or now; under the same ids. Returns how many. What is being sent at
    this moment is left alone. Raises NotPossible where nothing is sent."""
    with transaction.atomic():
        locked = _locked(subscription)
        if not locked.is_active:
            raise NotPossible("The webhook is not active.")
        locked.rests_until = now
        locked.save()
        its = Delivery.objects.filter(subscription=locked)
        ids = lock(its.not_in_flight(now=now), list(delivery_ids))
        return Delivery.objects.filter(pk__any_of=ids).update(
            state=Delivery.State.WAITING,
            lease_token=None,
            next_attempt_at=now,
            failed_tries=0,
            give_up_at=None,
            ended_at=None,
        )


def _begin_anew(subscription: Subscription, *, now: datetime) -> None:
    """What waits gets all its tries again, at once due."""
    subscription.failed_rounds, subscription.failing_since = 0, None
    subscription.rests_until = now
    waiting = Delivery.objects.filter(subscription=subscription, state=Delivery.State.WAITING)
    ids = lock(waiting.not_in_flight(now=now))
    Delivery.objects.filter(pk__any_of=ids).update(
        next_attempt_at=now, failed_tries=0, give_up_at=None
    )


def _locked(subscription: Subscription) -> Subscription:
    """Raises SubscriptionNotFound where it was deleted meanwhile."""
    try:
        return (
            Subscription.objects.exclude(state=State.DELETED)
            .select_for_update(no_key=True)
            .get(pk=subscription.pk)
        )
    except Subscription.DoesNotExist:
        raise SubscriptionNotFound(f"No webhook {subscription.pk}.") from None


def _newest_entry(creator: Creator) -> int:
    """Entries get their numbers in the order of their commits: whatever is committed later has a
    higher one."""
    newest = StatusFeedEntry.objects.filter(creator=creator).order_by("-sequence_number")
    return newest.values_list("sequence_number", flat=True).first() or 0
