"""Sends what is ready on one channel: claim, transport, record, over and over for some seconds."""

import random
import threading
import time
from collections.abc import Collection, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime
from functools import cache

import structlog
from django.db import Error, close_old_connections, transaction
from django.utils.translation import gettext_noop

from dispatch.gateways.by_channel import WayOut, WaysOut, composed_ways_out, ways_out
from dispatch.sending import choosing, claims, gateway_states, metrics, pauses, telling
from dispatch.sending.claims import Claimed
from dispatch.sending.gateway_states import Standing
from dispatch.sending.in_flight import InFlight
from dispatch.sending.pauses import Gate
from dispatch.sending.recording import Recorder, Sent
from notifications import ready
from notifications.models import NotificationChannel
from orders.models import SendingTimePolicy
from runtime import clock
from runtime.database.away import is_about_the_data, sqlstate
from runtime.jobs import wake_ups
from runtime.jobs.relay import Relay

# When nothing is ready while messages are still with the gateway. Seconds.
ASK_AGAIN_AFTER = 1.0
# While there is more than this process has places for. Seconds.
TELL_OTHERS_EVERY = 0.25
# The database is away. Seconds.
TRY_TO_RECORD_AFTER = 0.5
# One claim may leave places free: creators with little do not use up their shares.
CLAIMS_IN_A_ROW = 3
# A drain looks for its relief after each batch; this covers the recording of one. Seconds.
MAX_WAIT_FOR_TURN = 2.0

UNREADABLE = gettext_noop("What the gateway said could not be stored.")


logger = structlog.get_logger(__name__)

_is_stopping = threading.Event()


def claim_no_more() -> None:
    """This process is about to end: drains end as soon as what is in flight has been recorded."""
    _is_stopping.set()


@cache
def sender_for(channel: NotificationChannel) -> "Sender":
    """The channel's sender in this process."""
    return Sender(ways_out(channel))


@cache
def composed_sender() -> "Sender":
    """The sender of e-mails with attachments in this process."""
    return Sender(composed_ways_out(), policies=claims.WITH_FILES)


class Sender:
    """Sends on one channel, one drain at a time.

    A drain whose time is up claims no more and waits for what is still with the gateway, unless the
    next one relieves it of that.
    """

    def __init__(
        self,
        ways: WaysOut,
        *,
        policies: Collection[SendingTimePolicy] = claims.ORDINARY,
    ) -> None:
        self.channel = ways.channel
        self._ways = ways
        self._kind = ready.kind(self.channel, next(iter(policies)))
        self._others_are_told_until = 0.0
        self._policies = policies
        self.recorder = Recorder(ways)
        self.in_flight = InFlight(ways)
        self.relay = Relay(max_wait=MAX_WAIT_FOR_TURN)

    def drain(self, *, seconds: float) -> int | None:
        """Send what is ready until nothing is, or the time is up; returns how many were tried, or
        None if another drain is at it.

        No transaction or connection is held while messages are with the gateway.
        """
        return self.relay.drain(self._drain, seconds=seconds)

    @property
    def has_room(self) -> bool:
        """Whether more could be sent at this moment."""
        return self.in_flight.has_room

    def ask(self) -> None:
        """Have the drain that is at it, if any, look for ready messages at once."""
        self.relay.ask()
        self.in_flight.interrupt()

    def _drain(self) -> int:
        """As long as results are in hand it stays: were they left to the next run, which needs the
        broker too, it might come only after their leases have lapsed."""
        tried, ask_at, is_over = 0, 0.0, False
        while True:
            now = time.monotonic()
            if not is_over and (self.relay.time_is_up or _is_stopping.is_set()):
                is_over = True
                self.relay.look()
                self._pass_on()
            try:
                is_time = ask_at <= now or self.relay.is_asked
                if is_time and not is_over and self.in_flight.has_room:
                    self.relay.look()
                    if not self._claim():
                        ask_at = now + ASK_AGAIN_AFTER
                if not self.in_flight.count or self.relay.is_relieved:
                    return tried
                close_old_connections()
                if sent := self.in_flight.collect():
                    self._record(sent)
                    tried += sum(one.outcome is not None for one in sent)
            except Error as error:
                if not self.in_flight.count:
                    raise
                logger.warning(
                    "Results wait for the database",
                    in_hand=self.in_flight.count,
                    reason=type(error).__name__,
                    sqlstate=sqlstate(error),
                )
                ask_at = time.monotonic() + ASK_AGAIN_AFTER
                time.sleep(TRY_TO_RECORD_AFTER)

    def _pass_on(self) -> None:
        """There may be more than this drain has places or time for: whoever has some is woken."""
        now = time.monotonic()
        if now >= self._others_are_told_until:
            self._others_are_told_until = now + TELL_OTHERS_EVERY
            wake_ups.now(self._kind)

    def _claim(self) -> bool:
        """Start as many as there are free places; whether anything was ready.

        A pause that one creator's messages alone brought about holds back no others.
        """
        if self._ways.are_several:
            return self._claim_for_several()
        now = clock.now()
        only, watch = self._ways.first, self.recorder.watch
        state = pauses.state(self.channel, now=now)
        if state.gate == Gate.OPEN:
            watch.opened()
            return self._fill_one(only, now=now)
        if state.is_in_trouble:
            watch.learn(state.blamed, now=now)
        found = state.gate == Gate.PROBE and self._probe(only, now=now)
        if watch.blamed and state.is_for_trouble_alone:
            return self._fill_one(only, now=now, not_of=watch.blamed) or found
        return found

    def _claim_for_several(self) -> bool:
        """The same for each gateway: what one may not take, another may. Where none is open the
        channel is paused, and whichever message goes first tries one of them."""
        now = clock.now()
        standing = gateway_states.standing(self.channel, now=now)
        self.recorder.learn(standing, now=now)
        if standing.gate != Gate.OPEN:
            found = standing.gate == Gate.PROBE and self._probe(
                self._next_to_try(standing), now=now
            )
            if not standing.is_for_trouble_alone:
                return found
            return self._fill_past_the_blamed(standing, now=now) or found
        # First, or the others would take all there is.
        probing = [way for way in self._ways if standing.of(way.gateway).is_probing]
        found = sum(self._probe(way, now=now) for way in probing) > 0
        found = self._fill(standing, now=now) or found
        for way in self._ways:
            if standing.is_open(way.gateway):
                self.recorder.watch_of(way.gateway).opened()
        return self._fill_past_the_blamed(standing, now=now) or found

    def _fill_past_the_blamed(self, standing: Standing, *, now: datetime) -> bool:
        """Each gateway that one creator's messages alone have brought to a stop, with others'."""
        found = False
        for way in self._ways:
            blamed = self.recorder.watch_of(way.gateway).blamed
            if blamed and not standing.is_open(way.gateway):
                found = self._fill_one(way, now=now, not_of=blamed) or found
        return found

    def _next_to_try(self, standing: Standing) -> WayOut:
        """One whose own pause is over, if any: not the same one every time."""
        ways = list(self._ways)
        random.shuffle(ways)
        return min(ways, key=lambda way: standing.of(way.gateway).is_closed)

    def _fill(self, standing: Standing, *, now: datetime) -> bool:
        """All open gateways, each with its share."""
        found = False
        for _ in range(CLAIMS_IN_A_ROW):
            free = {way.gateway: self.in_flight.free_of(way) for way in self._ways}
            total = sum(free[name] for name in free if standing.is_open(name))
            turns = choosing.in_turn(self._ways, standing, free, limit=total)
            takers = [name for name in self._ways.names if standing.is_open(name)]
            if not turns or not self.in_flight.has_room:
                break
            claimed = self._start(turns, now=now, limit=len(turns), takers=takers)
            found = found or claimed > 0
            if not claimed:
                break
        return found

    def _fill_one(self, way: WayOut, *, now: datetime, not_of: str | None = None) -> bool:
        found = False
        for _ in range(CLAIMS_IN_A_ROW):
            if not self.in_flight.has_room_for(way):
                break
            free = self.in_flight.free_of(way)
            claimed = self._start([way.gateway], now=now, limit=free, not_of=not_of)
            found = found or claimed > 0
            if not claimed:
                break
        return found

    def _start(
        self,
        turns: Sequence[str],
        *,
        now: datetime,
        limit: int,
        not_of: str | None = None,
        takers: Collection[str] = (),
    ) -> int:
        """Claim once, and hand over; how many."""
        begun = time.perf_counter()
        claimed = self._take(turns, limit=limit, now=now, not_of=not_of, takers=takers)
        if len(claimed) == limit:
            self._pass_on()
        metrics.count_claim(self.channel, len(claimed), seconds=time.perf_counter() - begun)
        self.in_flight.start(claimed)
        return len(claimed)

    def _probe(self, way: WayOut, *, now: datetime) -> bool:
        """Start one message, if nobody else's is out to learn the same; after one that may have
        been to blame itself, preferably another creator's."""
        watch, turns = self.recorder.watch_of(way.gateway), [way.gateway]
        with transaction.atomic():
            if not self._take_probe(way, now=now):
                return False
            claimed = self._take(turns, limit=1, now=now, not_of=watch.doubted)
            if watch.doubted and not claimed:
                claimed = self._take(turns, limit=1, now=now)
            transaction.set_rollback(not claimed)
        for one in claimed:
            watch.probe = one.message.notification_id
        self.in_flight.start(claimed)
        return bool(claimed)

    def _take_probe(self, way: WayOut, *, now: datetime) -> bool:
        """The channel's, where it is paused, or else the gateway's own."""
        if pauses.take_probe(self.channel, now=now):
            return True
        return self._ways.are_several and gateway_states.take_probe(
            self.channel, way.gateway, now=now
        )

    def _take(
        self,
        turns: Sequence[str],
        *,
        limit: int,
        now: datetime,
        not_of: str | None = None,
        takers: Collection[str] = (),
    ) -> list[Claimed]:
        with transaction.atomic() if self._policies == claims.WITH_FILES else nullcontext():
            claimed = claims.claim(
                self.channel,
                policies=self._policies,
                limit=limit,
                now=now,
                not_of=not_of,
                gateways=turns,
                takers=takers,
            )
            return claims.with_files(claimed) if self._policies == claims.WITH_FILES else claimed

    def _record(self, sent: Sequence[Sent]) -> None:
        """Whatever keeps the database from it, being away, read-only, full, or half migrated, what
        is known must not be lost: it is recorded later. Only what is refused for what it says is
        recorded otherwise."""
        try:
            self.recorder.record(sent, now=clock.now())
            telling.tell(self.channel, sent)
        except (Error, UnicodeEncodeError) as error:
            if is_about_the_data(error):
                self._record_apart(sent)
                return
            self.in_flight.put_back(sent)
            raise

    def _record_apart(self, sent: Sequence[Sent]) -> None:
        """One of the outcomes cannot be written as it was told. Its neighbours must not suffer, nor
        may its message be sent again for that: it is recorded without the gateway's words."""
        left = list(sent)
        try:
            if len(left) == 1:
                plain = [without_outside_text(left[0])]
                self.recorder.record(plain, now=clock.now())
                telling.tell(self.channel, plain)
                return
            while left:
                self._record([left.pop()])
        except Error:
            self.in_flight.put_back(left)
            raise


def without_outside_text(one: Sent) -> Sent:
    """The same outcome without the texts that came from outside."""
    if one.outcome is None:
        return one
    return replace(one, outcome=replace(one.outcome, reason=UNREADABLE, reference=""))
