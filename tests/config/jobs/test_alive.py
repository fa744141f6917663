"""A worker gives signs of life for each of its queues, also while there is no broker."""

import threading
from types import SimpleNamespace

import pytest

from config.jobs import alive as signs
from runtime import alive

QUEUES = SimpleNamespace(consume_from={"dispatch-sms": None})
app = SimpleNamespace(amqp=SimpleNamespace(queues=QUEUES))


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    monkeypatch.setattr(alive, "sign", names.append)
    monkeypatch.setattr(alive, "EVERY", 0.01)
    monkeypatch.setattr(signs, "_is_listening", threading.Event())
    return names


class Timer:
    """Celery's, as far as it is asked."""

    def __init__(self) -> None:
        self.is_cancelled = False

    def call_repeatedly(self, *_: object) -> "Timer":
        return self

    def cancel(self) -> None:
        self.is_cancelled = True


def test_while_there_is_no_broker_a_thread_gives_them(given: list[str]) -> None:
    worker = SimpleNamespace(app=app)
    timer = Timer()
    consumer = SimpleNamespace(app=app, timer=timer)
    listening = signs.SignsWhileListening(consumer)
    meanwhile = signs.SignsMeanwhile(worker)
    listening.start(consumer)
    assert given == ["worker-dispatch-sms"]
    thread = threading.Thread(target=meanwhile._run, args=[app])
    thread.start()
    try:
        thread.join(0.1)
        assert len(given) == 1  # the main loop gives them, or nobody does
        listening.stop(consumer)
        assert timer.is_cancelled
        thread.join(0.1)
    finally:
        meanwhile.stop(worker)
        thread.join()
    assert given == ["worker-dispatch-sms"] * len(given)
    assert len(given) > 1


def test_where_no_sign_can_be_left_the_process_works_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(name: str) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(alive, "sign", full)
    signs.sign("beat")
