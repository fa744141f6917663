"""Says whether this web process lives, and whether requests should be given to it."""

import threading
import time
from dataclasses import dataclass, field

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from config.leaving import is_leaving

FRESH_SECONDS = 1.0
MAX_SECONDS = 4.0
"""A database that takes longer to answer is as good as away. A process waits three seconds for a
connection."""


@csrf_exempt
@require_safe
@never_cache
def health(request: HttpRequest) -> HttpResponse:
    """Asks nothing of anybody else: a process that answers must not be restarted."""
    return HttpResponse("Healthy", content_type="text/plain")


@csrf_exempt
@require_safe
@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    if is_leaving.is_set():
        return HttpResponse("Stopping", status=503, content_type="text/plain")
    if not database.takes_writes():
        return HttpResponse("The database is away", status=503, content_type="text/plain")
    return HttpResponse("Ready", content_type="text/plain")


@dataclass(slots=True)
class Database:
    """However often this process is asked, the database is asked once a second, by one thread;
    who comes meanwhile is told what it said last."""

    _takes_writes: bool = False
    _asked_at: float = float("-inf")
    _is_known: bool = False
    _asking: threading.Lock = field(default_factory=threading.Lock)

    def takes_writes(self) -> bool:
        if not self._is_fresh() and self._asking.acquire(blocking=not self._is_known):
            try:
                if not self._is_fresh():
                    self._asked_at = time.monotonic()
                    self._takes_writes = _takes_writes()
                    self._is_known = True
            finally:
                self._asking.release()
        is_waiting = self._asking.locked() and time.monotonic() - self._asked_at > MAX_SECONDS
        return self._takes_writes and not is_waiting

    def _is_fresh(self) -> bool:
        return self._is_known and time.monotonic() - self._asked_at < FRESH_SECONDS


database = Database()


def _takes_writes() -> bool:
    """A stand-by, or a server whose disk is nearly full, can only be read."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('transaction_read_only') = 'off'")
            return bool(cursor.fetchone()[0])
    except Error:
        return False
