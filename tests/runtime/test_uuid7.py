"""Identifiers that sort by their time of making."""

from datetime import UTC, datetime
from itertools import islice
from unittest import mock
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime import clock
from runtime import uuid7 as identifiers
from runtime.uuid7 import ascending, lowest_at, made_at, uuid7


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


@given(st.integers(0, 2**53 - 2**22), st.integers(2, 2**22))
def test_one_made_later_sorts_after_even_within_a_millisecond(first: int, later: int) -> None:
    """Two within a millisecond once came in either order, and a test that listed them failed by
    chance. Times are in the steps that a float can tell until 2038, of which making one takes two
    or more; then steps of twice that length."""
    made = []
    for steps in (first, first + later):
        with mock.patch.object(clock, "seconds", return_value=steps / 2**22):
            made.append(uuid7())
    assert made[0] < made[1]
    assert {(one.version, one.variant) for one in made} == {(7, RFC_4122)}
    assert lowest_at(datetime.fromtimestamp(first // 2**22, UTC)) < made[0]


def test_none_are_equal_however_many_are_made_at_once() -> None:
    with mock.patch.object(clock, "seconds", return_value=1e9):
        assert len({uuid7() for _ in range(10_000)}) == 10_000


def test_it_tells_when_it_was_made() -> None:
    with mock.patch.object(clock, "seconds", return_value=1_756_116_000.25):
        made = uuid7()
    assert made_at(made) == datetime(2025, 8, 25, 10, 0, 0, 250_000, tzinfo=UTC)
