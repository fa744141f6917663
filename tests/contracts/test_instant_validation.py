"""What an instant order may hold: types, required members and rules."""

from collections.abc import Callable
from typing import Any

import pytest

from script.launcher.system.simulators import Simulators
from tests.contracts.requests import (
    INSTANT,
    LEFT_OUT,
    instant,
    instant_email,
    instant_sms,
)
from tests.contracts.service import Service

MakeRequest = Callable[..., dict[str, Any]]
SMS, EMAIL, OLD = INSTANT
COMPANION = {"request": ["The request field is required."]}
# What the paths of an SMS begin with, by address.
AT = {SMS: "RecipientSms", OLD: "InstantNotificationRecipient.ShortMessageDeliveryDetails"}

each = pytest.mark.parametrize(("path", "make"), INSTANT.items())
each_sms = pytest.mark.parametrize("path", [SMS, OLD])


def required(path: str) -> list[str]:
    return [f"The {path.rpartition('.')[2]} field is required."]


def email_settings(**changes: Any) -> dict[str, Any]:
    return {"emailSettings": {"subject": "Code", "body": "1234"} | changes}


# --- Types -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "body", "at", "kind", "missing"),
    [
        (SMS, {}, "$", "InstantSmsNotificationOrderRequestExt", "'idempotencyId', 'recipientSms'"),
        (OLD, {}, "$", "InstantNotificationOrderRequestExt", "'idempotencyId', 'recipient'"),
        (
            EMAIL,
            {},
            "$",
            "InstantEmailNotificationOrderRequestExt",
            "'idempotencyId', 'recipientEmail'",
        ),
        (
            OLD,
            instant(recipient={}),
            "$.recipient",
            "InstantNotificationRecipientExt",
            "'recipientSms'",
        ),
        (
            SMS,
            instant_sms(to={"timeToLiveInSeconds": LEFT_OUT}),
            "$.recipientSms",
            "ShortMessageDeliveryDetailsExt",
            "'timeToLiveInSeconds'",
        ),
        (
            SMS,
            instant_sms(to={"smsSettings": {}}),
            "$.recipientSms.smsSettings",
            "ShortMessageContentExt",
            "'body'",
        ),
        (
            EMAIL,
            instant_email(to={"emailSettings": {}}),
            "$.recipientEmail.emailSettings",
            "InstantEmailContentExt",
            "'subject', 'body'",
        ),
    ],
)
def test_what_has_to_be_written_is_missed_at_its_object(
    service: Service, path: str, body: dict[str, Any], at: str, kind: str, missing: str
) -> None:
    message = (
        f"JSON deserialization for type '{kind}' was missing required properties including:"
        f" {missing}."
    )
    assert service.errors(path, body) == {at: [message]} | COMPANION


@pytest.mark.parametrize(
    ("path", "body", "at", "kind"),
    [
        (
            SMS,
            instant_sms(to={"timeToLiveInSeconds": "soon"}),
            "$.recipientSms.timeToLiveInSeconds",
            "Int32",
        ),
        (
            SMS,
            instant_sms(to={"timeToLiveInSeconds": None}),
            "$.recipientSms.timeToLiveInSeconds",
            "Int32",
        ),
        (
            SMS,
            instant_sms(to={"timeToLiveInSeconds": 300.5}),
            "$.recipientSms.timeToLiveInSeconds",
            "Int32",
        ),
        (OLD, instant(idempotencyId=17), "$.idempotencyId", "String"),
        (
            EMAIL,
            instant_email(to=email_settings(contentType="Markdown")),
            "$.recipientEmail.emailSettings.contentType",
            "EmailContentTypeExt",
        ),
    ],
)
def test_a_value_of_a_wrong_type_is_named_by_its_path(
    service: Service, path: str, body: dict[str, Any], at: str, kind: str
) -> None:
    message = f"The JSON value could not be converted to {kind}. Path: {at}."
    assert service.errors(path, body) == {at: [message]} | COMPANION


# --- Required members ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "body", "keys"),
    [
        (
            SMS,
            {"idempotencyId": " ", "recipientSms": None},
            ["IdempotencyId", "RecipientSms"],
        ),
        (
            SMS,
            instant_sms(to={"phoneNumber": "", "timeToLiveInSeconds": 1, "smsSettings": None}),
            ["RecipientSms.PhoneNumber", "RecipientSms.ShortMessageContent"],
        ),
        (
            SMS,
            instant_sms(to={"smsSettings": {"body": "\u200b"}}),
            ["RecipientSms.ShortMessageContent.Body"],
        ),
        (OLD, instant(recipient=None), ["InstantNotificationRecipient"]),
        (
            OLD,
            instant(recipient={"recipientSms": None}),
            ["InstantNotificationRecipient.ShortMessageDeliveryDetails"],
        ),
        (EMAIL, instant_email(recipientEmail=None), ["InstantEmailDetails"]),
        (
            EMAIL,
            instant_email(to={"emailAddress": None, "emailSettings": None}),
            ["InstantEmailDetails.EmailAddress", "InstantEmailDetails.EmailSettings"],
        ),
        (
            EMAIL,
            instant_email(to=email_settings(subject=" ", body="")),
            [
                "InstantEmailDetails.EmailSettings.Subject",
                "InstantEmailDetails.EmailSettings.Body",
            ],
        ),
    ],
)
def test_required_members_are_reported_together(
    service: Service, path: str, body: dict[str, Any], keys: list[str]
) -> None:
    assert service.errors(path, body) == {key: required(key) for key in keys}


# --- Rules -----------------------------------------------------------------------------------


@each_sms
def test_each_broken_rule_is_reported_at_its_place(service: Service, path: str) -> None:
    bad = INSTANT[path](
        to={
            "phoneNumber": "+4712345678",
            "timeToLiveInSeconds": 59,
            "smsSettings": {"sender": "A&B", "body": "x" * 2_145},
        }
    )
    at = AT[path]
    assert service.errors(path, bad) == {
        f"{at}.PhoneNumber": ["Recipient phone number is not a valid mobile number."],
        f"{at}.TimeToLiveInSeconds": [
            "Time-to-live must be between 60 and 172800 seconds (48 hours)."
        ],
        f"{at}.ShortMessageContent.Body": [
            "The SMS is 2145 characters long in GSM-7 and would be sent in 17 parts; at most 16"
            " parts are allowed."
        ],
        f"{at}.ShortMessageContent.Sender": [
            "The sender must be a number of at most 15 digits, or a name of letters, digits and"
            " spaces."
        ],
    }


def test_each_broken_rule_of_an_email_is_reported_at_its_place(service: Service) -> None:
    bad = instant_email(
        to={"emailAddress": "kari@"} | email_settings(senderEmailAddress="", contentType=7)
    )
    at = "InstantEmailDetails"
    assert service.errors(EMAIL, bad) == {
        f"{at}.EmailAddress": ["Invalid email address format."],
        f"{at}.EmailSettings.SenderEmailAddress": ["Invalid email address format."],
        f"{at}.EmailSettings.ContentType": ["Email content type must be either Plain or HTML."],
    }


@pytest.mark.parametrize("seconds", [60, "300", 172_800])
def test_limits_are_inside(service: Service, registers: Simulators, seconds: object) -> None:
    assert service.post(SMS, instant_sms(to={"timeToLiveInSeconds": seconds})).status == 201
    assert service.errors(SMS, instant_sms(to={"timeToLiveInSeconds": 172_801}))


def test_a_sender_that_phones_would_shorten_may_be_refused(
    service: Service, registers: Simulators
) -> None:
    request = instant_sms(to={"smsSettings": {"sender": "Skatteetaten Oslo", "body": "1234"}})
    strict = service.headers | {"Prefer": "handling=strict"}
    assert service.post(SMS, request, headers=strict).status == 400
    assert service.post(SMS, request).status == 201


@each
def test_what_only_other_orders_have_is_ignored(
    service: Service, registers: Simulators, path: str, make: MakeRequest
) -> None:
    others = {
        "requestedSendTime": "yesterday",
        "conditionEndpoint": 17,
        "dialogportenAssociation": [],
        "reminders": [{}],
        "resourceId": None,
        "sendingTimePolicy": "never",
    }
    assert service.post(path, make(**others)).status == 201


@each
def test_names_count_in_any_letter_case(
    service: Service, registers: Simulators, path: str, make: MakeRequest
) -> None:
    assert service.post(path, _in_upper_case(make())).status == 201


def _in_upper_case(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {name.upper(): _in_upper_case(inner) for name, inner in value.items()}


def test_texts_are_sent_as_they_are_written(service: Service, registers: Simulators) -> None:
    settings = email_settings(subject="A\r\ncode", body="$recipientName$", contentType=1)
    assert service.post(EMAIL, instant_email(to=settings)).status == 201
    [message] = registers.messages()
    assert message["subject"] == "A code"
    assert message["text"].strip() == "$recipientName$"


@each
@pytest.mark.parametrize("member", ["idempotencyId", "sendersReference"])
def test_a_reference_has_2000_bytes_at_most_and_no_null_character(
    service: Service, path: str, make: MakeRequest, member: str
) -> None:
    key = member[0].upper() + member[1:]
    assert list(service.errors(path, make(**{member: "x" * 2_001}))) == [key]
    assert list(service.errors(path, make(**{member: "x\0"}))) == [key]
