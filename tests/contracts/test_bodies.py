"""How bodies are read: JSON's rules, types, and the three stages that are never mixed."""

import json
from typing import Any

import pytest
from django.conf import LazySettings

from orders.models import Order
from recipients.models import Recipient
from tests.contracts.conftest import Api, is_empty
from tests.contracts.requests import LEFT_OUT, PATHS, email, order, request_for, sms

BODY_NAMES = {
    "/orders": "notificationOrderRequest",
    "/orders/email": "emailNotificationOrderRequest",
    "/orders/sms": "smsNotificationOrderRequest",
}


def companion(path: str) -> dict[str, list[str]]:
    name = BODY_NAMES[path]
    return {name: [f"The {name} field is required."]}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("body", [b"", b" \r\n", b"null", b"\xef\xbb\xbf", b"\xef\xbb\xbf null"])
def test_a_body_is_needed(api: Api, path: str, body: bytes) -> None:
    expected = {"": ["A non-empty request body is required."]} | companion(path)
    assert api.errors(path, body) == expected


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"{'body': 'x'}",
        b'{"body": "x",}',
        b'{"body": "x"} // comment',
        b'{"body": "x"} {}',
        b'{"body": NaN}',
        b'{"body": undefined}',
        b'{"body": "\xff"}',
        b'{"body": "\\ud800"}',
        b'{"body": "a\nb"}',
        b'{"b": ' + b"[" * 32 + b"]" * 32 + b"}",
        b"[" * 100_000,
        b'{"body": "x"',
        '{"body": "æ"}'.encode("utf-16"),
        '{"body": "æ"}'.encode("latin-1"),
    ],
)
def test_what_is_not_json_is_refused_as_a_whole(api: Api, path: str, body: bytes) -> None:
    errors = api.errors(path, body)
    assert list(errors) == ["$", BODY_NAMES[path]]
    assert "Path: $" in errors["$"][0]


def test_where_the_json_breaks_is_said(api: Api) -> None:
    errors = api.errors("/orders/sms", b'{\n  "body": x\n}')
    assert errors["$"][0].endswith("Path: $ | LineNumber: 1 | BytePositionInLine: 10.")


def test_thirty_two_levels_are_not_too_deep(api: Api) -> None:
    body = b'{"recipients": [], "body": "x", "b": ' + b"[" * 31 + b"]" * 31 + b"}"
    assert list(api.errors("/orders/sms", body)) == ["Recipients"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("body", [[], "x", 1, True])
def test_a_body_is_an_object(api: Api, path: str, body: Any) -> None:
    errors = api.errors(path, body)
    name = {"/orders": "Notification", "/orders/email": "EmailNotification"}.get(
        path, "SmsNotification"
    )
    text = f"The JSON value could not be converted to {name}OrderRequestExt. Path: $."
    assert errors == {"$": [text]} | companion(path)


COMMON = [
    ("sendersReference", 1, "String"),
    ("sendersReference", True, "String"),
    ("conditionEndpoint", {}, "String"),
    ("resourceId", ["x"], "String"),
    ("resourceAction", 1.5, "String"),
    ("ignoreReservation", "true", "Boolean"),
    ("ignoreReservation", 1, "Boolean"),
    ("recipients", {}, "List"),
    ("recipients", "x", "List"),
]


@pytest.mark.parametrize(
    ("path", "name", "value", "type_name"),
    [(path, *row) for path in PATHS for row in COMMON]
    + [
        ("/orders/sms", "body", 1, "String"),
        ("/orders/sms", "senderNumber", 4799999999, "String"),
        ("/orders/email", "subject", [], "String"),
        ("/orders/email", "contentType", "Rtf", "EmailContentTypeExt"),
        ("/orders/email", "contentType", 2, "EmailContentTypeExt"),
        ("/orders/email", "contentType", "2", "EmailContentTypeExt"),
        ("/orders/email", "contentType", True, "EmailContentTypeExt"),
        ("/orders", "notificationChannel", "Fax", "NotificationChannelExt"),
        ("/orders", "notificationChannel", "", "NotificationChannelExt"),
        ("/orders", "notificationChannel", False, "NotificationChannelExt"),
        ("/orders", "notificationChannel", 1.0, "NotificationChannelExt"),
        ("/orders", "notificationChannel", "9" * 5000, "NotificationChannelExt"),
        ("/orders", "emailTemplate", "x", "EmailTemplateExt"),
        ("/orders", "smsTemplate", [], "SmsTemplateExt"),
    ],
)
def test_a_value_of_the_wrong_type_is_named_by_its_path(
    api: Api, path: str, name: str, value: Any, type_name: str
) -> None:
    text = f"The JSON value could not be converted to {type_name}. Path: $.{name}."
    errors = api.errors(path, request_for(path, **{name: value}))
    assert errors == {f"$.{name}": [text]} | companion(path)


@pytest.mark.parametrize(
    ("request_", "where"),
    [
        (order(emailTemplate={"subject": 1}), "$.emailTemplate.subject"),
        (order(emailTemplate={"contentType": None}), "$.emailTemplate.contentType"),
        (order(emailTemplate={"content-type": 7}), "$.emailTemplate.contentType"),
        (order(smsTemplate={"body": {}}), "$.smsTemplate.body"),
        (order(recipients=[{}, {"emailAddress": 1}]), "$.recipients[1].emailAddress"),
        (order(recipients=[{"isReserved": "no"}]), "$.recipients[0].isReserved"),
        (order(recipients=["kari@example.com"]), "$.recipients[0]"),
    ],
)
def test_the_path_leads_into_objects_and_lists(
    api: Api, request_: dict[str, Any], where: str
) -> None:
    assert list(api.errors("/orders", request_)) == [where, BODY_NAMES["/orders"]]


def test_only_the_first_wrong_type_of_the_document_is_reported(api: Api) -> None:
    body = b'{"resourceId": 1, "recipients": 2, "body": 3}'
    assert next(iter(api.errors("/orders/sms", body))) == "$.resourceId"
    body = b'{"body": 3, "resourceId": 1, "recipients": 2}'
    assert next(iter(api.errors("/orders/sms", body))) == "$.body"


def test_the_stages_are_not_mixed(api: Api) -> None:
    wrong: dict[str, Any] = {"resourceAction": "read", "conditionEndpoint": "x"}
    wrong_and_lacking = wrong | {"recipients": None, "emailTemplate": {"body": None}}
    wrong_lacking_and_mistyped = wrong_and_lacking | {"ignoreReservation": "x"}
    assert list(api.errors("/orders", wrong_lacking_and_mistyped)) == [
        "$.ignoreReservation",
        "notificationOrderRequest",
    ]
    assert sorted(api.errors("/orders", wrong_and_lacking)) == ["EmailTemplate.Body", "Recipients"]
    assert sorted(api.errors("/orders", wrong)) == [
        "ConditionEndpoint",
        "NotificationChannel",
        "ResourceAction",
    ]


@pytest.mark.parametrize("path", PATHS)
def test_null_is_no_list_of_recipients(api: Api, path: str) -> None:
    errors = api.errors(path, request_for(path, recipients=None))
    assert errors == {"Recipients": ["The Recipients field is required."]}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("recipients", [LEFT_OUT, []])
def test_at_least_one_recipient_is_needed(api: Api, path: str, recipients: Any) -> None:
    errors = api.errors(path, request_for(path, recipients=recipients))
    assert errors == {"Recipients": ["One or more recipient is required."]}


@pytest.mark.parametrize("empty", [LEFT_OUT, None, "", " \t"])
def test_the_texts_of_the_short_forms_are_required(api: Api, empty: Any) -> None:
    body, subject = ["'Body' must not be empty."], ["'Subject' must not be empty."]
    assert api.errors("/orders/sms", sms(body=empty)) == {"Body": body}
    errors = api.errors("/orders/email", email(body=empty, subject=empty))
    assert errors == {"Body": body, "Subject": subject}


@pytest.mark.parametrize(
    ("template", "key", "text"),
    [
        ({"emailTemplate": {"fromAddress": None}}, "EmailTemplate.FromAddress", "FromAddress"),
        ({"emailTemplate": {"subject": None}}, "EmailTemplate.Subject", "Subject"),
        ({"emailTemplate": {"body": None}}, "EmailTemplate.Body", "Body"),
        ({"smsTemplate": {"senderNumber": None}}, "SmsTemplate.SenderNumber", "SenderNumber"),
        ({"smsTemplate": {"body": None}}, "SmsTemplate.Body", "Body"),
    ],
)
def test_null_is_no_text_of_a_template(
    api: Api, template: dict[str, Any], key: str, text: str
) -> None:
    assert api.errors("/orders", order(**template)) == {key: [f"The {text} field is required."]}


@pytest.mark.parametrize("channel", [LEFT_OUT, None, 5, "7", -1])
def test_a_channel_must_be_chosen(api: Api, channel: Any) -> None:
    nothing_else: dict[str, Any] = {"recipients": [], "emailTemplate": None, "smsTemplate": None}
    errors = api.errors("/orders", order(notificationChannel=channel, **nothing_else))
    assert errors == {"NotificationChannel": ["A notification channel must be defined."]}


NO_EMAIL = {
    "EmailTemplate": ["An email template is required for the selected notification channel."]
}
NO_SMS = {"SmsTemplate": ["An SMS template is required for the selected the notification channel."]}


@pytest.mark.parametrize("absent", [LEFT_OUT, None])
@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        ("Email", NO_EMAIL),
        ("Sms", NO_SMS),
        ("EmailPreferred", NO_EMAIL | NO_SMS),
        ("SmsPreferred", NO_EMAIL | NO_SMS),
        ("EmailAndSms", NO_EMAIL | NO_SMS),
    ],
)
def test_a_channel_needs_its_templates(
    api: Api, channel: str, expected: dict[str, list[str]], absent: Any
) -> None:
    request = order(notificationChannel=channel, emailTemplate=absent, smsTemplate=absent)
    assert api.errors("/orders", request) == expected


@pytest.mark.parametrize("channel", [LEFT_OUT, "Email", "Sms", "EmailPreferred"])
@pytest.mark.parametrize("empty", [LEFT_OUT, "", " "])
def test_a_template_says_something_even_where_it_is_not_needed(
    api: Api, channel: Any, empty: Any
) -> None:
    template = {} if empty is LEFT_OUT else {"subject": empty, "body": empty}
    errors = api.errors(
        "/orders", order(notificationChannel=channel, emailTemplate=template, smsTemplate=template)
    )
    errors.pop("NotificationChannel", None)
    assert errors == {
        "EmailTemplate.Body": ["The email template body must not be empty."],
        "EmailTemplate.Subject": ["The email template subject must not be empty."],
        "SmsTemplate.Body": ["The SMS template body must not be empty."],
    }


def test_every_broken_rule_is_reported_at_once(api: Api) -> None:
    errors = api.errors(
        "/orders",
        order(
            requestedSendTime="2020-01-01T00:00:00",
            conditionEndpoint="x",
            resourceAction="read",
            emailTemplate={"subject": "", "body": "b"},
            smsTemplate=None,
            recipients=[{"mobileNumber": "1"}, {"emailAddress": "x"}],
        ),
    )
    assert sorted(errors) == [
        "ConditionEndpoint",
        "EmailTemplate.Subject",
        "Recipients[0].MobileNumber",
        "Recipients[1].EmailAddress",
        "RequestedSendTime",
        "ResourceAction",
        "SmsTemplate",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("channel", ["emailandsms", "EMAILANDSMS", "EmailAndSms", 4, "4"])
def test_a_channel_is_its_name_in_any_case_or_its_number(api: Api, channel: Any) -> None:
    assert api.post("/orders", order(notificationChannel=channel)).status_code == 202
    assert Order.objects.get().channel == "EmailAndSms"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("property_", "value", "stored"),
    [
        ("contentType", "html", "Html"),
        ("contentType", 1, "Html"),
        ("contentType", "0", "Plain"),
        ("content-type", "Html", "Html"),
        ("Content-Type", "HTML", "Html"),
    ],
)
def test_a_content_type_is_read_under_either_name(
    api: Api, property_: str, value: Any, stored: str
) -> None:
    template = {"subject": "s", "body": "b", property_: value}
    assert api.post("/orders", order(emailTemplate=template)).status_code == 202
    assert api.post("/orders/email", email(**template)).status_code == 202
    assert set(Order.objects.values_list("email_content_type", flat=True)) == {stored}


@pytest.mark.django_db
def test_no_content_type_means_plain_text(api: Api) -> None:
    assert api.post("/orders/email", email(contentType=None)).status_code == 202
    assert api.post("/orders", order()).status_code == 202
    assert set(Order.objects.values_list("email_content_type", flat=True)) == {"Plain"}


@pytest.mark.django_db
def test_names_count_in_any_case_the_last_of_equal_ones_and_unknown_ones_not(api: Api) -> None:
    body = b"""\xef\xbb\xbf{
        "BODY": 1, "bodY": null, "Body": "the last", "unknown": [1, {"x": null}],
        "Recipients": [{
            "mobilenumber": "+4799999998", "MobileNumber": "+4799999999", "emailADDRESS": null,
            "isreserved": true, "name": 1
        }]
    }"""
    assert api.post("/orders/sms", body).status_code == 202
    assert Order.objects.get().sms_body == "the last"
    assert Recipient.objects.get().mobile_number == "+4799999999"


@pytest.mark.django_db
def test_whatever_may_be_null_may_be_null(api: Api) -> None:
    names = ("sendersReference", "conditionEndpoint", "ignoreReservation", "resourceId")
    nulls = dict.fromkeys((*names, "resourceAction"))
    assert api.post("/orders/sms", sms(**nulls, senderNumber=None)).status_code == 202
    assert api.post("/orders/email", email(**nulls, contentType=None)).status_code == 202
    assert api.post("/orders", order(**nulls)).status_code == 202


@pytest.mark.parametrize(
    ("path", "request_", "key"),
    [
        ("/orders/sms", sms(body="a\0b"), "Body"),
        ("/orders/sms", sms(senderNumber="\0"), "SenderNumber"),
        ("/orders/email", email(subject="a\0"), "Subject"),
        ("/orders/email", email(sendersReference="\0"), "SendersReference"),
        ("/orders", order(resourceId="\0"), "ResourceId"),
        ("/orders", order(resourceId="x", resourceAction="\0"), "ResourceAction"),
        ("/orders", order(emailTemplate={"subject": "s", "body": "\0"}), "EmailTemplate.Body"),
        (
            "/orders",
            order(smsTemplate={"body": "b", "senderNumber": "\0"}),
            "SmsTemplate.SenderNumber",
        ),
    ],
)
def test_a_null_character_cannot_be_stored(
    api: Api, path: str, request_: dict[str, Any], key: str
) -> None:
    assert list(api.errors(path, request_)) == [key]


@pytest.mark.parametrize(
    ("path", "name", "key", "most"),
    [
        ("/orders/email", "body", "Body", 65_536),
        ("/orders/email", "subject", "Subject", 65_536),
        ("/orders/sms", "senderNumber", "SenderNumber", 65_536),
        ("/orders/sms", "resourceId", "ResourceId", 65_536),
        ("/orders", "sendersReference", "SendersReference", 2_000),
    ],
)
def test_a_text_has_a_greatest_length_in_bytes(
    api: Api, path: str, name: str, key: str, most: int
) -> None:
    fits = "æ" * (most // 2)
    request = request_for(path, **{name: fits + "x"})
    expected = f"The text is {most + 1} bytes long; at most {most} are allowed."
    assert api.errors(path, request) == {key: [expected]}
    request = request_for(path, **{name: fits}, recipients=[])
    assert list(api.errors(path, request)) == ["Recipients"]


@pytest.mark.parametrize(
    ("text", "units", "encoding", "parts"),
    [
        ("x" * 2145, 2145, "GSM-7", 17),
        ("€" * 1073, 2146, "GSM-7", 17),
        ("ж" * 1073, 1073, "UCS-2", 17),
        ("\U0001f600" * 537, 1074, "UCS-2", 17),
    ],
)
def test_an_sms_has_sixteen_parts_at_most(
    api: Api, text: str, units: int, encoding: str, parts: int
) -> None:
    message = (
        f"The SMS is {units} characters long in {encoding} and would be sent in {parts} parts; at"
        " most 16 parts are allowed."
    )
    assert api.errors("/orders/sms", sms(body=text)) == {"Body": [message]}
    request = order(notificationChannel="Email", smsTemplate={"body": text})
    assert api.errors("/orders", request) == {"SmsTemplate.Body": [message]}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text", ["x" * 2144, "ж" * 1072, "\u202e\u05e9\u05dc\u05d5\u05dd \U0001f600"]
)
def test_an_sms_of_sixteen_parts_in_any_script_is_taken(api: Api, text: str) -> None:
    assert api.post("/orders/sms", sms(body=text)).status_code == 202
    assert Order.objects.get().sms_body == text


def test_an_order_has_a_greatest_number_of_recipients(api: Api, settings: LazySettings) -> None:
    settings.MAX_RECIPIENTS = 3
    errors = api.errors("/orders/sms", sms(recipients=[{}] * 4))
    assert errors == {"Recipients": ["The order has 4 recipients; at most 3 are allowed."]}
    assert len(api.errors("/orders/sms", sms(recipients=[{}] * 3))) == 3


def test_a_body_has_a_greatest_size(api: Api, settings: LazySettings) -> None:
    body = json.dumps(sms(recipients=[])).encode()
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = len(body)
    assert api.post("/orders/sms", body).status_code == 400
    response = api.post("/orders/sms", body + b" ")
    assert response.status_code == 413
    problem = response.json()
    assert problem.pop("traceId")
    assert problem == {
        "type": "https://tools.ietf.org/html/rfc9110#section-15.5.14",
        "title": "Content Too Large",
        "status": 413,
        "detail": f"The body may be {len(body)} bytes long.",
    }


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "content_type",
    [
        "text/json",
        "application/problem+json",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "garbage",
    ],
)
def test_another_content_type_is_refused(api: Api, path: str, content_type: str) -> None:
    for body in (b"{}", b""):
        response = api.post(path, body, content_type=content_type)
        assert response.status_code == 415
        assert is_empty(response)


@pytest.mark.parametrize("path", PATHS)
def test_a_missing_content_type_is_refused_in_words(api: Api, path: str) -> None:
    for body in (b"{}", b""):
        response = api.post(path, body, content_type="")
        assert response.status_code == 415
        problem = response.json()
        assert problem.pop("traceId")
        assert problem == {
            "type": "https://tools.ietf.org/html/rfc9110#section-15.5.16",
            "title": "Unsupported Media Type",
            "status": 415,
        }


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "Application/JSON;charset=UTF-8;x=y"]
)
def test_the_content_type_may_have_parameters(api: Api, content_type: str) -> None:
    response = api.post("/orders/sms", b"{}", content_type=content_type)
    assert response.status_code == 400


@pytest.mark.parametrize("accept", ["application/xml", "text/html", "garbage", "*/*;q=0"])
def test_the_answer_is_json_whatever_is_asked_for(api: Api, accept: str) -> None:
    response = api.post("/orders/sms", {}, headers=api.headers | {"Accept": accept})
    assert response.status_code == 400
    assert response["Content-Type"] == "application/json; charset=utf-8"


def test_an_error_reads_as_in_the_documentation(api: Api) -> None:
    response = api.post("/orders", order(notificationChannel=None))
    problem = response.json()
    trace_id = problem.pop("traceId")
    assert len(trace_id) == 55
    assert problem == {
        "type": "https://tools.ietf.org/html/rfc9110#section-15.5.1",
        "title": "One or more validation errors occurred.",
        "status": 400,
        "errors": {"NotificationChannel": ["A notification channel must be defined."]},
    }
