"""When delivery reports leave, in which order, and how often they are tried."""

import asyncio
import heapq
import itertools
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.simulators.faults import Faults
from tests.simulators.magic import Fate
from tests.simulators.phones_and_inboxes import Received

logger = logging.getLogger(__name__)

MAX_WAITING = 200_000
# In seconds. Longer in all than any outage of a run: a real provider tries for hours.
TRIES_AFTER = (0.5, 2.0, 5.0, 15.0, 30.0, 60.0)
GATHERING = 0.02


@dataclass(frozen=True, slots=True)
class Report:
    message: Received
    outcome: str
    tries: int = 0


Post = Callable[[list[Report]], Awaitable[bool]]


class Reporter:
    """Posts each report when it is due: in batches, few at once, and again for two minutes."""

    def __init__(
        self, post: Post, *, faults: Faults, delay: float, batch_size: int, in_flight: int
    ) -> None:
        self._post = post
        self._faults = faults
        self._delay = delay
        self._batch_size = batch_size
        self._free = asyncio.Semaphore(in_flight)
        self._waiting: list[tuple[float, int, Report]] = []
        self._order = itertools.count()
        self._wake = asyncio.Event()
        self._posting: set[asyncio.Task[None]] = set()
        self._cleared = 0
        self.posted = 0
        self.given_up = 0

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    async def expect(self, message: Received, fate: Fate) -> None:
        """Put the message's reports in the queue; early ones are posted before this returns."""
        fault = self._faults.take("reports") if fate.reports else None
        mode = fault.mode if fault else ""
        if mode == "none":
            return
        delay = self._delay + (fault.latency_ms / 1000 if fault else 0.0)
        if mode == "out-of-order" and message.number % 2:
            delay += 1.0
        if fate.early or mode == "early":
            for outcome, _ in fate.reports:  # one by one: not every provider posts several at once
                await self._try([Report(message, outcome)])
            return
        for outcome, behind in fate.reports:
            for _ in range(2 if mode == "duplicate" else 1):
                self._add(Report(message, outcome), delay + behind)

    async def run(self) -> None:
        """Post what is due, for ever."""
        while True:
            await self._until_due()
            await self._free.acquire()
            batch = self._due()
            task = asyncio.create_task(self._try(batch))
            self._posting.add(task)
            task.add_done_callback(self._posted)

    def clear(self) -> None:
        """Forget what waits, and what is being posted should it fail."""
        self._waiting.clear()
        self._cleared += 1

    def _add(self, report: Report, delay: float) -> None:
        if len(self._waiting) >= MAX_WAITING:
            self.given_up += 1
            return
        due = time.monotonic() + delay
        entry = (due, next(self._order), report)
        heapq.heappush(self._waiting, entry)
        if self._waiting[0] is entry:
            self._wake.set()

    async def _until_due(self) -> None:
        while not self._waiting or self._waiting[0][0] > time.monotonic():
            self._wake.clear()
            pause = self._waiting[0][0] - time.monotonic() if self._waiting else None
            try:
                async with asyncio.timeout(pause):
                    await self._wake.wait()
            except TimeoutError:
                # Reports that fall due in the same moment travel together.
                await asyncio.sleep(GATHERING)

    def _due(self) -> list[Report]:
        batch: list[Report] = []
        now = time.monotonic()
        while self._waiting and self._waiting[0][0] <= now and len(batch) < self._batch_size:
            batch.append(heapq.heappop(self._waiting)[2])
        return batch

    def _posted(self, task: asyncio.Task[None]) -> None:
        self._posting.discard(task)
        self._free.release()
        if not task.cancelled() and (error := task.exception()):
            logger.error("A delivery report could not be made: %r", error)

    async def _try(self, batch: list[Report]) -> None:
        if not batch:
            return
        cleared = self._cleared
        if await self._post(batch):
            self.posted += len(batch)
            for report in batch:
                report.message.outcome = report.outcome
                report.message.reported_at = time.time()
            return
        for report in batch if cleared == self._cleared else ():
            if report.tries < len(TRIES_AFTER):
                again = Report(report.message, report.outcome, report.tries + 1)
                self._add(again, TRIES_AFTER[report.tries])
            else:
                self.given_up += 1
