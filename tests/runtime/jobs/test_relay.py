"""One drain at a time; one whose time is up is relieved by the next."""

import threading
import time

from runtime.jobs.relay import Relay


def test_while_a_drain_has_time_left_no_other_begins() -> None:
    relay = Relay(max_wait=5)
    assert relay.take(seconds=60)
    assert not relay.take(seconds=60)
    assert not relay.is_relieved
    relay.release()
    assert relay.take(seconds=60)


def test_a_drain_whose_time_is_up_hears_of_the_next_one_which_begins_when_it_has_ended() -> None:
    relay = Relay(max_wait=30)
    assert relay.take(seconds=0)
    assert relay.time_is_up
    assert not relay.is_relieved
    begun = threading.Event()

    def follow() -> None:
        if relay.take(seconds=60):
            begun.set()

    following = threading.Thread(target=follow)
    following.start()
    while not relay.is_relieved:
        time.sleep(0.001)
    assert not begun.is_set()
    assert not relay.take(seconds=60), "one relief is enough"
    relay.release()
    assert begun.wait(30)
    following.join()
    assert not relay.time_is_up
    assert not relay.is_relieved


def test_a_relief_that_waits_in_vain_gives_up() -> None:
    relay = Relay(max_wait=0.05)
    assert relay.take(seconds=0)
    assert not relay.take(seconds=60)
    assert not relay.is_relieved


def test_a_drain_that_is_asked_to_look_as_it_ends_begins_anew() -> None:
    relay = Relay(max_wait=5)
    drains = []

    def work() -> int:
        drains.append(relay.is_asked)
        relay.look()
        if len(drains) == 1:
            relay.ask()
            assert relay.drain(work, seconds=60) is None, "it is at it already"
        return 3

    assert relay.drain(work, seconds=60) == 6
    assert drains == [False, True]
