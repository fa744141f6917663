"""Remembers verified tokens, so that each is verified once and not at every request."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from runtime import clock

MAX_REMEMBERED = 10_000


class Expiring(Protocol):
    """What a token proves, until a Unix time."""

    @property
    def expires_at(self) -> float: ...


T = TypeVar("T", bound=Expiring)


class TokenMemory(Generic[T]):
    """Verified tokens until they expire; those not used for longest make room for others.

    Refused ones are not remembered: they cost their senders no less, and may soon be good. The
    tokens themselves are not kept, only their fingerprints.
    """

    def __init__(self) -> None:
        self._proven: OrderedDict[bytes, T] = OrderedDict()
        self._lock = threading.Lock()

    def recall_or(self, verify: Callable[[str], T], token: str) -> T:
        """What the token is known to prove, else what `verify` finds, or raises."""
        fingerprint = hashlib.sha256(token.encode()).digest()
        proven = self._recall(fingerprint) or verify(token)
        with self._lock:
            self._proven[fingerprint] = proven
            self._proven.move_to_end(fingerprint)
            while len(self._proven) > MAX_REMEMBERED:
                self._proven.popitem(last=False)
        return proven

    def _recall(self, fingerprint: bytes) -> T | None:
        with self._lock:
            proven = self._proven.get(fingerprint)
            if proven is not None and proven.expires_at <= clock.seconds():
                del self._proven[fingerprint]
                return None
            return proven
