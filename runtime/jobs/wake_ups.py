"""Wakes whoever takes what has just become ready, so that nothing waits for its periodic run.

Whoever commits something ready calls `after_commit` with the name of its kind; one of the processes
that `listen` for that kind looks for it at once. Redis carries the call: a short list for each
kind, of which an idle listener takes one entry. So a call wakes one process and not all, and
calls that nobody takes do not pile up.

A wake-up may be lost at any moment, and costs nothing but the wait for the next periodic run. It
neither slows nor fails whoever calls: a thread of its own talks to Redis.
"""

import atexit
import os
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial

import redis
import structlog
from django.conf import settings
from django.db import transaction
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = structlog.get_logger(__name__)

# All in seconds.
APART = 0.02
"""Calls of one kind that come closer together than this are one."""
MAX_WAIT = 15.0
"""Later than this a periodic run comes by itself."""
TIME_OUT = 0.5
BACK_OFF = 1.0
"""How long Redis is left alone after it has failed."""
QUIET = 60.0
"""How long one warning stands for the next ones."""
LISTEN = 10.0
"""For so long a listener waits in one command."""
TO_FLUSH = 0.5
"""How long a process that ends waits for its last calls to be made."""

MAX_CALLS = 4
"""Of one kind that wait to be taken: so many processes can be woken at once."""

# ValueError: the broker's address may be of a kind that only Celery knows. TypeError: the library
# meets what is no answer of Redis'.
_AWAY = (redis.RedisError, OSError, ValueError, TypeError)


def after_commit(kind: str, *, wait: float = 0.0, apart: float = APART) -> None:
    """Wake one listener of the kind as soon as the current transaction, if any, is committed; with
    `wait` (seconds), when it is ready only then.

    After this call the next one of the kind waits until `apart` seconds have passed: for work that
    is much cheaper when more of it is done at once."""
    if wait <= MAX_WAIT:
        transaction.on_commit(partial(now, kind, wait=wait, apart=apart))


def now(kind: str, *, wait: float = 0.0, apart: float = APART) -> None:
    """The same for what is committed already."""
    _caller.call(kind, wait=wait, apart=apart)


class Caller:
    """Makes the calls of this process, from a thread that starts with the first one."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._kinds: set[str] = set()
        self._later: set[tuple[float, str]] = set()
        self._not_before: dict[str, float] = {}
        self._apart: dict[str, float] = {}
        self._is_calling = False
        self._thread: threading.Thread | None = None
        self._broker = Broker(TIME_OUT)

    def call(self, kind: str, *, wait: float, apart: float = APART) -> None:
        # What is taken out of the set is called afterwards: it stands for this call as well.
        if wait <= 0 and kind in self._kinds and self._thread is not None:
            return
        with self._changed:
            self._apart[kind] = apart
            if wait <= 0:
                self._kinds.add(kind)
            else:
                # Rounded up, so that however many calls there are they stay few.
                at = time.monotonic() + wait
                self._later.add((at + -at % (10 * APART), kind))
            self._see_to_thread()
            self._changed.notify()

    def _see_to_thread(self) -> None:
        if self._thread is None:
            thread = threading.Thread(target=self._run, name="wake-ups", daemon=True)
            with suppress(RuntimeError):  # no room for another thread: the next call may find some
                thread.start()
                self._thread = thread

    def flush(self) -> None:
        """Wait, for a moment, until the calls are made."""
        until = time.monotonic() + TO_FLUSH
        with self._changed:
            while (self._kinds or self._is_calling) and (left := until - time.monotonic()) > 0:
                self._changed.wait(left)

    def _run(self) -> None:
        while True:
            kinds = self._next()
            is_done = self._broker.try_to(partial(self._broker.call, kinds))
            with self._changed:
                at = time.monotonic()
                self._not_before |= {
                    kind: at + (self._apart.get(kind, APART) if is_done else BACK_OFF)
                    for kind in kinds
                }
                self._is_calling = False
                if not is_done:
                    self._kinds |= kinds
                self._changed.notify_all()

    def _next(self) -> set[str]:
        """Wait for calls that may be made; they are then no longer waiting."""
        with self._changed:
            while True:
                at = time.monotonic()
                due = {one for one in self._later if one[0] <= at}
                self._later -= due
                self._kinds |= {kind for _, kind in due}
                ready = {kind for kind in self._kinds if self._not_before.get(kind, 0.0) <= at}
                if ready:
                    self._kinds -= ready
                    self._is_calling = True
                    return ready
                moments = [moment for moment, _ in self._later]
                moments += [self._not_before[kind] for kind in self._kinds]
                self._changed.wait(min(moments) - at if moments else None)


class Broker:
    """Redis, over one connection that belongs to one thread."""

    def __init__(self, time_out: float) -> None:
        self._time_out = time_out
        self._client: redis.Redis | None = None
        self._quiet_until = 0.0

    def try_to(self, act: Callable[[], object]) -> bool:
        """Whether it worked; nothing is raised when Redis is away, refuses, or hangs."""
        try:
            act()
        except _AWAY as error:
            at = time.monotonic()
            if at >= self._quiet_until:
                self._quiet_until = at + QUIET
                # Not the message, which may quote the address with its password.
                logger.warning("Wake-ups do not get through", reason=type(error).__name__)
            return False
        return True

    def call(self, kinds: Iterable[str]) -> None:
        with self._connected().pipeline(transaction=False) as commands:
            for kind in kinds:
                commands.lpush(_key(kind), 1)
                commands.ltrim(_key(kind), 0, MAX_CALLS - 1)
            commands.execute()

    def take(self, kind: str) -> bool:
        """Wait for a call of the kind, for LISTEN seconds at most; whether one came."""
        answer = self._connected().brpop([_key(kind)], timeout=LISTEN)
        if answer is not None and answer[0] not in (_key(kind), _key(kind).encode()):
            raise ValueError("No call of Redis'.")
        return answer is not None

    def _connected(self) -> redis.Redis:
        if self._client is None:
            self._client = redis.Redis.from_url(
                settings.REDIS_URL,
                socket_timeout=self._time_out,
                socket_connect_timeout=TIME_OUT,
                retry=Retry(NoBackoff(), 0),
                # Without greetings beyond log-in, each of which could hang.
                protocol=2,
                driver_info=None,
            )
        return self._client


class Listener:
    """Waits for calls of one kind, over a connection of its own."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._broker = Broker(LISTEN + 2 * TIME_OUT)
        self._came = False

    def listen(self) -> bool:
        """Whether a call came within LISTEN seconds. Waits for a moment where Redis is away."""
        self._came = False
        if not self._broker.try_to(self._take):
            time.sleep(BACK_OFF)
        return self._came

    def leave_to_others(self) -> None:
        """The call that came is not for us after all."""
        now(self.kind)

    def _take(self) -> None:
        self._came = self._broker.take(self.kind)


def _key(kind: str) -> str:
    return f"notifications:ready:{kind}"


_caller = Caller()


def _start_afresh_in_child() -> None:
    """The parent's thread makes the parent's calls, and may have held the lock."""
    global _caller
    _caller = Caller()


os.register_at_fork(after_in_child=_start_afresh_in_child)
atexit.register(lambda: _caller.flush())
