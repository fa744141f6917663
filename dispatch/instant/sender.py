"""Sends instant messages from the process that takes their orders, while the requests are parked.

One loop sends what any number of requests wait for, and one thread records it (decision 33).
"""

import asyncio
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from queue import Empty, SimpleQueue

import structlog
from django.db import Error, close_old_connections, transaction

from dispatch.gateways.by_channel import WayOut, WaysOut, ways_out
from dispatch.instant.placing import OwnerHeld, Placed, place
from dispatch.instant.recording import InstantRecorder, was_not_sent
from dispatch.sending import choosing, gateway_states, pauses, telling
from dispatch.sending.in_flight import BATCH, send
from dispatch.sending.pauses import Gate
from dispatch.sending.recording import Sent
from dispatch.sending.sender import TRY_TO_RECORD_AFTER, without_outside_text
from notifications.models import NotificationChannel
from orders.models import Creator
from orders.requests import ChainReceipt, InstantOrderRequest
from runtime import clock
from runtime.database.away import is_about_the_data, sqlstate
from runtime.web import outgoing

ROOM_WITHIN = 5.0
"""Seconds for which a message waits while as many as may be are with the gateway."""
TO_RECORD = 10.0
"""Seconds that are left of the lease when the gateway has had all its time."""
TELL_AFTER = 5.0
"""Seconds after which those who wait are told what is known though it cannot be recorded yet."""

logger = structlog.get_logger(__name__)


class NotSent(Exception):
    """The message was certainly not sent: nothing of the order is stored, and its id is free."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that was begun, and who waits to hear of it."""

    receipt: ChainReceipt
    sent: Sent
    until: "Future[ChainReceipt]"

    def tell(self, why_not: str | None) -> None:
        if self.until.done():
            return  # they were told before it could be recorded
        if why_not is None:
            self.until.set_result(self.receipt)
        else:
            self.until.set_exception(NotSent(why_not))

    def fail(self, error: BaseException) -> None:
        if not self.until.done():
            self.until.set_exception(error)

    def wait_no_longer(self, error: Error) -> None:
        """While the database is away: the order stands, and what the gateway has had, or may have,
        is answered as always. What it has not is withdrawn later."""
        if was_not_sent(self.sent):
            self.fail(error)
        else:
            self.tell(None)


@cache
def instant_sender_for(channel: NotificationChannel) -> "InstantSender":
    """The channel's sender in this process."""
    return InstantSender(ways_out(channel))


class InstantSender:
    """Of one channel. As many messages are with each gateway as its transport allows; the others
    wait for room, for a moment."""

    def __init__(self, ways: WaysOut) -> None:
        self.channel = ways.channel
        self.recorder = InstantRecorder(ways)
        self._ways = ways
        longest = max(way.transport.max_send for way in ways)
        self._lease = timedelta(seconds=ROOM_WITHIN + longest + TO_RECORD)
        self._room = {way.gateway: asyncio.Semaphore(way.transport.max_in_flight) for way in ways}
        self._done = SimpleQueue[Waiting]()
        self._beginning = threading.Lock()
        self._has_begun = False

    def send(
        self, request: InstantOrderRequest, *, creator: Creator, now: datetime
    ) -> "Future[ChainReceipt] | None":
        """Store the order and begin to send its message; None if its idempotency id is taken.

        Whoever waits is told the receipt once the gateway has answered and that is recorded, or
        NotSent. Raises NotSent while the channel is paused, or the service owner's new orders are
        held. A pause that is over but for the probe takes this message for the probe.
        """
        placed = None
        try:
            with transaction.atomic():
                way, is_probe = self._way_for(creator, now=now)
                placed = place(
                    request, creator=creator, lease=self._lease, gateway=way.gateway, now=now
                )
                if placed is None:
                    transaction.set_rollback(is_probe)
                    return None
        except OwnerHeld as error:
            raise NotSent(str(error)) from error
        except Error:
            if placed is not None:
                self._withdraw(placed)
            raise
        if is_probe:
            watch = self.recorder.watch_of(way.gateway)
            watch.probe = placed.claimed.message.notification_id
        return self._begin(placed)

    def _way_for(self, creator: Creator, *, now: datetime) -> tuple[WayOut, bool]:
        """Which gateway takes the message, and whether it is a probe. Raises NotSent. A pause that
        one creator's messages alone brought about holds back no others."""
        if self._ways.are_several:
            return self._one_of_several(creator, now=now)
        way, state = self._ways.first, pauses.state(self.channel, now=now)
        watch = self.recorder.watch
        if state.gate == Gate.OPEN:
            watch.opened()
            return way, False
        if state.is_in_trouble:
            watch.learn(state.blamed, now=now)
        if self._is_anothers_trouble(way, creator) and state.is_for_trouble_alone:
            return way, False
        if state.gate == Gate.PROBE and pauses.take_probe(self.channel, now=now):
            return way, True
        raise NotSent("The channel is paused.")

    def _is_anothers_trouble(self, way: WayOut, creator: Creator) -> bool:
        return self.recorder.watch_of(way.gateway).blamed not in (None, creator.short_name)

    def _one_of_several(self, creator: Creator, *, now: datetime) -> tuple[WayOut, bool]:
        """One that is open, by weight; else one that may be tried again."""
        standing = gateway_states.standing(self.channel, now=now)
        self.recorder.learn(standing, now=now)
        if standing.gate == Gate.OPEN:
            free = dict.fromkeys(self._ways.names, 1)
            for name in choosing.in_turn(self._ways, standing, free, limit=1):
                self.recorder.watch_of(name).opened()
                return self._ways.of(name), False
        passable = [way for way in self._ways if self._is_anothers_trouble(way, creator)]
        if passable and standing.is_for_trouble_alone:
            return passable[0], False
        ways = sorted(self._ways, key=lambda way: standing.of(way.gateway).is_closed)
        if standing.gate == Gate.PROBE and pauses.take_probe(self.channel, now=now):
            return ways[0], True
        if standing.gate == Gate.OPEN and gateway_states.take_probe(
            self.channel, ways[0].gateway, now=now
        ):
            return ways[0], True
        raise NotSent("The channel is paused.")

    def _begin(self, placed: Placed) -> "Future[ChainReceipt]":
        until: Future[ChainReceipt] = Future()
        self._begin_to_record()
        outgoing.start(self._send(placed, until))
        return until

    def _withdraw(self, placed: Placed) -> None:
        """Nobody knows whether its commit came through: if it did, nothing was sent, and nothing
        may be left of it."""
        self._begin_to_record()
        self._done.put(Waiting(placed.receipt, Sent(placed.claimed, None), Future()))

    async def _send(self, placed: Placed, until: "Future[ChainReceipt]") -> None:
        claimed = placed.claimed
        way = self._ways.of(claimed.gateway)
        room = self._room[way.gateway]
        sent = Sent(claimed, None)
        try:
            async with asyncio.timeout(ROOM_WITHIN):
                await room.acquire()
        except TimeoutError:
            pass
        else:
            try:
                sent = await send(claimed, way.transport)
            finally:
                room.release()
        self._done.put(Waiting(placed.receipt, sent, until))

    # --- Recording, in a thread of its own -------------------------------------------------------

    def _begin_to_record(self) -> None:
        """With the first message, for a server may divide into processes before that."""
        with self._beginning:
            if not self._has_begun:
                name = f"instant-{self.channel.value.lower()}"
                threading.Thread(target=self._record_all, name=name, daemon=True).start()
                self._has_begun = True

    def _record_all(self) -> None:
        """What comes back while something is recorded is recorded together."""
        while True:
            batch = [self._done.get()]
            try:
                while len(batch) < BATCH:
                    batch.append(self._done.get_nowait())
            except Empty:
                pass
            try:
                self._record(batch)
            except Exception as error:
                # A fault of ours: what it is about is found by the sweep.
                logger.exception("Outcomes of instant messages could not be recorded")
                for one in batch:
                    one.fail(error)

    def _record(self, batch: Sequence[Waiting]) -> None:
        """What is known must not be lost: while the database is away it is kept."""
        sent = [one.sent for one in batch]
        tell_at = time.monotonic() + TELL_AFTER
        while True:
            try:
                close_old_connections()
                not_sent = self.recorder.settle(sent, now=clock.now())
                break
            except UnicodeEncodeError:
                self._record_apart(batch)
                return
            except Error as error:
                if is_about_the_data(error):
                    self._record_apart(batch)
                    return
                logger.warning(
                    "Results wait for the database",
                    in_hand=len(batch),
                    reason=type(error).__name__,
                    sqlstate=sqlstate(error),
                )
                if time.monotonic() >= tell_at:
                    for one in batch:
                        one.wait_no_longer(error)
                time.sleep(TRY_TO_RECORD_AFTER)
            finally:
                outgoing.give_back_connection()
        telling.tell(self.channel, sent)
        for one in batch:
            one.tell(not_sent.get(one.sent.claimed.message.notification_id))

    def _record_apart(self, batch: Sequence[Waiting]) -> None:
        """One of the outcomes cannot be written as it was told: it is recorded without the
        gateway's words."""
        if len(batch) > 1:
            for one in batch:
                self._record([one])
            return
        [one] = batch
        plain = without_outside_text(one.sent)
        if plain == one.sent:
            raise ValueError("An outcome cannot be recorded.")
        self._record([Waiting(one.receipt, plain, one.until)])
