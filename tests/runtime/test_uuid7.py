"""Identifiers that sort by their time of making."""

from itertools import islice
from uuid import RFC_4122, UUID

import pytest

from runtime import uuid7 as identifiers
from runtime.uuid7 import ascending, uuid7


def test_those_made_together_ascend() -> None:
    before = uuid7()
    made = list(islice(ascending(), 10_000))
    assert made == sorted(set(made))
    assert {(one.version, one.variant) for one in made} == {(7, RFC_4122)}
    assert 0 <= (made[0].int >> 80) - (before.int >> 80) < 60_000, "milliseconds"


def test_they_stay_what_they_are_from_the_highest_start(monkeypatch: pytest.MonkeyPatch) -> None:
    highest = UUID(int=uuid7().int | (1 << 62) - 1)
    monkeypatch.setattr(identifiers, "uuid7", lambda: highest)
    made = list(islice(ascending(), 10_000))
    assert made == sorted(made)
    assert {one.int >> 62 for one in made} == {highest.int >> 62}
