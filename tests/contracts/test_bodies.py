"""How bodies are read: JSON's rules, types, and the three stages that are never mixed."""

from typing import Any

import pytest

from tests.contracts.requests import LEFT_OUT, PATHS, email, order, request_for, sms
from tests.contracts.service import Service, is_empty

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
def test_a_body_is_needed(service: Service, path: str, body: bytes) -> None:
    expected = {"": ["A non-empty request body is required."]} | companion(path)
    assert service.errors(path, body) == expected


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
def test_what_is_not_json_is_refused_as_a_whole(service: Service, path: str, body: bytes) -> None:
    errors = service.errors(path, body)
    assert list(errors) == ["$", BODY_NAMES[path]]
    assert "Path: $" in errors["$"][0]


def test_where_the_json_breaks_is_said(service: Service) -> None:
    errors = service.errors("/orders/sms", b'{\n  "body": x\n}')
    assert errors["$"][0].endswith("Path: $ | LineNumber: 1 | BytePositionInLine: 10.")


def test_thirty_two_levels_are_not_too_deep(service: Service) -> None:
    body = b'{"recipients": [], "body": "x", "b": ' + b"[" * 31 + b"]" * 31 + b"}"
    assert list(service.errors("/orders/sms", body)) == ["Recipients"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("body", [[], "x", 1, True])
def test_a_body_is_an_object(service: Service, path: str, body: Any) -> None:
    errors = service.errors(path, body)
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
    service: Service, path: str, name: str, value: Any, type_name: str
) -> None:
    text = f"The JSON value could not be converted to {type_name}. Path: $.{name}."
    errors = service.errors(path, request_for(path, **{name: value}))
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
    service: Service, request_: dict[str, Any], where: str
) -> None:
    assert list(service.errors("/orders", request_)) == [where, BODY_NAMES["/orders"]]


def test_only_the_first_wrong_type_of_the_document_is_reported(service: Service) -> None:
    body = b'{"resourceId": 1, "recipients": 2, "body": 3}'
    assert next(iter(service.errors("/orders/sms", body))) == "$.resourceId"
    body = b'{"body": 3, "resourceId": 1, "recipients": 2}'
    assert next(iter(service.errors("/orders/sms", body))) == "$.body"


def test_the_stages_are_not_mixed(service: Service) -> None:
    wrong: dict[str, Any] = {"resourceAction": "read", "conditionEndpoint": "x"}
    wrong_and_lacking = wrong | {"recipients": None, "emailTemplate": {"body": None}}
    wrong_lacking_and_mistyped = wrong_and_lacking | {"ignoreReservation": "x"}
    assert list(service.errors("/orders", wrong_lacking_and_mistyped)) == [
        "$.ignoreReservation",
        "notificationOrderRequest",
    ]
    assert sorted(service.errors("/orders", wrong_and_lacking)) == [
        "EmailTemplate.Body",
        "Recipients",
    ]
    assert sorted(service.errors("/orders", wrong)) == [
        "ConditionEndpoint",
        "NotificationChannel",
        "ResourceAction",
    ]


@pytest.mark.parametrize("path", PATHS)
def test_null_is_no_list_of_recipients(service: Service, path: str) -> None:
    errors = service.errors(path, request_for(path, recipients=None))
    assert errors == {"Recipients": ["The Recipients field is required."]}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("recipients", [LEFT_OUT, []])
def test_at_least_one_recipient_is_needed(service: Service, path: str, recipients: Any) -> None:
    errors = service.errors(path, request_for(path, recipients=recipients))
    assert errors == {"Recipients": ["One or more recipient is required."]}


@pytest.mark.parametrize("empty", [LEFT_OUT, None, "", " \t"])
def test_the_texts_of_the_short_forms_are_required(service: Service, empty: Any) -> None:
    body, subject = ["'Body' must not be empty."], ["'Subject' must not be empty."]
    assert service.errors("/orders/sms", sms(body=empty)) == {"Body": body}
    errors = service.errors("/orders/email", email(body=empty, subject=empty))
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
    service: Service, template: dict[str, Any], key: str, text: str
) -> None:
    assert service.errors("/orders", order(**template)) == {key: [f"The {text} field is required."]}


@pytest.mark.parametrize("channel", [LEFT_OUT, None, 5, "7", -1])
def test_a_channel_must_be_chosen(service: Service, channel: Any) -> None:
    nothing_else: dict[str, Any] = {"recipients": [], "emailTemplate": None, "smsTemplate": None}
    errors = service.errors("/orders", order(notificationChannel=channel, **nothing_else))
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
    service: Service, channel: str, expected: dict[str, list[str]], absent: Any
) -> None:
    request = order(notificationChannel=channel, emailTemplate=absent, smsTemplate=absent)
    assert service.errors("/orders", request) == expected


@pytest.mark.parametrize("channel", [LEFT_OUT, "Email", "Sms", "EmailPreferred"])
@pytest.mark.parametrize("empty", [LEFT_OUT, "", " "])
def test_a_template_says_something_even_where_it_is_not_needed(
    service: Service, channel: Any, empty: Any
) -> None:
    template = {} if empty is LEFT_OUT else {"subject": empty, "body": empty}
    errors = service.errors(
        "/orders", order(notificationChannel=channel, emailTemplate=template, smsTemplate=template)
    )
    errors.pop("NotificationChannel", None)
    assert errors == {
        "EmailTemplate.Body": ["The email template body must not be empty."],
        "EmailTemplate.Subject": ["The email template subject must not be empty."],
        "SmsTemplate.Body": ["The SMS template body must not be empty."],
    }


def test_every_broken_rule_is_reported_at_once(service: Service) -> None:
    errors = service.errors(
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


@pytest.mark.parametrize(
    ("number", "name"),
    list(enumerate(["Email", "Sms", "EmailPreferred", "SmsPreferred", "EmailAndSms"])),
)
def test_a_channel_is_its_name_in_any_case_or_its_number(
    service: Service, number: int, name: str
) -> None:
    for channel in (name, name.lower(), name.upper(), number, str(number)):
        placed = service.place("/orders", order(notificationChannel=channel))
        assert placed["notificationChannel"] == name


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
    service: Service, property_: str, value: Any, stored: str
) -> None:
    template = {"subject": "s", "body": "b", property_: value}
    placed = service.place("/orders", order(emailTemplate=template))
    assert placed["emailTemplate"]["contentType"] == stored
    placed = service.place("/orders/email", email(**template))
    assert placed["emailTemplate"]["contentType"] == stored


def test_no_content_type_means_plain_text(service: Service) -> None:
    placed = service.place("/orders/email", email(contentType=None))
    assert placed["emailTemplate"]["contentType"] == "Plain"
    placed = service.place("/orders", order())
    assert placed["emailTemplate"]["contentType"] == "Plain"


def test_names_count_in_any_case_the_last_of_equal_ones_and_unknown_ones_not(
    service: Service,
) -> None:
    body = b"""\xef\xbb\xbf{
        "BODY": 1, "bodY": null, "Body": "the last", "unknown": [1, {"x": null}],
        "Recipients": [{
            "mobilenumber": "+4799999998", "MobileNumber": "+4799999999", "emailADDRESS": null,
            "isreserved": true, "name": 1
        }]
    }"""
    placed = service.place("/orders/sms", body)
    assert placed["smsTemplate"]["body"] == "the last"
    assert placed["recipients"] == [{"mobileNumber": "+4799999999"}]


def test_whatever_may_be_null_may_be_null(service: Service) -> None:
    names = ("sendersReference", "conditionEndpoint", "ignoreReservation", "resourceId")
    nulls = dict.fromkeys((*names, "resourceAction"))
    assert service.post("/orders/sms", sms(**nulls, senderNumber=None)).status == 202
    assert service.post("/orders/email", email(**nulls, contentType=None)).status == 202
    assert service.post("/orders", order(**nulls)).status == 202


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
    service: Service, path: str, request_: dict[str, Any], key: str
) -> None:
    assert list(service.errors(path, request_)) == [key]


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
    service: Service, path: str, name: str, key: str, most: int
) -> None:
    fits = "æ" * (most // 2)
    request = request_for(path, **{name: fits + "x"})
    expected = f"The text is {most + 1} bytes long; at most {most} are allowed."
    assert service.errors(path, request) == {key: [expected]}
    request = request_for(path, **{name: fits}, recipients=[])
    assert list(service.errors(path, request)) == ["Recipients"]


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
    service: Service, text: str, units: int, encoding: str, parts: int
) -> None:
    message = (
        f"The SMS is {units} characters long in {encoding} and would be sent in {parts} parts; at"
        " most 16 parts are allowed."
    )
    assert service.errors("/orders/sms", sms(body=text)) == {"Body": [message]}
    request = order(notificationChannel="Email", smsTemplate={"body": text})
    assert service.errors("/orders", request) == {"SmsTemplate.Body": [message]}


@pytest.mark.parametrize(
    "text", ["x" * 2144, "ж" * 1072, "\u202e\u05e9\u05dc\u05d5\u05dd \U0001f600"]
)
def test_an_sms_of_sixteen_parts_in_any_script_is_taken(service: Service, text: str) -> None:
    assert service.place("/orders/sms", sms(body=text))["smsTemplate"]["body"] == text


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
def test_another_content_type_is_refused(service: Service, path: str, content_type: str) -> None:
    for body in (b"{}", b""):
        answer = service.post(path, body, content_type=content_type)
        assert answer.status == 415
        assert is_empty(answer)


@pytest.mark.parametrize("path", PATHS)
def test_a_missing_content_type_is_refused_in_words(service: Service, path: str) -> None:
    for body in (b"{}", b""):
        answer = service.post(path, body, content_type="")
        assert answer.status == 415
        problem = answer.json
        assert problem.pop("traceId")
        assert problem == {
            "type": "https://tools.ietf.org/html/rfc9110#section-15.5.16",
            "title": "Unsupported Media Type",
            "status": 415,
        }


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "Application/JSON;charset=UTF-8;x=y"]
)
def test_the_content_type_may_have_parameters(service: Service, content_type: str) -> None:
    answer = service.post("/orders/sms", b"{}", content_type=content_type)
    assert answer.status == 400


@pytest.mark.parametrize("accept", ["application/xml", "text/html", "garbage", "*/*;q=0"])
def test_the_answer_is_json_whatever_is_asked_for(service: Service, accept: str) -> None:
    answer = service.post("/orders/sms", {}, headers=service.headers | {"Accept": accept})
    assert answer.status == 400
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"


def test_an_error_reads_as_in_the_documentation(service: Service) -> None:
    answer = service.post("/orders", order(notificationChannel=None))
    problem = answer.json
    trace_id = problem.pop("traceId")
    assert len(trace_id) == 55
    assert problem == {
        "type": "https://tools.ietf.org/html/rfc9110#section-15.5.1",
        "title": "One or more validation errors occurred.",
        "status": 400,
        "errors": {"NotificationChannel": ["A notification channel must be defined."]},
    }
