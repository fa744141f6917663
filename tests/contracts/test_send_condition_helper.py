"""A condition endpoint that answers as it is told: `GET /tests/sendcondition`."""

import pytest

from tests.contracts.service import Service


@pytest.mark.parametrize(
    ("query", "answer"),
    [("?conditionMet=true", True), ("?conditionMet=False", False), ("", False)],
)
def test_anybody_is_answered_as_the_parameter_says(
    service: Service, query: str, answer: bool
) -> None:
    for path in ("/tests/sendcondition", "/Tests/SendCondition/"):
        found = service.get(f"{path}{query}", headers={})
        assert found.status == 200
        assert found.headers["Content-Type"] == "application/json; charset=utf-8"
        assert found.json == {"sendNotification": answer}


def test_what_is_no_boolean_is_refused(service: Service) -> None:
    answer = service.get("/tests/sendcondition?conditionMet=maybe", headers={})
    assert answer.status == 400
    assert answer.json["errors"] == {"conditionMet": ["The value 'maybe' is not valid."]}
