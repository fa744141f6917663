"""The API description: complete, valid, and in the contract's names."""

import io
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from tests.contracts.conftest import Api


@pytest.fixture(scope="module")
def description() -> Any:
    return json.loads(Client().get("/swagger/v1/swagger.json").content)


def test_it_is_valid_and_leaves_nothing_to_guess() -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=io.StringIO())


def test_it_lists_the_endpoints(description: Any) -> None:
    base = "/notifications/api/v1"
    found = {(path, method) for path, methods in description["paths"].items() for method in methods}
    assert {
        (f"{base}/orders", "post"),
        (f"{base}/orders/email", "post"),
        (f"{base}/orders/sms", "post"),
        (f"{base}/orders/{{id}}/notifications/sms", "get"),
    } <= found


@pytest.mark.parametrize(
    "name",
    [
        "NotificationOrderRequestExt",
        "EmailNotificationOrderRequestExt",
        "SmsNotificationOrderRequestExt",
        "RecipientExt",
        "EmailTemplateExt",
        "SmsTemplateExt",
        "NotificationChannelExt",
        "EmailContentTypeExt",
        "NotificationOrderRequestResponseExt",
        "RecipientLookupResultExt",
        "RecipientLookupStatusExt",
        "SmsNotificationSummaryExt",
        "SmsNotificationWithResultExt",
        "StatusExt",
        "ProblemDetails",
        "ValidationProblemDetails",
        "AltinnProblemDetails",
    ],
)
def test_it_names_things_as_the_contract_does(description: Any, name: str) -> None:
    assert name in description["components"]["schemas"]


def test_it_has_no_names_of_its_own(description: Any) -> None:
    names = description["components"]["schemas"]
    assert [name for name in names if not name.endswith(("Ext", "ProblemDetails"))] == []


def test_enumerations_are_written_as_they_are_answered(description: Any) -> None:
    schemas = description["components"]["schemas"]
    channels = ["Email", "Sms", "EmailPreferred", "SmsPreferred", "EmailAndSms"]
    assert schemas["NotificationChannelExt"]["enum"] == channels
    assert schemas["EmailContentTypeExt"]["enum"] == ["Plain", "Html"]
    assert schemas["RecipientLookupStatusExt"]["enum"] == ["Success", "PartialSuccess", "Failed"]


def test_it_says_what_is_required(description: Any) -> None:
    schemas = description["components"]["schemas"]
    assert schemas["SmsNotificationOrderRequestExt"]["required"] == ["body", "recipients"]
    assert schemas["EmailTemplateExt"]["required"] == ["body", "subject"]
    assert schemas["NotificationOrderRequestExt"]["required"] == [
        "notificationChannel",
        "recipients",
    ]


def test_every_operation_takes_either_token(description: Any) -> None:
    for methods in description["paths"].values():
        for operation in methods.values():
            if operation["tags"][0] in ("orders", "notifications"):
                assert operation["security"] == [{"AltinnToken": []}, {"PlatformAccessToken": []}]


@pytest.mark.django_db
def test_its_request_examples_are_good_requests(api: Api, description: Any) -> None:
    tried = 0
    for path, methods in description["paths"].items():
        body = methods.get("post", {}).get("requestBody", {}).get("content", {})
        for example in body.get("application/json", {}).get("examples", {}).values():
            request = example["value"] | {"requestedSendTime": "2999-01-01"}
            errors = api.errors(path.removeprefix("/notifications/api/v1"), request)
            assert list(errors) == ["RequestedSendTime"]
            tried += 1
    assert tried == 4
