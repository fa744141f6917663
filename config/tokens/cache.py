"""Remembers verified tokens, so that each is verified now and then and not at every request."""

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from runtime import clock

MAX_REMEMBERED = 10_000
MAX_SECONDS = 25.0
"""Since it was verified. With how long keys are known (config.tokens.jwks), less than a minute:
that is how long a token lives at most whose key its issuer has removed."""


class Expiring(Protocol):
    """What a token proves, until a Unix time."""

    @property
    def expires_at(self) -> float: ...


T = TypeVar("T", bound=Expiring)


class TokenMemory(Generic[T]):
    """Verified tokens for a moment, or until they expire; those not used for longest make room.

    Refused ones are not remembered: they cost their senders no less, and may soon be good. The
    tokens themselves are not kept, only their fingerprints.
    """

    def __init__(self) -> None:
        self._proven: OrderedDict[bytes, tuple[T, float]] = OrderedDict()
        self._lock = threading.Lock()

    def recall_or(self, verify: Callable[[str], T], token: str) -> T:
        """What the token is known to prove, else what `verify` finds, or raises."""
        fingerprint = hashlib.sha256(token.encode()).digest()
        known = self._recall(fingerprint) or (verify(token), time.monotonic() + MAX_SECONDS)
        with self._lock:
            self._proven[fingerprint] = known
            self._proven.move_to_end(fingerprint)
            while len(self._proven) > MAX_REMEMBERED:
                self._proven.popitem(last=False)
        return known[0]

    def _recall(self, fingerprint: bytes) -> tuple[T, float] | None:
        with self._lock:
            known = self._proven.get(fingerprint)
            if known is None:
                return None
            proven, until = known
            if proven.expires_at <= clock.seconds() or until <= time.monotonic():
                del self._proven[fingerprint]
                return None
            return known
