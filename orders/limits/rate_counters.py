"""Counts of a minute that all processes share through Redis; without Redis nothing is counted.

A process takes shares of what may be counted, of which it then gives out without asking anybody.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

import redis
import structlog

logger = structlog.get_logger(__name__)

# All in seconds.
KEPT_FOR = 120
TIME_OUT = 0.1
BACK_OFF = 5.0
"""How long Redis is left alone after it has failed once."""
QUIET = 60.0
"""How long one warning that nothing is counted stands for the next ones."""

SMALLEST_PART = 50
"""Nobody is given more beyond need than this part of what is left: so shares are single ones long
before nothing is left."""

# ValueError: the broker's address may be of a kind that only Celery knows; or who answers is not
# Redis.
_AWAY = (redis.RedisError, OSError, ValueError)

_RESERVE = f"""
local answer = {{}}
for place = 1, #ARGV, 4 do
    local what, limit = ARGV[place], tonumber(ARGV[place + 1])
    local need, extra = tonumber(ARGV[place + 2]), tonumber(ARGV[place + 3])
    local left = limit - tonumber(redis.call('HGET', KEYS[1], what) or '0')
    local share = 0
    if need <= left then
        share = need + math.min(extra, math.floor((left - need) / {SMALLEST_PART}))
    end
    if share > 0 then
        redis.call('HINCRBY', KEYS[1], what, share)
    end
    table.insert(answer, share)
    table.insert(answer, math.max(0, left - share))
end
redis.call('EXPIRE', KEYS[1], {KEPT_FOR})
return answer
"""


@dataclass(frozen=True, slots=True)
class Wish:
    """For one of a key's counts: `need` is given whole or not at all, of `extra` what can be
    spared. Nothing is given that would take the count beyond `limit`."""

    what: str
    limit: int
    need: int
    extra: int


@dataclass(frozen=True, slots=True)
class Share:
    """What was given, and what is left for everybody after that."""

    given: int
    left: int


def _shares(told: object, *, wished: int) -> list[Share]:
    """Raises ValueError for what our script does not answer."""
    if not isinstance(told, list) or len(told) != 2 * wished:
        raise ValueError("No share for each wish.")
    if not all(type(number) is int and number >= 0 for number in told):
        raise ValueError("A share is no number.")
    return [Share(*pair) for pair in zip(told[::2], told[1::2], strict=True)]


class Counters:
    """Whoever finds Redis away waits for TIME_OUT at most. For some seconds nobody asks it then,
    and after that one does for all."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client: redis.Redis | None = None
        self._lock = threading.Lock()
        self._is_away = False
        self._not_before = 0.0
        self._quiet_until = 0.0

    def reserve(self, key: str, wishes: Sequence[Wish]) -> list[Share] | None:
        """A share for each wish, by one command; None when it cannot be told. What is counted under
        a key is forgotten some time after the last share."""
        if not self._may_ask():
            return None
        arguments = [
            value
            for wish in wishes
            for value in (wish.what, str(wish.limit), str(wish.need), str(wish.extra))
        ]
        try:
            told = self._connected().eval(_RESERVE, 1, key, *arguments)
            shares = _shares(told, wished=len(wishes))
        except _AWAY as error:
            self._leave_alone(error)
            return None
        self._is_away = False
        return shares

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
