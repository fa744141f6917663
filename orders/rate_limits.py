"""How much a creator may ask for in a minute: requests, and recipients of new orders."""

import math
import threading
import time
from datetime import datetime
from functools import lru_cache

import redis
import structlog
from django.conf import settings

logger = structlog.get_logger(__name__)

WINDOW = 60
"""Seconds that are counted together. Windows begin at full minutes, for all creators alike."""

# All in seconds.
TIME_OUT = 0.1
BACK_OFF = 5.0
"""How long Redis is left alone after it has failed once."""
QUIET = 60.0
"""How long one warning that nothing is counted stands for the next ones."""

# ValueError: the broker's address may be of a kind that only Celery knows.
_AWAY = (redis.RedisError, OSError, ValueError)


class LimitExceeded(Exception):
    """The creator has used up what it may ask for in this minute.

    `retry_after` is in whole seconds, until the next window begins.
    """

    def __init__(self, sentence: str, *, now: datetime) -> None:
        super().__init__(sentence)
        self.retry_after = math.ceil(WINDOW - now.timestamp() % WINDOW)


def count_request(*, creator_name: str, own_limit: int | None = None, now: datetime) -> None:
    """Raises LimitExceeded; refused requests count as well. `own_limit` is the creator's, 0 for
    none at all; without it the installation's holds."""
    most = settings.CREATOR_REQUESTS_PER_MINUTE if own_limit is None else own_limit
    if most and counters_at(settings.REDIS_URL).add(1, _name("requests", creator_name, now)) > most:
        raise LimitExceeded(f"At most {most} requests are answered in a minute.", now=now)


def count_recipients(
    count: int, *, creator_name: str, own_limit: int | None = None, now: datetime
) -> None:
    """Raises LimitExceeded if they would be too many; then none of them counts, so that a smaller
    order may still come through."""
    most = settings.CREATOR_RECIPIENTS_PER_MINUTE if own_limit is None else own_limit
    if not most:
        return
    counters, name = counters_at(settings.REDIS_URL), _name("recipients", creator_name, now)
    if counters.add(count, name) > most:
        counters.add(-count, name)
        raise LimitExceeded(f"At most {most} recipients are taken in a minute.", now=now)


class Counters:
    """Counters that all processes share through Redis; without Redis nothing is counted.

    Whoever finds Redis away waits for TIME_OUT at most. For some seconds nobody asks it then, and
    after that one does for all.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._client: redis.Redis | None = None
        self._lock = threading.Lock()
        self._is_away = False
        self._not_before = 0.0
        self._quiet_until = 0.0

    def add(self, amount: int, name: str) -> int:
        """The counter's new value; 0 when it cannot be told. Counters live for two windows."""
        if not self._may_ask():
            return 0
        try:
            with self._connected().pipeline() as commands:
                commands.incrby(name, amount)
                commands.expire(name, 2 * WINDOW)
                total, _ = commands.execute()
        except _AWAY as error:
            self._leave_alone(error)
            return 0
        self._is_away = False
        return int(total)

    def _connected(self) -> redis.Redis:
        # One for all threads: a client that is dropped closes connections that are in use.
        with self._lock:
            if self._client is None:
                self._client = redis.Redis.from_url(
                    self._url,
                    socket_timeout=TIME_OUT,
                    socket_connect_timeout=TIME_OUT,
                    # Without greetings beyond log-in, each of which could hang.
                    protocol=2,
                    driver_info=None,
                )
            return self._client

    def _may_ask(self) -> bool:
        if not self._is_away:
            return True
        with self._lock:
            now = time.monotonic()
            if now < self._not_before:
                return False
            self._not_before = now + BACK_OFF
            return True

    def _leave_alone(self, error: Exception) -> None:
        with self._lock:
            now = time.monotonic()
            self._is_away, self._not_before = True, now + BACK_OFF
            if now < self._quiet_until:
                return
            self._quiet_until = now + QUIET
        # Not the message, which may quote the address with its password.
        logger.warning("Redis is away: limits are not kept", reason=type(error).__name__)


@lru_cache(maxsize=8)
def counters_at(url: str) -> Counters:
    return Counters(url)


def _name(what: str, creator_name: str, now: datetime) -> str:
    return f"limits:{what}:{creator_name}:{int(now.timestamp()) // WINDOW}"
