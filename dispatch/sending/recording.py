"""Writes down what became of the messages a worker sent, and watches for trouble of the channel."""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from dispatch.gateways.base import TAKEN, Outcome, OutcomeKind
from dispatch.gateways.by_channel import WaysOut
from dispatch.models import Attempt, ChannelPause, DeliveryReport
from dispatch.sending import claims, gateway_states, metrics, pauses, simulation
from dispatch.sending.channel_watch import SUSPECT_AGAIN_AFTER, ChannelWatch, Trouble, Verdict
from dispatch.sending.claims import Claimed, Return
from dispatch.sending.gateway_states import Standing
from notifications.models import NotificationStatus
from notifications.results import record as results
from notifications.results.record import Result

BACK_OFF = [timedelta(seconds=s) for s in (5, 30, 120, 600, 1800)]
JITTER = 0.2
# Where another gateway can take over: errors in a row that pause one, and how soon and how often
# the message goes to whichever is open.
ERRORS_THAT_DIVERT = 5
ELSEWHERE_AFTER = timedelta(seconds=1)
TRIES_ELSEWHERE = 3
UNKNOWN_AGAIN_AFTER = timedelta(minutes=2)

ENDED_UNKNOWN = "Nobody knows whether the gateway took the message; it is not sent again. "


@dataclass(frozen=True, slots=True)
class Sent:
    """A claimed message and what became of it; no outcome when it was held back before sending.
    It was with the gateway from `began` to `ended`."""

    claimed: Claimed
    outcome: Outcome | None
    began: datetime | None = None
    ended: datetime | None = None


class Recorder:
    """Records outcomes, and pauses the channel when they show that it is in trouble."""

    def __init__(self, ways: WaysOut) -> None:
        breaks = ERRORS_THAT_DIVERT if ways.can_take_over else pauses.ERRORS_THAT_BREAK
        self._channel = ways.channel
        self._ways = ways
        self._watches = {name: ChannelWatch(errors_that_break=breaks) for name in ways.names}

    @property
    def watch(self) -> ChannelWatch:
        """That of the first gateway: where it is the only one, of the channel."""
        return self.watch_of(self._ways.first.gateway)

    def watch_of(self, gateway: str) -> ChannelWatch:
        return self._watches[self._ways.of(gateway).gateway]

    def learn(self, standing: Standing, *, now: datetime) -> None:
        """Whose trouble it is where a gateway is in trouble, whichever process has found it."""
        for gateway, watch in self._watches.items():
            if (state := standing.of(gateway)).is_in_trouble:
                watch.learn(state.blamed, now=now)

    def record(self, sent: Sequence[Sent], *, now: datetime) -> None:
        """Write all outcomes, and what they mean for the channel, in one transaction.

        Of messages whose lease was lost nothing is written: somebody else has them. May be called
        again with the same outcomes if the database went away.
        """
        with transaction.atomic():
            sent, suspects = self._judged(sent, now=now)
            ours = sent
            if not all(map(_is_accepted, sent)):
                own = claims.lock_own([one.claimed for one in sent])
                ours = [one for one in sent if one.claimed.message.notification_id in own]
            finished, returned = self._settle(ours, suspects, now=now)
            if returned:
                claims.give_back(returned, now=now)
            Attempt.objects.bulk_create(attempts(ours, now=now))
            _note_sizes(ours)
            self._record(finished, ours, now=now)
        self._finish(sent)

    def _record(self, known: Sequence[Result], sent: Sequence[Sent], *, now: datetime) -> None:
        """With the reports that follow what was simulated."""
        simulation.store_reports(
            ((one.claimed.message.notification_id, one.outcome) for one in sent),
            channel=self._channel,
            recorded=results.record(known, now=now),
            now=now,
        )

    def _judged(self, sent: Sequence[Sent], *, now: datetime) -> tuple[list[Sent], set[UUID]]:
        """The outcomes that are to be recorded, and the suspects among the messages; what they
        mean for the channel is written."""
        verdicts = [
            self.watch_of(one.claimed.gateway).judge(one.claimed, one.outcome, now=now)
            for one in sent
        ]
        self._heed(sent, verdicts, now=now)
        judged = [Sent(one.claimed, v.outcome) for one, v in zip(sent, verdicts, strict=True)]
        return judged, self._suspects(sent, verdicts)

    def _finish(self, judged: Sequence[Sent]) -> None:
        """After the commit."""
        for watch in self._watches.values():
            watch.settled(one.claimed for one in judged)
        metrics.count_sends(self._channel, (one.outcome for one in judged))
        metrics.count_gateways(
            self._channel, ((one.claimed.gateway, one.outcome) for one in judged)
        )

    def _settle(
        self, sent: Sequence[Sent], suspects: set[UUID], *, now: datetime
    ) -> tuple[list[Result], list[Return]]:
        """What is known for good, and what is tried again."""
        unknown_before, reported = _unknown_before(sent), self._reported(sent)
        finished, returned = [], []
        for one in sent:
            outcome = one.outcome
            if outcome and one.claimed.message.notification_id in reported:
                outcome = Outcome.accepted(TAKEN[self._channel], reference=outcome.reference)
            if outcome and (result := self._result(one.claimed, outcome, unknown_before)):
                finished.append(result)
            else:
                is_suspect = one.claimed.message.notification_id in suspects
                returned.append(self._give_back(one, is_suspect=is_suspect, now=now))
        return finished, returned

    def _reported(self, sent: Sequence[Sent]) -> set[UUID]:
        """The messages whose outcome is not known, and of which a delivery report has come all the
        same, from the gateway that was asked: it took them, though the report may still wait to be
        applied."""
        unknown = [
            one
            for one in sent
            if one.outcome and one.outcome.kind == OutcomeKind.UNKNOWN and one.outcome.reference
        ]
        if not unknown:
            return set()
        references = [one.outcome.reference for one in unknown if one.outcome]
        reports = DeliveryReport.objects.filter(reference__in=references, channel=self._channel)
        known: dict[str, set[str]] = defaultdict(set)
        for reference, gateway in reports.values_list("reference", "gateway"):
            known[reference].add(gateway)
        return {
            one.claimed.message.notification_id
            for one in unknown
            if one.outcome
            and any(
                gateway in ("", one.claimed.gateway) or not one.claimed.gateway
                for gateway in known[one.outcome.reference]
            )
        }

    def _result(
        self, claimed: Claimed, outcome: Outcome, unknown_before: set[UUID]
    ) -> Result | None:
        """None where the message is to be tried again."""
        if outcome.kind == OutcomeKind.UNKNOWN and (
            claimed.message.notification_id in unknown_before
            or not settings.RESEND_AFTER_UNKNOWN_OUTCOME
        ):
            return self._ended(
                claimed,
                replace(
                    outcome,
                    status=NotificationStatus.FAILED,
                    reason=ENDED_UNKNOWN + outcome.reason,
                ),
            )
        return None if outcome.status is None else self._ended(claimed, outcome)

    def _ended(self, claimed: Claimed, outcome: Outcome) -> Result:
        """Of an outcome with a status."""
        will_report = self._ways.of(claimed.gateway).transport.reports_delivery
        return Result(
            claimed.message.notification_id,
            outcome.status or NotificationStatus.FAILED,
            finished=outcome.kind != OutcomeKind.ACCEPTED or not will_report,
            reason=outcome.reason,
            lease_token=claimed.lease_token,
            gateway_reference=outcome.reference or None,
            is_uncertain=outcome.kind == OutcomeKind.UNKNOWN,
            is_simulated=outcome.simulation is not None,
        )

    def _give_back(self, one: Sent, *, is_suspect: bool, now: datetime) -> Return:
        """What one gateway did not take is tried with another soon, a few times."""
        back = give_back(one.claimed, one.outcome, is_suspect=is_suspect, now=now)
        is_error = one.outcome is not None and one.outcome.kind == OutcomeKind.CHANNEL_ERROR
        if self._ways.can_take_over and is_error and one.claimed.attempts < TRIES_ELSEWHERE:
            return replace(back, next_attempt_at=now + ELSEWHERE_AFTER)
        return back

    def _suspects(self, sent: Sequence[Sent], verdicts: Sequence[Verdict]) -> set[UUID]:
        """None where the gateway was found to be in trouble for all: then its messages are
        innocent."""
        in_trouble = {
            one.claimed.gateway
            for one, verdict in zip(sent, verdicts, strict=True)
            if verdict.trouble and self.watch_of(one.claimed.gateway).blamed is None
        }
        return {
            one.claimed.message.notification_id
            for one, verdict in zip(sent, verdicts, strict=True)
            if verdict.is_suspect and one.claimed.gateway not in in_trouble
        }

    def _heed(self, sent: Sequence[Sent], verdicts: Sequence[Verdict], *, now: datetime) -> None:
        """Pause the gateway, lift its pauses, or let another message be the probe."""
        of_gateways: dict[str, list[Verdict]] = defaultdict(list)
        for one, verdict in zip(sent, verdicts, strict=True):
            of_gateways[self._ways.of(one.claimed.gateway).gateway].append(verdict)
        for gateway, found in of_gateways.items():
            if any(verdict.lifts for verdict in found):
                self._lift(gateway, now=now)
            if any(verdict.returns_probe for verdict in found):
                pauses.return_probe(self._channel, now=now)
                if self._ways.are_several:
                    gateway_states.return_probe(self._channel, gateway, now=now)
            for trouble in _worst(found):
                self._pause(gateway, trouble, now=now)

    def _lift(self, gateway: str, *, now: datetime) -> None:
        pauses.lift(self._channel, now=now)
        if self._ways.are_several:
            gateway_states.lift(self._channel, gateway)

    def _pause(self, gateway: str, trouble: Trouble, *, now: datetime) -> None:
        """It is trouble of the channel only where no other gateway could take over, and until the
        first may be tried again."""
        until = now + trouble.length
        if self._ways.are_several:
            gateway_states.pause(self._channel, gateway, trouble, now=now)
            others = self._ways.beside(gateway)
            if gateway_states.is_any_open(self._channel, others, now=now):
                return
            until = gateway_states.first_to_open(self._channel, [gateway, *others], now=now)
        pauses.pause(
            self._channel,
            trouble.cause,
            until=until,
            reason=trouble.reason,
            now=now,
            blamed=trouble.blamed,
        )


def _worst(verdicts: Sequence[Verdict]) -> Iterable[Trouble]:
    """Of each cause the longest."""
    worst: dict[ChannelPause.Cause, Trouble] = {}
    for verdict in verdicts:
        trouble = verdict.trouble
        if trouble and trouble.length >= worst.get(trouble.cause, trouble).length:
            worst[trouble.cause] = trouble
    return worst.values()


def _is_accepted(one: Sent) -> bool:
    return one.outcome is not None and one.outcome.kind == OutcomeKind.ACCEPTED


def _unknown_before(sent: Sequence[Sent]) -> set[UUID]:
    """Which of the unknown outcomes are not the first of their message."""
    ids = [
        one.claimed.message.notification_id
        for one in sent
        if one.outcome and one.outcome.kind == OutcomeKind.UNKNOWN
    ]
    if not ids:
        return set()
    earlier = Attempt.objects.filter(notification__in=ids, outcome=Attempt.Outcome.UNKNOWN)
    return set(earlier.values_list("notification_id", flat=True))


def give_back(
    claimed: Claimed, outcome: Outcome | None, *, is_suspect: bool, now: datetime
) -> Return:
    """When the message is tried again, and whether this try counts against it."""
    counts = outcome is not None and outcome.kind != OutcomeKind.PAUSE_CHANNEL
    next_attempt_at = now
    if outcome and outcome.kind == OutcomeKind.UNKNOWN:
        next_attempt_at = now + UNKNOWN_AGAIN_AFTER
    elif outcome and counts:
        next_attempt_at = now + back_off(claimed.attempts)
    elif is_suspect:
        next_attempt_at = now + SUSPECT_AGAIN_AFTER
    return Return(
        claimed.message.notification_id,
        claimed.lease_token,
        next_attempt_at=next_attempt_at,
        counts=counts,
        reference=(outcome.reference or None) if outcome else None,
        keeps_gateway=outcome is not None and outcome.kind == OutcomeKind.UNKNOWN,
    )


def back_off(failed_tries: int) -> timedelta:
    """How long to wait after one more failed try, with some jitter."""
    return BACK_OFF[min(failed_tries, len(BACK_OFF) - 1)] * random.uniform(1, 1 + JITTER)


def _note_sizes(sent: Sequence[Sent]) -> None:
    """Of the files that were fetched, for the support desk."""
    sizes = {
        file.id: size
        for one in sent
        if one.outcome and one.outcome.file_sizes
        for file, size in zip(one.claimed.message.attachments, one.outcome.file_sizes, strict=True)
    }
    if sizes:
        with connection.cursor() as cursor:
            cursor.execute(_SIZES, {"ids": list(sizes), "sizes": list(sizes.values())})


_SIZES = """
UPDATE orders_attachment a SET size = f.size
FROM unnest(%(ids)s::bigint[], %(sizes)s::bigint[]) AS f (id, size)
WHERE a.id = f.id
"""


def attempts(sent: Sequence[Sent], *, now: datetime) -> Iterator[Attempt]:
    """One for each failed attempt; a refusal of us is no attempt at the message, and what is
    simulated was none."""
    for one in sent:
        outcome = one.outcome
        if outcome is None or outcome.simulation:
            continue
        if outcome.kind in (OutcomeKind.ACCEPTED, OutcomeKind.PAUSE_CHANNEL):
            continue
        is_unknown = outcome.kind == OutcomeKind.UNKNOWN
        yield Attempt(
            notification_id=one.claimed.message.notification_id,
            outcome=Attempt.Outcome.UNKNOWN if is_unknown else Attempt.Outcome.ERROR,
            reason=outcome.reason,
            gateway=one.claimed.gateway,
            reference=outcome.reference,
            created=now,
        )
