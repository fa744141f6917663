"""The judge of a run takes no cause on trust: a kill must have met the message, an answer must have
been missed."""

import pytest

from tests.chaos.leases import Lease
from tests.chaos.repetitions import (
    SUB_BATCH,
    Cause,
    Kill,
    Repetition,
    broken,
    repetitions,
    too_many,
)

KILLED = {"worker-1.1": Kill("worker-1.1", began=14.9, ended=15.0)}


def lease(claimed_at: float, ended_at: float, status: str = "Accepted", attempt: str = "") -> Lease:
    return Lease("worker-1.1", claimed_at, ended_at, "worker-1.1", status, attempt)


LOST = lease(10, 30, "New", "LeaseLost")
UNKNOWN = lease(10, 12, "New", "Unknown")
LAST = Lease("worker-2.1", 40, 42, "worker-2.1", "Accepted", "")


def causes(sends: list[float], *leases: Lease, is_refused: bool = False) -> list[Cause]:
    found = repetitions(sends, leases, KILLED, channel="Sms", is_refused=is_refused)
    return [repetition.cause for repetition in found]


def test_a_message_that_left_once_is_no_repetition() -> None:
    assert causes([41], LOST, LAST) == []


def test_a_kill_explains_what_its_process_had_sent_and_not_recorded() -> None:
    assert causes([11, 41], LOST, LAST) == [Cause.KILL]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(lease(10, 14, "New", "LeaseLost"), id="given up before the kill"),
        pytest.param(lease(16, 30, "New", "LeaseLost"), id="claimed after the kill"),
        pytest.param(lease(10, 30), id="recorded"),
        pytest.param(lease(10, 30, "New"), id="held back"),
        pytest.param(lease(10, 30, "New", "Error"), id="refused for a while"),
    ],
)
def test_nothing_else_is_explained_by_a_kill(other: Lease) -> None:
    assert causes([other.claimed_at, 41], other, LAST) == [Cause.NONE]


def test_a_lease_lost_by_a_process_that_lived_explains_nothing() -> None:
    assert causes([20, 41], Lease("worker-2.1", 19, 30, "", "New", "LeaseLost"), LAST) == [
        Cause.NONE
    ]


def test_an_unknown_outcome_explains_one_repetition_and_not_two() -> None:
    again = lease(20, 25, "New", "Unknown")
    assert causes([11, 41], UNKNOWN, LAST) == [Cause.UNKNOWN]
    assert causes([11, 21, 41], UNKNOWN, again, LAST) == [Cause.UNKNOWN, Cause.NONE]


def test_no_message_may_leave_twice_under_one_lease_or_under_none() -> None:
    assert causes([11, 11.5], UNKNOWN) == [Cause.NONE]
    assert causes([5, 41], LAST) == [Cause.NONE]


def test_each_time_that_a_refused_message_left_needs_a_cause() -> None:
    assert causes([11], UNKNOWN, LAST, is_refused=True) == [Cause.UNKNOWN]
    assert causes([41], UNKNOWN, LAST, is_refused=True) == [Cause.NONE]


def test_a_kill_repeats_what_was_in_flight_and_one_sub_batch_at_most() -> None:
    one = Repetition(Cause.KILL, "Sms", "worker-1.1", "")
    most = [one] * (3 + SUB_BATCH)
    assert list(too_many(most, KILLED, {"Sms": 3})) == []
    assert len(list(too_many([*most, one], KILLED, {"Sms": 3}))) == 1


def test_a_lease_may_be_lost_with_its_holder_or_with_the_database_only() -> None:
    lived = Lease("worker-2.1", 10, 30, "worker-1.2", "New", "LeaseLost")
    assert list(broken([LOST, LAST], KILLED, [])) == []
    assert list(broken([lived], KILLED, [20.0])) == []
    assert len(list(broken([lived], KILLED, [31.0]))) == 1


def test_who_holds_a_message_records_it_and_nobody_else() -> None:
    assert len(list(broken([Lease("worker-2.1", 1, 2, "worker-1.1", "Accepted", "")], {}, []))) == 1
    # A delivery report may overtake the record of its sending, by any hand.
    assert list(broken([Lease("worker-2.1", 1, 2, "worker-1.1", "Delivered", "")], {}, [])) == []
