"""Verified tokens are remembered for a moment, within bounds."""

import time
from dataclasses import dataclass
from typing import Any

import pytest

from config.tokens import cache, jwks
from config.tokens.cache import TokenMemory
from config.tokens.verification import NotProven


@dataclass(frozen=True, slots=True)
class Proof:
    expires_at: float


class Verifier:
    """Counts what it is asked. Tokens that begin with `bad` prove nothing."""

    def __init__(self, lifetime: float = 60.0) -> None:
        self.asked: list[str] = []
        self.lifetime = lifetime

    def __call__(self, token: str) -> Proof:
        self.asked.append(token)
        if token.startswith("bad"):
            raise NotProven("It is bad.")
        return Proof(time.time() + self.lifetime)


def test_a_good_token_is_verified_once() -> None:
    memory, verify = TokenMemory[Proof](), Verifier()
    first = memory.recall_or(verify, "good")
    assert memory.recall_or(verify, "good") is first
    assert verify.asked == ["good"]


def test_a_bad_token_is_verified_each_time() -> None:
    memory, verify = TokenMemory[Proof](), Verifier()
    for _ in range(2):
        with pytest.raises(NotProven):
            memory.recall_or(verify, "bad")
    assert verify.asked == ["bad", "bad"]


def test_a_token_whose_key_is_removed_ends_within_a_minute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    memory, verify = TokenMemory[Proof](), Verifier()
    now = 1_000.0
    monkeypatch.setattr("config.tokens.cache.time.monotonic", lambda: now)
    memory.recall_or(verify, "good")
    now += cache.MAX_SECONDS - 0.1
    memory.recall_or(verify, "good")
    assert len(verify.asked) == 1
    now += 0.1
    memory.recall_or(verify, "good")
    assert len(verify.asked) == 2
    assert cache.MAX_SECONDS + jwks.LIFESPAN < 60


def test_an_expired_token_is_verified_again(time_machine: Any) -> None:
    memory, verify = TokenMemory[Proof](), Verifier(20.0)
    time_machine.move_to("2025-01-31T12:00:00Z", tick=False)
    for second, times in (("00:19", 1), ("00:20", 2)):
        memory.recall_or(verify, "good")
        time_machine.move_to(f"2025-01-31T12:{second}Z", tick=False)
        memory.recall_or(verify, "good")
        assert len(verify.asked) == times


def test_what_is_used_stays_when_room_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MAX_REMEMBERED", 2)
    memory, verify = TokenMemory[Proof](), Verifier()
    for token in ("1", "2", "1", "3", "1", "2"):
        memory.recall_or(verify, token)
    assert verify.asked == ["1", "2", "3", "2"]
