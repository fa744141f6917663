"""Which values are accepted besides recipients: endpoints, times, resources, senders, subjects."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings

from orders.models import Order
from tests.contracts.conftest import Api
from tests.contracts.requests import PATHS, email, order, request_for, sms

BAD_URL = {"ConditionEndpoint": ["The condition endpoint must be a valid URL."]}
NO_ZONE = "The requested send time value must have specified a time zone."
IN_THE_PAST = "Send time must be in the future. Leave blank to send immediately."


@pytest.mark.django_db
@pytest.mark.parametrize(
    "url",
    [
        "https://example.no",
        "http://example.com",
        "https://vg.no/path?x=1",
        "https://example.no:8443/x",
        "https://user:pw@example.no",
        "HTTPS://EXAMPLE.NO/a%20b",
        "http://127.0.0.1:8100/condition/true",
    ],
)
def test_a_condition_endpoint_is_taken_and_kept_as_written(
    api: Api, url: str, settings: LazySettings
) -> None:
    settings.SEND_CONDITION_ALLOWED_HOSTS = ["127.0.0.1"]
    assert api.post("/orders/sms", sms(conditionEndpoint=url)).status_code == 202
    assert Order.objects.get().condition_endpoint == url


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "url",
    [
        "http://localhost",
        "http://localhost:5090/x",
        "http://127.0.0.1",
        "http://[::1]/",
        "http://example",
        "https://foobar",
        "ftp://example.com",
        "urn:altinn.test",
        "api/endpoint",
        "",
        "//example.no/x",
        "https://eksempel.nø",
        "https://example.no/a b",
        "https://exa\tmple.no",
        " https://example.no",
        "https://example.no\\@evil.no",
    ],
)
def test_a_bad_condition_endpoint_is_refused(api: Api, path: str, url: str) -> None:
    assert api.errors(path, request_for(path, conditionEndpoint=url)) == BAD_URL


@pytest.mark.parametrize("url", ["http://", "https:///path", "http://example.no:99999", "http://["])
def test_what_is_no_url_at_all_is_of_the_wrong_type(api: Api, url: str) -> None:
    errors = api.errors("/orders/sms", sms(conditionEndpoint=url))
    assert list(errors) == ["$.conditionEndpoint", "smsNotificationOrderRequest"]
    assert "could not be converted to Uri" in errors["$.conditionEndpoint"][0]


def test_a_condition_endpoint_with_a_null_character_is_refused(api: Api) -> None:
    errors = api.errors("/orders/sms", sms(conditionEndpoint="https://example.no/\0"))
    assert list(errors) == ["ConditionEndpoint"]


NOW = datetime(2025, 1, 31, 12, 0, tzinfo=UTC)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025-01-31T12:00:00Z", NOW),
        ("2025-01-31T13:00:00+01:00", NOW),
        ("2025-01-31T13:00+01", NOW),
        ("2025-02-01T00:30:00+14:00", NOW - timedelta(hours=1, minutes=30)),
        ("2025-01-31T12:00:00.5Z", NOW + timedelta(milliseconds=500)),
        ("2025-01-31T12:00:00.1234567890123456Z", NOW + timedelta(microseconds=123456)),
        ("9999-12-31T23:59:59.9Z", datetime.max.replace(microsecond=900_000, tzinfo=UTC)),
    ],
)
def test_a_send_time_is_a_moment_in_any_zone(
    api: Api, text: str, moment: datetime, time_machine: Any
) -> None:
    time_machine.move_to(min(NOW, moment) + timedelta(minutes=5), tick=False)
    assert api.post("/orders/sms", sms(requestedSendTime=text)).status_code == 202
    assert Order.objects.get().requested_send_time == moment


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("minutes", "zone", "messages"),
    [
        (-6, "Z", [IN_THE_PAST]),
        (-6, "+00:00", [IN_THE_PAST]),
        (10, "", [NO_ZONE]),
        (-10, "", [NO_ZONE, IN_THE_PAST]),
    ],
)
def test_a_send_time_has_a_zone_and_is_not_past(
    api: Api, path: str, minutes: int, zone: str, messages: list[str]
) -> None:
    moment = datetime.now(UTC) + timedelta(minutes=minutes)
    text = moment.replace(tzinfo=None).isoformat() + zone
    errors = api.errors(path, request_for(path, requestedSendTime=text))
    assert errors == {"RequestedSendTime": messages}


def test_four_minutes_ago_is_soon_enough(api: Api) -> None:
    text = (datetime.now(UTC) - timedelta(minutes=4)).isoformat()
    errors = api.errors("/orders/sms", sms(requestedSendTime=text, recipients=[]))
    assert list(errors) == ["Recipients"]


def test_a_date_alone_lacks_a_zone(api: Api) -> None:
    errors = api.errors("/orders/sms", sms(requestedSendTime="2999-01-31"))
    assert errors == {"RequestedSendTime": [NO_ZONE]}


@pytest.mark.parametrize(
    "value",
    [
        "tomorrow",
        "",
        "2025-13-01T00:00:00Z",
        "2025-02-29T00:00:00Z",
        "2025-01-31 12:00:00Z",
        "20250131T120000Z",
        "2025-W05-5",
        "2025-01-31T25:00:00Z",
        "2025-01-31T12:00:60Z",
        "2025-01-31T12:00:00+15:00",
        "2025-01-31T12:00:00+0100",
        "2025-01-31T12:00:00,5Z",
        "2025-01-31Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+01:00",
        "2025-01-31T12Z",
        "\uff12025-01-31T12:00:00Z",
        1738324800,
        True,
        None,
        [],
        {},
    ],
)
def test_what_is_no_date_and_time_is_of_the_wrong_type(api: Api, value: Any) -> None:
    errors = api.errors("/orders/email", email(requestedSendTime=value))
    assert errors == {
        "$.requestedSendTime": [
            "The JSON value could not be converted to DateTime. Path: $.requestedSendTime."
        ],
        "emailNotificationOrderRequest": ["The emailNotificationOrderRequest field is required."],
    }


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("resource", "action", "message"),
    [
        (None, "read", "ResourceAction cannot be specified without a ResourceId."),
        ("", " ", "ResourceAction cannot be specified without a ResourceId."),
        (" ", "read", "ResourceAction cannot be specified without a ResourceId."),
        ("app_ttd_apps-test", " ", "ResourceAction cannot be blank or whitespace."),
    ],
)
def test_an_action_needs_a_resource(
    api: Api, path: str, resource: str | None, action: str, message: str
) -> None:
    request = request_for(path, resourceId=resource, resourceAction=action)
    assert api.errors(path, request) == {"ResourceAction": [message]}


@pytest.mark.django_db
def test_an_empty_action_counts_as_absent(api: Api) -> None:
    request = sms(resourceId="urn:altinn:resource:x", resourceAction="")
    assert api.post("/orders/sms", request).status_code == 202
    placed = Order.objects.get()
    assert (placed.resource_id, placed.resource_action) == ("urn:altinn:resource:x", None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "stored"),
    [
        (None, "Altinn"),
        ("", "Altinn"),
        ("1234 TE", "1234 TE"),
        ("+4740000000", "+4740000000"),
        ("   ", "   "),
    ],
)
def test_an_sms_is_from_whom_the_order_says_or_from_altinn(
    api: Api, given: str | None, stored: str
) -> None:
    assert api.post("/orders/sms", sms(senderNumber=given)).status_code == 202
    assert Order.objects.get().sms_sender == stored


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("template", "stored"),
    [
        ({}, "noreply@altinn.cloud"),
        ({"fromAddress": ""}, "noreply@altinn.cloud"),
        ({"fromAddress": "noreply@ttd.no"}, "noreply@ttd.no"),
    ],
)
def test_an_email_is_from_whom_the_template_says_or_from_the_default(
    api: Api, template: dict[str, str], stored: str
) -> None:
    request = order(emailTemplate={"subject": "s", "body": "b"} | template)
    assert api.post("/orders", request).status_code == 202
    assert Order.objects.get().email_sender == stored


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "stored"), [("a\nb", "a b"), ("a\r\nb", "a b"), ("a\n\rb", "a  b"), (" a ", " a ")]
)
def test_a_subject_is_one_line(api: Api, given: str, stored: str) -> None:
    template = {"subject": given, "body": "a\r\nb"}
    assert api.post("/orders/email", email(**template)).status_code == 202
    assert api.post("/orders", order(emailTemplate=template)).status_code == 202
    for placed in Order.objects.all():
        assert (placed.email_subject, placed.email_body) == (stored, "a\r\nb")
