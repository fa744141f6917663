"""Room for so many at once."""

import threading

from runtime.places import Places


def test_who_finds_no_place_is_told_at_once_and_a_place_given_back_is_free() -> None:
    places = Places(at_once=2, waiting=0, patience=60)
    one, other = places.take(), places.take()
    assert one
    assert other
    assert places.take() is None
    one.give_back()
    one.give_back()
    assert places.take()
    assert places.take() is None, "given back twice, free once"


def test_one_more_waits_for_its_turn_and_nobody_else() -> None:
    places = Places(at_once=1, waiting=1, patience=60)
    held = places.take()
    assert held
    taken: list[bool] = []
    waiting = threading.Thread(target=lambda: taken.append(places.take() is not None))
    waiting.start()
    while places._present._value:
        threading.Event().wait(0.001)
    assert places.take() is None
    held.give_back()
    waiting.join(timeout=30)
    assert taken == [True]


def test_patience_ends() -> None:
    places = Places(at_once=1, waiting=1, patience=0.01)
    held = places.take()
    assert held
    assert places.take() is None
    held.give_back()
    assert places.take(), "who gave up left no trace"
