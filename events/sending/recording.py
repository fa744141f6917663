"""Records what became of tries: delivered, tried again later, or given up; and what follows for the
subscription."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import uniform
from uuid import UUID

import orjson
import structlog
from django.db import connection, transaction

from events.models import Delivery, Subscription
from events.sending.claims import Claimed
from events.sending.client import Answer, Verdict
from runtime.database.locking import lock

logger = structlog.get_logger(__name__)

S = Delivery.State

GIVE_UP_AFTER = timedelta(days=3)
"""From the first failed try of an event on."""
BACK_OFF = [
    timedelta(seconds=seconds)
    for seconds in (5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 21_600, 28_800)
]
"""After each failed try; the last again and again."""
JITTER = 0.2
ROUNDS_BEFORE_REST = 4
"""So many batches in a row must fail before a subscription rests between its tries."""
REST = [timedelta(seconds=seconds) for seconds in (5, 15, 60, 300, 600)]

GONE = "The endpoint answered with status 410: it wants no more events."
LASTING = "No event was delivered for three days. The last try: {reason}"
_CHANGED = [
    "failed_rounds",
    "failing_since",
    "rests_until",
    "succeeded_at",
    "state",
    "state_at",
    "reason",
]


@dataclass(frozen=True, slots=True)
class Tried:
    """One try, and what came of it."""

    claimed: Claimed
    answer: Answer
    at: datetime


@dataclass(frozen=True, slots=True)
class _Own:
    """A delivery that is still ours, as it stands."""

    failed_tries: int
    give_up_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How a delivery stands after its try."""

    tried: Tried
    state: Delivery.State
    next_attempt_at: datetime
    failed_tries: int
    give_up_at: datetime | None
    is_lasting: bool = False
    """It has failed for as long as it may."""


def record(tries: Sequence[Tried], *, now: datetime) -> int:
    """Record the tries whose leases are still ours, by one transaction; returns how many.

    Subscriptions are locked before their deliveries, each in the order of their ids (decision 26).
    """
    with transaction.atomic():
        subscriptions = _locked({one.claimed.subscription_id for one in tries})
        own = _lock_own(tries)
        outcomes = [
            _outcome(one, own[one.claimed.delivery_id], now=now)
            for one in tries
            if one.claimed.delivery_id in own
        ]
        by_subscription = defaultdict(list)
        for outcome in outcomes:
            by_subscription[outcome.tried.claimed.subscription_id].append(outcome)
        rested = [pk for pk in by_subscription if _rests(subscriptions[pk])]
        settled = [
            one
            for pk, its in by_subscription.items()
            for one in _settle(subscriptions[pk], its, now=now)
        ]
        _save(settled, now=now)
        for pk in by_subscription:
            if subscriptions[pk].state == Subscription.State.ENDED:
                fail_waiting(pk, now=now)
        _bring_forward([pk for pk in rested if not _rests(subscriptions[pk])], now=now)
    states = Counter(one.state.lower() for one in outcomes)
    logger.info("Events were posted", webhooks=len(by_subscription), **states)
    return len(outcomes)


def fail_waiting(subscription_id: UUID, *, now: datetime) -> None:
    """Of a subscription that has ended: nothing of it waits any longer. Its row must be locked."""
    waiting = Delivery.objects.filter(subscription=subscription_id, state=S.WAITING)
    Delivery.objects.filter(pk__any_of=lock(waiting)).update(
        state=S.FAILED, ended_at=now, lease_token=None
    )


def _bring_forward(subscription_ids: Sequence[UUID], *, now: datetime) -> None:
    """The endpoints answer again: what waits because it failed before is due at once.

    That is not much, for a subscription that rests makes few tries. An event of which alone an
    endpoint wants nothing comes no oftener for that: without four failed batches nobody rests.
    """
    if subscription_ids:
        waiting = Delivery.objects.filter(
            subscription__pk__any_of=list(subscription_ids),
            state=S.WAITING,
            next_attempt_at__gt=now,
        )
        ids = lock(waiting.not_in_flight(now=now))
        Delivery.objects.filter(pk__any_of=ids).update(next_attempt_at=now)


def _outcome(tried: Tried, own: _Own, *, now: datetime) -> _Outcome:
    if tried.answer.verdict is Verdict.DELIVERED:
        return _Outcome(tried, S.DELIVERED, now, own.failed_tries, None)
    give_up_at = own.give_up_at or now + GIVE_UP_AFTER
    wait = BACK_OFF[min(own.failed_tries, len(BACK_OFF) - 1)] * uniform(1 - JITTER, 1 + JITTER)
    return _Outcome(
        tried,
        S.WAITING,
        min(now + wait, max(give_up_at, now)),
        own.failed_tries + 1,
        give_up_at,
        is_lasting=give_up_at <= now,
    )


def _settle(
    subscription: Subscription, outcomes: Sequence[_Outcome], *, now: datetime
) -> list[_Outcome]:
    """What the outcomes together mean for the subscription, and what that means for them.

    An event that alone has failed for three days is given up, for the endpoint takes others. Where
    none was delivered in that time, the subscription is paused instead, and its events wait.
    """
    delivered = any(one.state == S.DELIVERED for one in outcomes)
    if delivered:
        _succeeded(subscription, now=now)
    else:
        _failed(subscription, outcomes[-1].tried.answer.reason, now=now)
    if subscription.state != Subscription.State.DELETED and any(
        one.tried.answer.verdict is Verdict.GONE for one in outcomes
    ):
        _change(subscription, Subscription.State.ENDED, GONE, now=now)
    subscription.save(update_fields=_CHANGED)
    return [
        replace(one, state=S.FAILED) if one.is_lasting and _takes_others(subscription, one) else one
        for one in outcomes
    ]


def _succeeded(subscription: Subscription, *, now: datetime) -> None:
    subscription.failed_rounds, subscription.rests_until = 0, now
    subscription.succeeded_at, subscription.failing_since = now, None


def _failed(subscription: Subscription, reason: str, *, now: datetime) -> None:
    """It rests between batches of tries once some have failed, and is paused where that lasts."""
    subscription.failing_since = subscription.failing_since or now
    subscription.failed_rounds = min(subscription.failed_rounds + 1, 1_000)
    if _rests(subscription):
        rest = subscription.failed_rounds - ROUNDS_BEFORE_REST
        subscription.rests_until = now + REST[min(rest, len(REST) - 1)]
    if subscription.is_active and now - subscription.failing_since >= GIVE_UP_AFTER:
        why = LASTING.format(reason=reason)
        _change(subscription, Subscription.State.PAUSED, why, now=now)


def _rests(subscription: Subscription) -> bool:
    return subscription.failed_rounds >= ROUNDS_BEFORE_REST


def _takes_others(subscription: Subscription, outcome: _Outcome) -> bool:
    """Whether something was delivered since the event failed first."""
    if subscription.succeeded_at is None or outcome.give_up_at is None:
        return False
    return subscription.succeeded_at > outcome.give_up_at - GIVE_UP_AFTER


def _change(
    subscription: Subscription, state: Subscription.State, reason: str, *, now: datetime
) -> None:
    subscription.state, subscription.state_at, subscription.reason = state, now, reason
    logger.warning("A webhook is not called any more", webhook=str(subscription.pk), state=state)


def _locked(ids: set[UUID]) -> dict[UUID, Subscription]:
    rows = Subscription.objects.filter(pk__any_of=ids).order_by("pk")
    return {row.pk: row for row in rows.select_for_update(no_key=True)}


def _lock_own(tries: Sequence[Tried]) -> dict[UUID, _Own]:
    with connection.cursor() as cursor:
        cursor.execute(
            _LOCK_OWN,
            {
                "ids": [one.claimed.delivery_id for one in tries],
                "tokens": [one.claimed.lease_token for one in tries],
            },
        )
        return {pk: _Own(failed, give_up_at) for pk, failed, give_up_at in cursor.fetchall()}


def _save(outcomes: Sequence[_Outcome], *, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _SAVE,
            {
                "now": now,
                "ids": [one.tried.claimed.delivery_id for one in outcomes],
                "states": [one.state.value for one in outcomes],
                "next": [one.next_attempt_at for one in outcomes],
                "failed": [one.failed_tries for one in outcomes],
                "give_up": [one.give_up_at for one in outcomes],
                "tries": [_as_kept(one.tried) for one in outcomes],
            },
        )


def _as_kept(tried: Tried) -> str:
    answer = tried.answer
    return orjson.dumps(
        {
            "at": tried.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "status": answer.status,
            "milliseconds": answer.milliseconds,
            "reason": answer.reason,
        }
    ).decode()


_LOCK_OWN = """
SELECT d.id, d.failed_tries, d.give_up_at
FROM unnest(%(ids)s::uuid[], %(tokens)s::uuid[]) AS mine (id, token)
JOIN events_delivery d ON d.id = mine.id AND d.lease_token = mine.token AND d.state = 'Waiting'
ORDER BY d.id
FOR NO KEY UPDATE OF d
"""

_SAVE = """
UPDATE events_delivery d
SET state = r.state,
    next_attempt_at = r.next,
    lease_token = NULL,
    failed_tries = r.failed,
    give_up_at = r.give_up,
    tries = d.tries || r.try::jsonb,
    ended_at = CASE r.state WHEN 'Waiting' THEN NULL ELSE %(now)s::timestamptz END
FROM unnest(
    %(ids)s::uuid[], %(states)s::text[], %(next)s::timestamptz[], %(failed)s::smallint[],
    %(give_up)s::timestamptz[], %(tries)s::text[]
) AS r (id, state, next, failed, give_up, try)
WHERE d.id = r.id AND d.id = ANY(%(ids)s::uuid[])
"""
