"""Delivers events: take up, claim, call, record, over and over for some seconds."""

import asyncio
import threading
import time
from collections import Counter, deque
from collections.abc import Sequence
from functools import cache
from uuid import UUID

import aiohttp
import structlog
from django.conf import settings
from django.db import Error, close_old_connections

from events import taking
from events.sending import claims, client, metrics, recording
from events.sending.claims import Claimed
from events.sending.recording import Tried
from runtime import clock
from runtime.database.away import sqlstate
from runtime.jobs.relay import Relay
from runtime.web import outgoing
from runtime.web.guarded_http import guarded_session
from runtime.web.ssrf_guard import SsrfGuard

logger = structlog.get_logger(__name__)

# Seconds.
ASK_AGAIN_AFTER = 0.5
"""When nothing waits while calls are under way."""
TRY_TO_RECORD_AFTER = 0.5
BATCH = 100
BATCH_SECONDS = 0.05
"""Results are recorded together: this many, or those of this many seconds."""
MAX_WAIT_FOR_TURN = 2.0

_is_stopping = threading.Event()


def claim_no_more() -> None:
    """This process is about to end: what is in flight is recorded, and nothing more begun."""
    _is_stopping.set()


@cache
def sender() -> "Sender":
    """This process's one sender."""
    return Sender()


class Sender:
    """One drain at a time. A drain whose time is up claims no more, and waits for the calls that
    are under way unless the next one relieves it: an endpoint that hangs holds up no other."""

    def __init__(self) -> None:
        self.relay = Relay(max_wait=MAX_WAIT_FOR_TURN)
        self._in_flight: Counter[UUID] = Counter()
        self._done: deque[Tried] = deque()
        self._has_results = threading.Event()
        self._calls: asyncio.Queue[Sequence[Claimed] | None] | None = None

    def drain(self, *, seconds: float) -> int | None:
        """Deliver what waits until nothing does, or the time is up; returns how many tries were
        recorded, or None if another drain is at it."""
        return self.relay.drain(self._drain, seconds=seconds)

    @property
    def has_room(self) -> bool:
        """Whether more could be called at this moment."""
        return self.count < settings.WEBHOOK_IN_FLIGHT

    def ask(self) -> None:
        """Have the drain that is at it, if any, look at once for what waits."""
        self.relay.ask()
        self._has_results.set()

    @property
    def count(self) -> int:
        """How many calls are under way, or not recorded yet."""
        return self._in_flight.total()

    def _drain(self) -> int:
        try:
            return self._deliver()
        finally:
            self._hand_over(None)
            self._calls = None

    def _deliver(self) -> int:
        tried, ask_at = 0, 0.0
        while True:
            time_is_up = self.relay.time_is_up or _is_stopping.is_set()
            try:
                is_time = ask_at <= time.monotonic() or self.relay.is_asked
                if time_is_up or is_time:
                    self.relay.look()
                if is_time and not time_is_up and not self._begin():
                    ask_at = time.monotonic() + ASK_AGAIN_AFTER
                if not self.count or self.relay.is_relieved:
                    return tried
                close_old_connections()
                recorded = self._record()
                tried += recorded
                if recorded:
                    ask_at = 0.0
            except Error as error:
                if not self.count:
                    raise
                logger.warning(
                    "Tries wait for the database",
                    in_hand=self.count,
                    reason=type(error).__name__,
                    sqlstate=sqlstate(error),
                )
                ask_at = time.monotonic() + ASK_AGAIN_AFTER
                time.sleep(TRY_TO_RECORD_AFTER)

    def _begin(self) -> bool:
        """Take up what is new in the feed, and start as many calls as there are free places;
        whether there was anything to do."""
        now = clock.now()
        taken = taking.take_up(now=now)
        claimed = claims.claim(
            limit=settings.WEBHOOK_IN_FLIGHT - self.count,
            of_each=settings.WEBHOOK_IN_FLIGHT_OF_EACH,
            in_flight=self._in_flight,
            now=now,
        )
        self._in_flight.update(one.subscription_id for one in claimed)
        if claimed:
            self._hand_over(claimed)
        return bool(taken or claimed)

    def _hand_over(self, claimed: Sequence[Claimed] | None) -> None:
        """To the loop for outgoing calls; None is the end of this drain's."""
        if self._calls is None and claimed is not None:
            self._calls = asyncio.Queue()
            outgoing.start(self._serve(self._calls))
        if self._calls is not None:
            outgoing.loop().call_soon_threadsafe(self._calls.put_nowait, claimed)

    async def _serve(self, calls: "asyncio.Queue[Sequence[Claimed] | None]") -> None:
        """The calls of one drain share connections, which end when the last of them has."""
        guard = client.guard()
        async with (
            guarded_session(guard, headers=client.HEADERS) as session,
            asyncio.TaskGroup() as group,
        ):
            while (claimed := await calls.get()) is not None:
                for one in claimed:
                    group.create_task(self._call(one, session, guard))

    async def _call(
        self, claimed: Claimed, session: aiohttp.ClientSession, guard: SsrfGuard
    ) -> None:
        at = clock.now()
        self._done.append(Tried(claimed, await client.call(claimed, session, guard), at))
        self._has_results.set()

    def _record(self) -> int:
        """Wait for results, and record those that are there."""
        self._has_results.wait(BATCH_SECONDS)
        self._has_results.clear()
        tries = [self._done.popleft() for _ in range(min(BATCH, len(self._done)))]
        if not tries:
            return 0
        try:
            recording.record(tries, now=clock.now())
        except Error:
            self._done.extend(tries)
            self._has_results.set()
            raise
        metrics.count_tries(one.answer.verdict for one in tries)
        for one in tries:
            self._in_flight[one.claimed.subscription_id] -= 1
        self._in_flight = +self._in_flight
        return len(tries)
