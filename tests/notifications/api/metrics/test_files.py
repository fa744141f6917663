"""What becomes of a request for a daily file where it cannot be written."""

import subprocess
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from notifications.api.metrics import files

FILE = "/notifications/api/v1/metrics/sms"
KEY = {"X-API-Key": "7c0ffee1d2b3a4958607"}


@pytest.fixture(autouse=True)
def _key(settings: LazySettings) -> None:
    settings.METRICS_API_KEY = KEY["X-API-Key"]


def test_one_is_written_at_a_time() -> None:
    with files._writing:
        answer = Client().post(FILE, headers=KEY)
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0


@pytest.mark.parametrize(
    "trouble",
    [subprocess.CalledProcessError(1, "x"), subprocess.TimeoutExpired("x", 300), OSError()],
)
def test_one_that_cannot_be_written_is_worth_another_try(
    monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    def fails(*given: Any, **named: Any) -> None:
        raise trouble

    monkeypatch.setattr(subprocess, "run", fails)
    for _ in range(2):  # what one leaves behind does not hold up the next
        answer = Client().post(FILE, headers=KEY)
        assert answer.status_code == 503
        assert int(answer["Retry-After"]) > 0
