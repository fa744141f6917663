"""The clients of a run, which place what they have to and never give up."""

import http.client
import json
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from script.launcher.system.running_system import BASE, Answer, RunningSystem
from tests.chaos.placements import NOT_SENT, Placement, stored

CLIENTS = 4
TIMEOUT = 120.0
AGAIN_AFTER = 0.3


class CannotPlace(AssertionError):
    """A request was refused for good, or in vain for too long."""


class Clients:
    """Place each order at its time, again and again under its key until the answer is good, and
    cancel what is to be cancelled. Who sends instant messages has clients of its own."""

    def __init__(self, system: RunningSystem, placements: Sequence[Placement], name: str) -> None:
        self._system = system
        self._name = name
        self._began = time.monotonic()
        self._stopped = threading.Event()
        for creator in {placement.creator for placement in placements}:
            system.token(creator)
        self._pools = {is_instant: ThreadPoolExecutor(CLIENTS) for is_instant in (False, True)}
        self._placing: list[Future[None]] = []
        for placement in placements:
            self.place(placement)

    def place(self, placement: Placement) -> None:
        """Begin to place it, in its turn."""
        number = len(self._placing)
        pool = self._pools[placement.is_instant]
        self._placing.append(pool.submit(self._place, placement, number))

    def wait(self) -> None:
        """Raises what a client met that it could not get over."""
        for placing in self._placing:
            placing.result()

    def stop(self) -> None:
        self._stopped.set()
        for pool in self._pools.values():
            pool.shutdown(cancel_futures=True)

    def _place(self, placement: Placement, number: int) -> None:
        self._stopped.wait(placement.at - (time.monotonic() - self._began))
        answer = self._insist(placement, key=f"{self._name}-{number}")
        if answer is None:
            return
        ids = stored(placement.path, answer.json)
        for shipment, order_id in zip(placement.shipments, ids, strict=True):
            shipment.order_id = order_id
            if shipment.is_cancelled:
                self._cancel(placement, order_id)

    def _insist(self, placement: Placement, *, key: str) -> Answer | None:
        """The good answer; None when the run is stopped."""
        deadline = time.monotonic() + TIMEOUT
        own_id = {"idempotencyId": key} if placement.has_own_id else {}
        while not self._stopped.is_set():
            body = json.dumps({**own_id, **placement.body}, default=_moment).encode()
            answer = self._call("POST", placement.path, placement.creator, body, key=key)
            placement.answers.append(_noted(answer))
            if answer is not None and answer.status in (200, 201, 202):
                return answer
            _look_at(answer, deadline)
            self._stopped.wait(AGAIN_AFTER)
        return None

    def _cancel(self, placement: Placement, order_id: str) -> None:
        deadline = time.monotonic() + TIMEOUT
        while not self._stopped.is_set():
            answer = self._call("PUT", f"orders/{order_id}/cancel", placement.creator)
            if answer is not None and answer.status == 200:
                return
            _look_at(answer, deadline)
            self._stopped.wait(AGAIN_AFTER)

    def _call(
        self, method: str, path: str, creator: str, body: bytes | None = None, *, key: str = ""
    ) -> Answer | None:
        """None where no answer came."""
        headers = {"Authorization": f"Bearer {self._system.token(creator)}"}
        if body is not None:
            headers |= {"Content-Type": "application/json", "Idempotency-Key": key}
        try:
            return self._system.call(method, f"{BASE}/{path}", body, headers)
        except (OSError, http.client.HTTPException):
            return None


def _moment(ahead: object) -> str:
    """For JSON: so far ahead of now."""
    if not isinstance(ahead, timedelta):
        raise TypeError(f"{ahead!r} cannot stand in an order.")
    return (datetime.now(UTC) + ahead).isoformat()


def _noted(answer: Answer | None) -> str:
    if answer is None:
        return "no answer"
    return NOT_SENT if NOT_SENT.encode() in answer.body else str(answer.status)


def _look_at(answer: Answer | None, deadline: float) -> None:
    """Raises CannotPlace where another try would be in vain."""
    said = "no answer" if answer is None else f"{answer.status} {answer.body[:300]!r}"
    if answer is not None and answer.status < 500 and answer.status != 429:
        raise CannotPlace(f"An order was refused: {said}.")
    if time.monotonic() > deadline:
        raise CannotPlace(f"An order could not be placed in {TIMEOUT} s: {said}.")
