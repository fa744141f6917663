"""How much a creator may ask for in a minute: requests, and recipients of new orders; and an
end user: logs of dialogs."""

import math
import threading
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from django.conf import settings

from orders.limits.rate_counters import Counters, Wish

WINDOW = 60
"""Seconds that are counted together. Windows begin at full minutes, for all creators alike."""

MAX_REQUESTS, MAX_RECIPIENTS = 100, 1_000
"""What a process may have in hand that it does not need yet: if it needs it no more in this minute,
others are refused that much too early."""


class LimitExceeded(Exception):
    """The caller has used up what it may ask for in this minute.

    `retry_after` is in whole seconds, until the next window begins.
    """

    def __init__(self, sentence: str, *, now: datetime) -> None:
        super().__init__(sentence)
        self.retry_after = _seconds_left(now)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a creator may ask for in a minute; 0 is no limit."""

    requests: int
    recipients: int


def count_request(*, creator_name: str, limits: Limits, now: datetime) -> None:
    """Raises LimitExceeded; refused requests need not be counted."""
    if limits.requests and not _of(creator_name).take_request(limits, now):
        most = limits.requests
        raise LimitExceeded(f"At most {most} requests are answered in a minute.", now=now)


def count_recipients(count: int, *, creator_name: str, limits: Limits, now: datetime) -> None:
    """Raises LimitExceeded if they would be too many; then none of them counts, so that a smaller
    order may still come through."""
    if limits.recipients and not _of(creator_name).take_recipients(count, limits, now):
        most = limits.recipients
        raise LimitExceeded(f"At most {most} recipients are taken in a minute.", now=now)


def count_end_user(*, pseudonym: str, now: datetime) -> None:
    """Raises LimitExceeded. Each request is counted by itself: there are too many people for a
    process to remember them."""
    most = settings.END_USER_REQUESTS_PER_MINUTE
    if most and not minutes_at(settings.REDIS_URL).take_for_end_user(pseudonym, most, now):
        raise LimitExceeded(f"At most {most} requests are answered in a minute.", now=now)


def headers(*, creator_name: str, now: datetime) -> dict[str, str]:
    """What a creator who has been counted is told: its limits, and about what is left of them.

    https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
    """
    return _of(creator_name).headers(now)


@dataclass(slots=True)
class _Quota:
    """One count of a creator in this minute, as far as this process knows. `held` is what it may
    give out, `left` what it has last heard to be left beside that; None where it has heard nothing.
    """

    what: str
    most_spare: int
    limit: int = 0
    held: int = 0
    left: int | None = None
    given_out: int = 0

    def begin(self) -> None:
        self.held, self.left, self.given_out = 0, None, 0

    def adopt(self, limit: int) -> None:
        if limit != self.limit:
            self.limit, self.left = limit, None

    def give_out(self, count: int) -> bool:
        if self.held < count:
            return False
        self.held -= count
        self.given_out += count
        return True

    def is_hopeless(self, count: int) -> bool:
        """Whether there cannot be so many: what is left never grows within a minute."""
        return self.left is not None and count > self.held + self.left

    def wish(self, need: int) -> Wish:
        """As much to spare as was needed before: nobody keeps from others what it never uses."""
        extra = max(0, min(self.given_out, self.most_spare) - self.held)
        return Wish(self.what, self.limit, max(0, need - self.held), extra)

    def policy(self, unit: str) -> str:
        return f'"{self.what}";q={self.limit};{unit}w={WINDOW}'

    def state(self, seconds_left: int) -> str:
        return f'"{self.what}";r={self.held + (self.left or 0)};t={seconds_left}'


@dataclass(slots=True)
class _Minute:
    """What one creator has asked this process for."""

    name: str
    counters: Counters
    window: int = 0
    requests: _Quota = field(default_factory=lambda: _Quota("requests", MAX_REQUESTS))
    recipients: _Quota = field(default_factory=lambda: _Quota("recipients", MAX_RECIPIENTS))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take_request(self, limits: Limits, now: datetime) -> bool:
        with self.lock:
            self._come_to(limits, now)
            return self._take(self.requests, 1)

    def take_recipients(self, count: int, limits: Limits, now: datetime) -> bool:
        with self.lock:
            self._come_to(limits, now)
            return self._take(self.recipients, count)

    def headers(self, now: datetime) -> dict[str, str]:
        """The seconds are those of the window that was counted in, which may just have ended."""
        seconds_left = max(0, math.ceil((self.window + 1) * WINDOW - now.timestamp()))
        known = [(self.requests, ""), (self.recipients, 'qu="recipients";')]
        limited = [(quota, unit) for quota, unit in known if quota.limit]
        told = {
            "RateLimit-Policy": ", ".join(quota.policy(unit) for quota, unit in limited),
            "RateLimit": ", ".join(
                quota.state(seconds_left) for quota, _ in limited if quota.left is not None
            ),
        }
        return {name: value for name, value in told.items() if value}

    def _come_to(self, limits: Limits, now: datetime) -> None:
        """Requests of the minute before that come late are counted in this one; a clock that was
        wrong by more, and has been set right, is followed."""
        window = int(now.timestamp()) // WINDOW
        if window > self.window or window < self.window - 1:
            self.window = window
            self.requests.begin()
            self.recipients.begin()
        self.requests.adopt(limits.requests)
        self.recipients.adopt(limits.recipients)

    def _take(self, quota: _Quota, count: int) -> bool:
        if quota.give_out(count):
            return True
        if quota.is_hopeless(count):
            return False
        needs = {self.requests.what: 0, self.recipients.what: 0} | {quota.what: count}
        both = (self.requests, self.recipients)
        shares = self.counters.reserve(
            f"limits:{self.name}:{self.window}", [one.wish(needs[one.what]) for one in both]
        )
        if shares is None:
            quota.left = None
            return True
        for one, share in zip(both, shares, strict=True):
            one.held += share.given
            one.left = share.left
        return quota.give_out(count)


class Minutes:
    """Of every creator who has called this process. Names come from verified tokens only."""

    def __init__(self, url: str) -> None:
        self._counters = Counters(url)
        self._known: dict[str, _Minute] = {}

    def of(self, creator_name: str) -> _Minute:
        return self._known.get(creator_name) or self._known.setdefault(
            creator_name, _Minute(creator_name, self._counters)
        )

    def take_for_end_user(self, pseudonym: str, most: int, now: datetime) -> bool:
        key = f"limits:end-user:{pseudonym}:{int(now.timestamp()) // WINDOW}"
        shares = self._counters.reserve(key, [Wish("requests", most, need=1, extra=0)])
        return shares is None or shares[0].given > 0


@lru_cache(maxsize=8)
def minutes_at(redis_url: str) -> Minutes:
    return Minutes(redis_url)


def _of(creator_name: str) -> _Minute:
    return minutes_at(settings.REDIS_URL).of(creator_name)


def _seconds_left(now: datetime) -> int:
    return math.ceil(WINDOW - now.timestamp() % WINDOW)
