"""A channel stops for as long as it must, and finds out by one message when the trouble is over."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from dispatch.models import ChannelPause
from dispatch.sending import pauses
from dispatch.sending.pauses import Gate
from notifications.models import NotificationChannel

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SMS, EMAIL = NotificationChannel.SMS, NotificationChannel.EMAIL
Cause = ChannelPause.Cause

pytestmark = pytest.mark.django_db


def pause(cause: ChannelPause.Cause, *, until: datetime = NOW + MINUTE, blamed: str = "") -> None:
    pauses.pause(SMS, cause, until=until, reason="Trouble.", now=NOW, blamed=blamed)


def test_a_channel_without_a_pause_is_open() -> None:
    assert pauses.gate(SMS, now=NOW) == Gate.OPEN


@pytest.mark.parametrize("cause", Cause)
def test_a_pause_closes_its_channel_and_no_other(cause: ChannelPause.Cause) -> None:
    pause(cause)
    assert pauses.gate(SMS, now=NOW + MINUTE - timedelta(microseconds=1)) == Gate.CLOSED
    assert pauses.gate(EMAIL, now=NOW) == Gate.OPEN


@pytest.mark.parametrize(
    ("cause", "then"),
    [
        (Cause.REFUSED, Gate.PROBE),
        (Cause.BREAKER, Gate.PROBE),
        (Cause.RATE_LIMIT, Gate.OPEN),
        (Cause.PERSON, Gate.OPEN),
    ],
)
def test_trouble_that_has_run_out_needs_a_probe_and_a_limit_does_not(
    cause: ChannelPause.Cause, then: Gate
) -> None:
    pause(cause)
    assert pauses.gate(SMS, now=NOW + MINUTE) == then


def test_the_longest_of_several_pauses_counts() -> None:
    pause(Cause.BREAKER)
    pause(Cause.PERSON, until=NOW + 5 * MINUTE)
    assert pauses.gate(SMS, now=NOW + 4 * MINUTE) == Gate.CLOSED
    assert pauses.gate(SMS, now=NOW + 5 * MINUTE) == Gate.PROBE


def test_a_later_pause_never_shortens_an_earlier_one() -> None:
    pause(Cause.RATE_LIMIT, until=NOW + 60 * MINUTE)
    pause(Cause.RATE_LIMIT, until=NOW + MINUTE)
    assert pauses.gate(SMS, now=NOW + 59 * MINUTE) == Gate.CLOSED
    pause(Cause.RATE_LIMIT, until=NOW + 90 * MINUTE)
    assert pauses.gate(SMS, now=NOW + 89 * MINUTE) == Gate.CLOSED
    assert ChannelPause.objects.count() == 1


@pytest.mark.parametrize(
    ("found", "blamed"),
    [
        ([(Cause.BREAKER, "ttd")], "ttd"),
        ([(Cause.BREAKER, "ttd"), (Cause.BREAKER, "ttd")], "ttd"),
        ([(Cause.BREAKER, "ttd"), (Cause.REFUSED, "ttd")], "ttd"),
        ([(Cause.BREAKER, "ttd"), (Cause.BREAKER, "skd")], ""),
        ([(Cause.BREAKER, "ttd"), (Cause.REFUSED, "skd")], ""),
        ([(Cause.BREAKER, "ttd"), (Cause.BREAKER, ""), (Cause.BREAKER, "ttd")], ""),
    ],
)
def test_whoever_alone_has_met_all_of_the_trouble_is_to_blame(
    found: list[tuple[ChannelPause.Cause, str]], blamed: str
) -> None:
    for cause, creator in found:
        pause(cause, blamed=creator)
    state = pauses.state(SMS, now=NOW)
    assert (state.is_in_trouble, state.is_for_trouble_alone) == (True, True)
    assert state.blamed == blamed


def test_a_new_trouble_is_not_blamed_on_who_had_the_last_one() -> None:
    pause(Cause.BREAKER, blamed="ttd")
    pauses.lift(SMS, now=NOW)
    pause(Cause.BREAKER, blamed="skd")
    assert pauses.state(SMS, now=NOW).blamed == "skd"


@pytest.mark.parametrize("cause", [Cause.PERSON, Cause.RATE_LIMIT])
def test_a_pause_that_is_not_for_trouble_blames_nobody_and_holds_all(
    cause: ChannelPause.Cause,
) -> None:
    pause(cause)
    assert not pauses.state(SMS, now=NOW).is_in_trouble
    pause(Cause.BREAKER, blamed="ttd")
    state = pauses.state(SMS, now=NOW)
    assert (state.blamed, state.is_for_trouble_alone) == ("ttd", False)
    assert pauses.state(SMS, now=NOW + MINUTE).is_for_trouble_alone


def test_while_a_probe_is_out_the_channel_is_closed() -> None:
    pause(Cause.BREAKER)
    assert pauses.take_probe(SMS, now=NOW + MINUTE)
    assert not pauses.take_probe(SMS, now=NOW + MINUTE)
    assert pauses.gate(SMS, now=NOW + MINUTE) == Gate.CLOSED


def test_a_probe_that_never_comes_back_is_followed_by_another() -> None:
    pause(Cause.REFUSED)
    assert pauses.take_probe(SMS, now=NOW + MINUTE)
    later = NOW + MINUTE + pauses.PROBE_FOR
    assert pauses.gate(SMS, now=later) == Gate.PROBE
    assert pauses.take_probe(SMS, now=later)


def test_there_is_no_probe_while_the_pause_lasts() -> None:
    pause(Cause.REFUSED)
    assert not pauses.take_probe(SMS, now=NOW)


def test_a_success_lifts_the_pauses_for_trouble_and_leaves_those_of_people_and_limits() -> None:
    for cause in Cause:
        pause(cause)
    pauses.lift(SMS, now=NOW)
    left = ChannelPause.objects.values_list("cause", flat=True)
    assert set(left) == {Cause.PERSON, Cause.RATE_LIMIT}


def test_resuming_by_hand_lifts_every_pause_of_the_channel() -> None:
    pause(Cause.REFUSED)
    pause(Cause.PERSON)
    pauses.pause(EMAIL, Cause.PERSON, until=NOW + MINUTE, reason="Maintenance.", now=NOW)
    assert pauses.resume(SMS, now=NOW) == 2
    assert pauses.gate(SMS, now=NOW) == Gate.OPEN
    assert pauses.gate(EMAIL, now=NOW) == Gate.CLOSED


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_sends_the_probe() -> None:
    pause(Cause.BREAKER)
    pause(Cause.REFUSED)

    def take(_number: int) -> bool:
        try:
            with transaction.atomic():
                return pauses.take_probe(SMS, now=NOW + MINUTE)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(8))) == 1
