"""Waits for what becomes of a message that another request sends, here or in another process."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from uuid import UUID

from django.db import Error, close_old_connections

from dispatch.instant.placing import under_way
from dispatch.instant.sender import NotSent
from orders.requests import ChainReceipt
from runtime import clock
from runtime.web import outgoing

LOOK_EVERY = 0.05
"""Seconds."""

WITHDRAWN = "The request that came first could not send the message."


class Repeats:
    """All that wait in this process; one thread looks for them."""

    def __init__(self) -> None:
        self._waiting: dict[UUID, list[tuple[ChainReceipt, Future[ChainReceipt]]]] = {}
        self._lock = threading.Lock()

    def wait_for(self, receipt: ChainReceipt) -> Future[ChainReceipt]:
        until: Future[ChainReceipt] = Future()
        with self._lock:
            is_first = not self._waiting
            self._waiting.setdefault(receipt.shipments[0].id, []).append((receipt, until))
        if is_first:
            threading.Thread(target=self._look, name="instant-repeats", daemon=True).start()
        return until

    def _look(self) -> None:
        """Until nobody waits."""
        while True:
            time.sleep(LOOK_EVERY)
            with self._lock:
                ids = list(self._waiting)
            if not ids:
                return
            try:
                close_old_connections()
                found = under_way(ids, now=clock.now())
            except Error as error:
                self._tell(ids, error)
            else:
                self._tell([one for one in ids if one not in found], NotSent(WITHDRAWN))
                self._tell([one for one, is_under_way in found.items() if not is_under_way])
            finally:
                outgoing.give_back_connection()

    def _tell(self, order_ids: Sequence[UUID], error: Exception | None = None) -> None:
        for order_id in order_ids:
            with self._lock:
                waiting = self._waiting.pop(order_id, [])
            for receipt, until in waiting:
                if error is None:
                    until.set_result(receipt)
                else:
                    until.set_exception(error)


repeats = Repeats()
