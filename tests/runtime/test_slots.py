"""Room for so many at once."""

from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

from runtime.slots import Slots


def test_who_finds_no_slot_is_told_at_once_and_a_slot_given_back_is_free() -> None:
    slots = Slots(at_once=2, waiting=0, timeout=60)
    one, other = slots.take(), slots.take()
    assert one
    assert other
    assert slots.take() is None
    one.give_back()
    one.give_back()
    assert slots.take()
    assert slots.take() is None, "given back twice, free once"


def test_one_more_waits_for_its_turn_and_nobody_else() -> None:
    slots = Slots(at_once=1, waiting=1, timeout=60)
    held = slots.take()
    assert held
    with ThreadPoolExecutor(2) as beside:
        come = [beside.submit(slots.take) for _ in range(2)]
        (refused,), (waiting,) = wait(come, timeout=30, return_when=FIRST_COMPLETED)
        assert refused.result() is None
        held.give_back()
        assert waiting.result(timeout=30)


def test_waiting_ends() -> None:
    slots = Slots(at_once=1, waiting=1, timeout=0.01)
    held = slots.take()
    assert held
    assert slots.take() is None
    held.give_back()
    assert slots.take(), "who gave up left no trace"
