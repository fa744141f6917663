"""Which values are accepted besides recipients: endpoints, times, resources, senders, subjects."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from script.launcher.system.simulators import Simulators
from tests.contracts.requests import (
    LEFT_OUT,
    NEXT_YEAR,
    PATHS,
    by_sms,
    chain,
    email,
    instant_sms,
    order,
    request_for,
    sms,
)
from tests.contracts.service import Service

BAD_URL = {"ConditionEndpoint": ["The condition endpoint must be a valid URL."]}
NO_ZONE = "The requested send time value must have specified a time zone."
TOO_FAR = "Send time must be at most 1830 days ahead."
IN_THE_PAST = "Send time must be in the future. Leave blank to send immediately."


@pytest.mark.parametrize(
    "url",
    [
        "https://example.no",
        "http://example.com",
        "https://vg.no/path?x=1",
        "https://example.no:8443/x",
        "https://user:pw@example.no",
        "HTTPS://EXAMPLE.NO/a%20b",
        # This installation makes an exception for this host.
        "http://127.0.0.1:8100/condition/true",
    ],
)
def test_a_condition_endpoint_is_taken_and_kept_as_written(service: Service, url: str) -> None:
    placed = service.place("/orders/sms", sms(conditionEndpoint=url))
    assert placed["conditionEndpoint"] == url


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "url",
    [
        "http://localhost",
        "http://localhost:5090/x",
        "http://127.0.0.2",
        "http://[::1]/",
        "http://example",
        "https://foobar",
        "ftp://example.com",
        "urn:altinn.test",
        "urn:isbn:0-321-76572-0",
        "http://invalid-url",
        "api/endpoint",
        "",
        "//example.no/x",
        "https://eksempel.nø",
        "https://example.no/a b",
        "https://exa\tmple.no",
        " https://example.no",
        "https://example.no\\@evil.no",
        "https://example..no/",
        "https://-example.no/",
        f"https://{'a' * 64}.no/",
        f"https://{'a.' * 126}no/",
    ],
)
def test_a_bad_condition_endpoint_is_refused(service: Service, path: str, url: str) -> None:
    assert service.errors(path, request_for(path, conditionEndpoint=url)) == BAD_URL


@pytest.mark.parametrize(
    "url",
    ["http://", "https:///path", "http://example.no:99999", "https://example.no:0/", "http://["],
)
def test_what_is_no_url_at_all_is_of_the_wrong_type(service: Service, url: str) -> None:
    errors = service.errors("/orders/sms", sms(conditionEndpoint=url))
    assert list(errors) == ["$.conditionEndpoint", "smsNotificationOrderRequest"]
    assert "could not be converted to Uri" in errors["$.conditionEndpoint"][0]


def test_a_condition_endpoint_with_a_null_character_is_refused(service: Service) -> None:
    errors = service.errors("/orders/sms", sms(conditionEndpoint="https://example.no/\0"))
    assert list(errors) == ["ConditionEndpoint"]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (f"{NEXT_YEAR}-01-31T12:00:00Z", f"{NEXT_YEAR}-01-31T12:00:00Z"),
        (f"{NEXT_YEAR}-01-31T13:00:00+01:00", f"{NEXT_YEAR}-01-31T12:00:00Z"),
        (f"{NEXT_YEAR}-01-31T13:00+01", f"{NEXT_YEAR}-01-31T12:00:00Z"),
        (f"{NEXT_YEAR}-02-01T00:30:00+14:00", f"{NEXT_YEAR}-01-31T10:30:00Z"),
        (f"{NEXT_YEAR}-01-31T12:00:00.5Z", f"{NEXT_YEAR}-01-31T12:00:00.5Z"),
        (f"{NEXT_YEAR}-01-31T12:00:00.500Z", f"{NEXT_YEAR}-01-31T12:00:00.5Z"),
        (f"{NEXT_YEAR}-01-31T12:00:00.1234567890123456Z", f"{NEXT_YEAR}-01-31T12:00:00.123456Z"),
    ],
)
def test_a_send_time_is_a_moment_in_any_zone(service: Service, given: str, shown: str) -> None:
    placed = service.place("/orders/sms", sms(requestedSendTime=given))
    assert placed["requestedSendTime"] == shown


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "text",
    [
        "9999-12-31T23:59:59Z",
        "9999-12-31T23:59:59.9999999Z",
        "9999-12-31T23:59:59+14:00",
        "2999-01-31T12:00:00Z",
        "2199-12-31T00:00:00-14:00",
    ],
)
def test_case_01_a_send_time_beyond_what_can_be_planned_is_refused(
    service: Service, path: str, text: str
) -> None:
    errors = service.errors(path, request_for(path, requestedSendTime=text))
    assert errors == {"RequestedSendTime": [TOO_FAR]}


def test_a_send_time_may_be_five_years_ahead(service: Service) -> None:
    almost = datetime.now(UTC) + timedelta(days=1830, minutes=-1)
    service.place("/orders/sms", sms(requestedSendTime=almost.isoformat()))
    late = almost + timedelta(minutes=2)
    errors = service.errors("/orders/sms", sms(requestedSendTime=late.isoformat()))
    assert errors == {"RequestedSendTime": [TOO_FAR]}


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
    service: Service, path: str, minutes: int, zone: str, messages: list[str]
) -> None:
    moment = datetime.now(UTC) + timedelta(minutes=minutes)
    text = moment.replace(tzinfo=None).isoformat() + zone
    errors = service.errors(path, request_for(path, requestedSendTime=text))
    assert errors == {"RequestedSendTime": messages}


def test_four_minutes_ago_is_soon_enough(service: Service) -> None:
    text = (datetime.now(UTC) - timedelta(minutes=4)).isoformat()
    errors = service.errors("/orders/sms", sms(requestedSendTime=text, recipients=[]))
    assert list(errors) == ["Recipients"]


def test_a_date_alone_lacks_a_zone(service: Service) -> None:
    errors = service.errors("/orders/sms", sms(requestedSendTime=f"{NEXT_YEAR}-01-31"))
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
        "9999-12-31T23:59:59-14:00",
        "2025-01-31T12Z",
        "\uff12025-01-31T12:00:00Z",
        1738324800,
        True,
        None,
        [],
        {},
    ],
)
def test_what_is_no_date_and_time_is_of_the_wrong_type(service: Service, value: Any) -> None:
    errors = service.errors("/orders/email", email(requestedSendTime=value))
    assert errors == {
        "$.requestedSendTime": [
            "The JSON value could not be converted to DateTime. Path: $.requestedSendTime."
        ],
        "emailNotificationOrderRequest": ["The emailNotificationOrderRequest field is required."],
    }


@pytest.mark.parametrize("action", [LEFT_OUT, "read", "write"])
@pytest.mark.parametrize("resource", ["app_ttd_apps-test", "urn:altinn:resource:x", "anything"])
def test_a_resource_may_be_named_with_or_without_an_action(
    service: Service, resource: str, action: Any
) -> None:
    placed = service.place("/orders", order(resourceId=resource, resourceAction=action))
    assert placed["resourceId"] == resource
    assert placed.get("resourceAction", LEFT_OUT) == action


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
    service: Service, path: str, resource: str | None, action: str, message: str
) -> None:
    request = request_for(path, resourceId=resource, resourceAction=action)
    assert service.errors(path, request) == {"ResourceAction": [message]}


def test_an_empty_action_counts_as_absent(service: Service) -> None:
    request = sms(resourceId="urn:altinn:resource:x", resourceAction="")
    placed = service.place("/orders/sms", request)
    assert placed["resourceId"] == "urn:altinn:resource:x"
    assert "resourceAction" not in placed


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        (None, "Altinn"),
        ("", "Altinn"),
        ("1234 TE", "1234 TE"),
        ("Test sender", "Test sender"),
        ("(TEST) Instant SMS Test", "(TEST) Instant SMS Test"),
        ("+4740000000", "+4740000000"),
        ("   ", "   "),
    ],
)
def test_an_sms_is_from_whom_the_order_says_or_from_altinn(
    service: Service, given: str | None, stored: str
) -> None:
    placed = service.place("/orders/sms", sms(senderNumber=given))
    assert placed["smsTemplate"]["senderNumber"] == stored


SENDER_KEYS = {"/orders": "SmsTemplate.SenderNumber", "/orders/sms": "SenderNumber"}


def with_sender(path: str, sender: str) -> dict[str, Any]:
    if path == "/orders/sms":
        return sms(senderNumber=sender)
    return order(smsTemplate={"body": "b", "senderNumber": sender})


@pytest.mark.parametrize("path", SENDER_KEYS)
@pytest.mark.parametrize(
    "sender", ["1234567890123456", "\N{SLIGHTLY SMILING FACE}", "A&B", "\u200b"]
)
def test_case_21_a_sender_that_phones_cannot_show_is_refused(
    service: Service, path: str, sender: str
) -> None:
    errors = service.errors(path, with_sender(path, sender))
    assert errors == {
        SENDER_KEYS[path]: [
            "The sender must be a number of at most 15 digits, or a name of letters, digits and"
            " spaces."
        ]
    }


@pytest.mark.parametrize("path", SENDER_KEYS)
def test_case_21_a_sender_that_phones_show_shortened_is_refused_where_that_is_wanted(
    service: Service, path: str
) -> None:
    def prefer(what: str) -> dict[str, str]:
        return {**service.headers, "Prefer": what}

    request = with_sender(path, "Skatteetaten")
    assert service.post(path, request, headers=prefer("respond-async")).status == 202
    strict = prefer("respond-async, Handling=strict")
    refused = service.post(path, request, headers=strict)
    assert refused.json["errors"] == {
        SENDER_KEYS[path]: [
            "The sender has more than 11 characters; phones would show 'Skatteetate'."
        ]
    }
    assert service.post(path, with_sender(path, "Skatteetat"), headers=strict).status == 202


@pytest.mark.parametrize("path", SENDER_KEYS)
@pytest.mark.parametrize(
    ("body", "segments", "encoding"),
    [
        ("Hei", "1", "GSM-7"),
        ("Frist\u00a031.\u00a0mai \u2013 \u201dnå\u201d\u200b" + "a" * 141, "2", "GSM-7"),
        ("č" * 71, "2", "UCS-2"),
    ],
)
def test_case_26_the_answer_tells_the_parts_and_the_alphabet_of_an_sms(
    service: Service, path: str, body: str, segments: str, encoding: str
) -> None:
    request = sms(body=body) if path == "/orders/sms" else order(smsTemplate={"body": body})
    key = {**service.headers, "Idempotency-Key": str(uuid4())}
    for _ in ("first", "again"):
        answer = service.post(path, request, headers=key)
        assert answer.status == 202
        assert answer.headers["X-Sms-Segments"] == segments
        assert answer.headers["X-Sms-Encoding"] == encoding


def test_case_26_so_does_that_to_a_chain_or_a_password(
    service: Service, registers: Simulators
) -> None:
    settings = {"body": "\u010d" * 71}
    for path, request in (
        ("/future/orders", chain(recipient=by_sms(smsSettings=settings))),
        ("/future/orders/instant/sms", instant_sms(to={"smsSettings": settings})),
    ):
        first, again = service.post(path, request), service.post(path, request)
        assert (first.status, again.status) == (201, 200)
        assert (first.headers["X-Sms-Segments"], first.headers["X-Sms-Encoding"]) == ("2", "UCS-2")
        assert again.headers["X-Sms-Segments"] is None
    assert service.post("/future/orders", chain()).headers["X-Sms-Segments"] is None


def test_an_order_without_an_sms_has_no_parts(service: Service) -> None:
    assert service.post("/orders/email", email()).headers["X-Sms-Segments"] is None


@pytest.mark.parametrize("text", ["\u200b", "\u2060\ufe0f \t", "\u3164", "\u2800"])
def test_case_26_a_text_without_anything_to_see_is_empty(service: Service, text: str) -> None:
    assert list(service.errors("/orders/sms", sms(body=text))) == ["Body"]
    assert list(service.errors("/orders/email", email(body=text, subject=text))) == [
        "Subject",
        "Body",
    ]
    template = {"subject": text, "body": text}
    errors = service.errors("/orders", order(emailTemplate=template, smsTemplate={"body": text}))
    assert sorted(errors) == ["EmailTemplate.Body", "EmailTemplate.Subject", "SmsTemplate.Body"]


@pytest.mark.parametrize(
    ("template", "stored"),
    [
        ({}, "noreply@altinn.cloud"),
        ({"fromAddress": ""}, "noreply@altinn.cloud"),
        ({"fromAddress": "noreply@ttd.no"}, "noreply@ttd.no"),
        ({"fromAddress": "På nett <post@blåbær.no>"}, "På nett <post@blåbær.no>"),
    ],
)
def test_an_email_is_from_whom_the_template_says_or_from_the_default(
    service: Service, template: dict[str, str], stored: str
) -> None:
    request = order(emailTemplate={"subject": "s", "body": "b"} | template)
    assert service.place("/orders", request)["emailTemplate"]["fromAddress"] == stored


@pytest.mark.parametrize(
    "address", [".@[", "nobody", "a@b.no, c@d.no", "x <a@b.no>\r\nBcc: c@d.no", "a@\u2764.no"]
)
def test_attack_a1_mail_cannot_be_from_what_is_no_address(service: Service, address: str) -> None:
    template = {"subject": "s", "body": "b", "fromAddress": address}
    errors = service.errors("/orders", order(emailTemplate=template))
    assert errors == {
        "EmailTemplate.FromAddress": [
            "The from-address must be an e-mail address that mail can be sent from."
        ]
    }


@pytest.mark.parametrize(
    ("given", "stored"), [("a\nb", "a b"), ("a\r\nb", "a b"), ("a\n\rb", "a  b"), (" a ", " a ")]
)
def test_a_subject_is_one_line(service: Service, given: str, stored: str) -> None:
    template = {"subject": given, "body": "a\r\nb"}
    for path, request in (
        ("/orders/email", email(**template)),
        ("/orders", order(emailTemplate=template)),
    ):
        placed = service.place(path, request)["emailTemplate"]
        assert (placed["subject"], placed["body"]) == (stored, "a\r\nb")
