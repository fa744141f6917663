"""The desk's clock is Norwegian; the API's answers are in UTC."""

from datetime import UTC, datetime, timedelta

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from back_office.wording import local_time
from tests.building import NOON


@pytest.mark.parametrize(
    ("path", "hour"),
    [("/admin/", 12), ("/admin/search/", 12), ("/notifications/api/v1/orders", 10)],
)
def test_only_the_admin_shows_norwegian_time(path: str, hour: int) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(str(timezone.localtime(NOON).hour))

    answer = local_time.LocalTime(view)(RequestFactory().get(path))
    assert answer.content == str(hour).encode()


def test_in_a_sentence_a_moment_of_today_is_the_clock_alone() -> None:
    assert local_time.at(NOON + timedelta(hours=2), now=NOON) == "14:00"
    just_before_midnight_in_oslo = datetime(2025, 8, 25, 21, 59, tzinfo=UTC)
    assert local_time.at(just_before_midnight_in_oslo, now=NOON) == "23:59"
    assert local_time.at(just_before_midnight_in_oslo + timedelta(minutes=1), now=NOON) == (
        "2025-08-26 00:00"
    )
