"""Jobs are woken over HTTP, by whoever may."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from kombu.exceptions import OperationalError

from config.api.triggers import WAKES
from config.celery import app
from config.jobs.schedule import PERIODIC_JOBS

BASE = "/notifications/api/v1/trigger/"
Sent = list[tuple[str, str]]


def post(job: str, *, client: Client | None = None, **headers: str) -> Any:
    """Without a body, and so without a type of it."""
    return (client or Client()).generic("POST", BASE + job, content_type="", headers=headers)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """Tasks and queues, instead of the broker."""
    woken: Sent = []

    def send(task: str, *, queue: str, expires: int, retry: bool) -> None:
        assert 0 < expires <= 60
        assert not retry
        woken.append((task, queue))

    monkeypatch.setattr(app, "send_task", send)
    return woken


def test_each_trigger_of_the_original_wakes_jobs_that_there_are(sent: Sent) -> None:
    queues = {job.task: job.queue for job in PERIODIC_JOBS}
    for job, tasks in WAKES.items():
        sent.clear()
        answer = post(job)
        assert (answer.status_code, answer.content) == (200, b"")
        assert sent == [(task, queues[task]) for task in tasks]


def test_letter_case_and_a_slash_do_not_matter(sent: Sent) -> None:
    assert post("SendSMS/").status_code == 200
    assert sent


def test_another_trigger_is_not_there(sent: Sent) -> None:
    assert post("x").status_code == 404
    assert Client().get(f"{BASE}sendsms").status_code == 405
    assert not sent


@pytest.mark.parametrize(
    ("content_type", "status"),
    [("application/json", 200), ("application/json; charset=utf-8", 200), ("text/plain", 415)],
)
def test_a_body_is_json_or_nothing(sent: Sent, content_type: str, status: int) -> None:
    answer = Client().generic("POST", f"{BASE}sendsms", b"{", content_type=content_type)
    assert answer.status_code == status


def test_without_a_token_only_this_machine_may(sent: Sent) -> None:
    assert post("sendsms", client=Client(REMOTE_ADDR="10.0.0.7")).status_code == 401
    assert (
        Client()
        .generic("POST", f"{BASE}sendsms", headers={"X-Forwarded-For": "203.0.113.9"})
        .status_code
        == 401
    )
    assert not sent


def test_with_a_token_whoever_brings_it_may(sent: Sent, settings: LazySettings) -> None:
    settings.TRIGGER_TOKEN = "geheim"
    for wrong in ("", "Bearer", "Bearer geheim2", "Basic geheim", "Bearer gehé"):
        answer = post("sendsms", Authorization=wrong)
        assert (answer.status_code, answer.content) == (401, b"")
    assert not sent
    outside = Client(REMOTE_ADDR="10.0.0.7")
    answer = post("sendsms", client=outside, Authorization="Bearer geheim")
    assert answer.status_code == 200
    assert sent
    settings.TRIGGER_TOKEN, settings.TRIGGER_TOKEN_FALLBACKS = "neu", ["geheim"]
    for token, status in (("geheim", 200), ("neu", 200), ("", 401), ("alt", 401)):
        assert post("sendsms", Authorization=f"Bearer {token}").status_code == status


@pytest.mark.parametrize("trouble", [OperationalError(), ConnectionRefusedError()])
def test_without_a_broker_it_is_worth_another_try(
    monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    def fails(*given: Any, **named: Any) -> None:
        raise trouble

    monkeypatch.setattr(app, "send_task", fails)
    answer = post("sendsms")
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
