"""A condition endpoint that answers as it is told."""

import pytest
from django.conf import LazySettings
from django.test import Client

from tests.in_process_api import BASE

ADDRESS = f"{BASE}/tests/sendcondition"


@pytest.fixture
def _turned_on(settings: LazySettings) -> None:
    settings.SEND_CONDITION_TEST_ENDPOINT = True


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("?conditionMet=true", True),
        ("?conditionMet=True", True),
        ("?CONDITIONMET=TRUE", True),
        ("?conditionMet=false", False),
        ("", False),
        ("?condition=true", False),
    ],
)
@pytest.mark.usefixtures("_turned_on")
def test_it_answers_anybody_as_the_parameter_says(query: str, answer: bool) -> None:
    for address in (ADDRESS, f"{ADDRESS.upper()}/"):
        response = Client().get(f"{address}{query}")
        assert response.status_code == 200
        assert response["Content-Type"] == "application/json; charset=utf-8"
        assert response.json() == {"sendNotification": answer}


@pytest.mark.usefixtures("_turned_on")
def test_it_only_answers_a_get() -> None:
    response = Client().post(ADDRESS)
    assert response.status_code == 405
    assert response["Allow"] == "GET"


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_it_is_not_there_unless_it_is_turned_on(method: str) -> None:
    response = Client().generic(method, f"{ADDRESS}?conditionMet=true")
    assert response.status_code == 404
    assert response.content == b""
