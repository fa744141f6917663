"""The messages that are with a transport at this moment, on the loop for outgoing calls."""

import threading
import time
from asyncio import Task
from collections import Counter, deque
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from dispatch.gateways.base import Evidence, Outcome, Transport
from dispatch.gateways.by_channel import WayOut, WaysOut
from dispatch.sending import claims, metrics, simulation
from dispatch.sending.claims import Claimed
from dispatch.sending.recording import Sent
from orders.traces import about
from runtime import clock
from runtime.web import outgoing

logger = structlog.get_logger(__name__)

# Results are recorded together: this many, or those of this many seconds.
BATCH = 50
BATCH_SECONDS = 0.1


class InFlight:
    """Belongs to one thread at a time, which starts and collects; `count` is what it has started
    and not yet collected."""

    def __init__(self, ways: WaysOut) -> None:
        self._ways = ways
        self._of_gateway = Counter[str]()
        self._done: deque[Sent] = deque()
        self._is_worth_collecting = threading.Event()
        self._tasks: set[Task[None]] = set()

    @property
    def count(self) -> int:
        return self._of_gateway.total()

    def free_of(self, way: WayOut) -> int:
        """How many more may be started with the gateway; none below nought, where it had to take
        some that only it may."""
        return max(0, way.transport.max_in_flight - self._of_gateway[way.gateway])

    def has_room_for(self, way: WayOut) -> bool:
        """Whether enough are free to be worth a claim."""
        return self.free_of(way) >= max(1, way.transport.max_in_flight // 4)

    @property
    def has_room(self) -> bool:
        """With any gateway."""
        return any(map(self.has_room_for, self._ways))

    def start(self, messages: Sequence[Claimed]) -> None:
        """Hand the messages to the loop; nothing waits here."""
        self._count(messages, 1)
        outgoing.loop().call_soon_threadsafe(self._create_tasks, messages)

    def collect(self) -> list[Sent]:
        """What has come back: waits until a batch is full or its time is up."""
        if not self.count:
            return []
        self._is_worth_collecting.wait(BATCH_SECONDS)
        self._is_worth_collecting.clear()
        sent = [self._done.popleft() for _ in range(min(BATCH, len(self._done)))]
        self._count([one.claimed for one in sent], -1)
        self._wake_if_worth_it()
        return sent

    def _wake_if_worth_it(self) -> None:
        """Not for each message: every wake-up makes the two threads change places."""
        if len(self._done) >= min(BATCH, max(1, self.count)):
            self._is_worth_collecting.set()

    def interrupt(self) -> None:
        """Whoever waits in `collect` is to return at once; from any thread."""
        self._is_worth_collecting.set()

    def put_back(self, sent: Sequence[Sent]) -> None:
        """Keep for another time what was collected and could not be recorded."""
        self._count([one.claimed for one in sent], 1)
        self._done.extend(sent)
        self._wake_if_worth_it()

    def _count(self, messages: Sequence[Claimed], step: int) -> None:
        for claimed in messages:
            self._of_gateway[self._ways.of(claimed.gateway).gateway] += step

    def _create_tasks(self, messages: Sequence[Claimed]) -> None:
        for claimed in messages:
            task = outgoing.loop().create_task(self._send(claimed))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _send(self, claimed: Claimed) -> None:
        self._done.append(await send(claimed, self._ways.of(claimed.gateway).transport))
        self._wake_if_worth_it()


async def send(claimed: Claimed, transport: Transport) -> Sent:
    """Hand one message to the transport, if there is time; raises nothing.

    The one way to a gateway: what is to be simulated ends here.
    """
    began = clock.now()
    if not may_leave(claimed, transport, now=began):
        return Sent(claimed, None)
    channel = transport.channel
    try:
        simulated = simulation.answer(
            claimed.message, channel=channel, reports_delivery=transport.reports_delivery
        )
        if simulated is not None:
            return Sent(claimed, simulated, began, clock.as_known())
        begun = time.perf_counter()
        outcome = await transport.send(claimed.message)
        metrics.count_gateway(channel, seconds=time.perf_counter() - begun)
    except Exception as error:
        # A fault of ours, which says nothing of the channel; the message may have left.
        notification = str(claimed.message.notification_id)
        logger.exception("A transport failed", notification=notification, **about([claimed.of]))
        outcome = Outcome.unknown(
            f"Sending ended in a fault: {type(error).__name__}.", evidence=Evidence.NONE
        )
    return Sent(claimed, outcome, began, clock.as_known())


def may_leave(claimed: Claimed, transport: Transport, *, now: datetime) -> bool:
    """The last look before a message leaves: its window is open, and enough of the lease is left
    to record the outcome even if the gateway takes its time."""
    return claims.may_begin(claimed.policy, now=now) and (
        now + timedelta(seconds=transport.max_send) < claimed.lease_until
    )
