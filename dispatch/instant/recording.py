"""Writes down what became of instant messages: nobody sends one of them a second time."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_noop

from dispatch.gateways.base import TAKEN, Outcome, OutcomeKind
from dispatch.models import Attempt
from dispatch.sending import claims
from dispatch.sending.recording import Recorder, Sent, attempts
from notifications.expiry import GRACE
from notifications.results.record import Result
from runtime.database import sql

NO_TIME = gettext_noop("There was no time left to send the message while its sender waited.")

_ENDED = (OutcomeKind.ACCEPTED, OutcomeKind.FAILED)


class InstantRecorder(Recorder):
    """Judges the channel as the recorder of all other messages does."""

    def settle(self, sent: Sequence[Sent], *, now: datetime) -> dict[UUID, str]:
        """Write all outcomes, and what they mean for the channel, in one transaction; returns of
        those that were certainly not sent why. Nothing is left of these, and their ids are free.

        What the gateway took or refused ends like any other message. Where nobody knows, the
        message waits for a report until it expires. May be called again with the same outcomes if
        the database went away.
        """
        with transaction.atomic():
            judged, _ = self._judged(sent, now=now)
            own = claims.lock_own([one.claimed for one in judged])
            ours = self._with_reports([one for one in judged if _id(one) in own])
            withdrawn = _withdraw([one for one in ours if was_not_sent(one)], now=now)
            kept = [one for one in ours if _id(one) not in withdrawn]
            _await_reports([one for one in kept if _is_unknown(one)])
            Attempt.objects.bulk_create(attempts(kept, now=now))
            known = [one for one in kept if not _is_unknown(one)]
            self._record([self._result_of(one) for one in known], known, now=now)
        self._finish(judged)
        return {_id(one): _why(one) for one in ours if _id(one) in withdrawn}

    def _with_reports(self, sent: Sequence[Sent]) -> list[Sent]:
        """Of what a report has come, the gateway has it."""
        reported = self._reported(sent)
        return [
            Sent(
                one.claimed, Outcome.accepted(TAKEN[self._channel], reference=one.outcome.reference)
            )
            if one.outcome and _id(one) in reported
            else one
            for one in sent
        ]

    def _result_of(self, one: Sent) -> Result:
        """What was not sent, and stood for too long to be withdrawn, has failed."""
        outcome = one.outcome
        if outcome is None or outcome.kind not in _ENDED:
            outcome = Outcome.failed(_why(one))
        return self._ended(one.claimed, outcome)


def _id(one: Sent) -> UUID:
    return one.claimed.message.notification_id


def _is_unknown(one: Sent) -> bool:
    return one.outcome is not None and one.outcome.kind == OutcomeKind.UNKNOWN


def was_not_sent(one: Sent) -> bool:
    """Certainly: the gateway has neither taken nor refused it, nor can it have it."""
    return one.outcome is None or not (_is_unknown(one) or one.outcome.kind in _ENDED)


def _why(one: Sent) -> str:
    return one.outcome.reason if one.outcome else NO_TIME


def _withdraw(unsent: Sequence[Sent], *, now: datetime) -> set[UUID]:
    """Remove the orders of these messages as if they had never been placed; returns whose.

    Not where the lease has lapsed: somebody may have been told since that the order stands.
    """
    if not unsent:
        return set()
    ids = [_id(one) for one in unsent]
    return {row[0] for row in sql.rows(_WITHDRAW, ids=ids, now=now)}


def _await_reports(unknown: Sequence[Sent]) -> None:
    """A lease that lasts until a report could no longer come: nobody else takes the message."""
    if not unknown:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _AWAIT_REPORTS,
            {
                "ids": [_id(one) for one in unknown],
                "references": [one.outcome.reference if one.outcome else "" for one in unknown],
                "grace": GRACE.total_seconds(),
            },
        )


# The notifications are locked already.
_WITHDRAW = """
WITH withdrawn AS (
    DELETE FROM notifications_notification
    WHERE id = ANY(%(ids)s) AND status = 'Sending' AND lease_until > %(now)s
    RETURNING id, order_id
),
recipients AS (
    DELETE FROM recipients_recipient WHERE order_id IN (SELECT order_id FROM withdrawn)
),
orders AS (
    DELETE FROM orders_order WHERE id IN (SELECT order_id FROM withdrawn) RETURNING chain_id
),
chains AS (
    DELETE FROM orders_orderchain WHERE id IN (SELECT chain_id FROM orders)
)
SELECT id FROM withdrawn
"""

_AWAIT_REPORTS = """
UPDATE notifications_notification n
SET lease_until = n.expires_at + make_interval(secs => %(grace)s),
    gateway_reference = coalesce(nullif(unknown.reference, ''), n.gateway_reference)
FROM unnest(%(ids)s::uuid[], %(references)s::text[]) AS unknown (id, reference)
WHERE n.id = unknown.id
"""
