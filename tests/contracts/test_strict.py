"""`Prefer: handling=strict`: what is valid and hardly ever meant is refused, by every route."""

from collections.abc import Mapping
from typing import Any

import pytest

from script.launcher.system.running_system import Answer
from tests.contracts.requests import (
    by_sms,
    chain,
    composed,
    email,
    instant,
    instant_email,
    instant_sms,
    looked_up,
    order,
    sms,
)
from tests.contracts.service import Service

WAYS: Mapping[str, Any] = {
    "/orders": order,
    "/orders/email": email,
    "/orders/sms": sms,
    "/future/orders": chain,
    "/future/orders/composed-email": composed,
    "/future/orders/instant": instant,
    "/future/orders/instant/sms": instant_sms,
    "/future/orders/instant/email": instant_email,
}


def strictly(service: Service, path: str, body: Any) -> Answer:
    return service.post(path, body, headers={**service.headers, "Prefer": "handling=strict"})


def errors(service: Service, path: str, body: Any) -> Any:
    refused = strictly(service, path, body)
    assert refused.status == 400, refused
    assert refused.headers["Preference-Applied"] == "handling=strict"
    return refused.json["errors"]


@pytest.mark.parametrize("path", WAYS)
def test_an_unknown_member_is_refused_where_that_is_wanted(composer: Service, path: str) -> None:
    body = WAYS[path]() | {"requestedSendtimes": "2099-01-01T00:00:00Z"}
    found = errors(composer, path, body)
    [message] = found.pop("requestedSendtimes")
    assert message.startswith("There is no member 'requestedSendtimes'; it would be ignored.")
    assert found == {}

    meant = strictly(composer, path, WAYS[path]())
    assert meant.status in (201, 202), meant
    assert meant.headers["Preference-Applied"] == "handling=strict"
    ignored = composer.post(path, body | {"idempotencyId": f"loose {path}"})
    assert ignored.status in (201, 202), ignored
    assert ignored.headers["Preference-Applied"] is None


def test_it_says_what_may_be_meant_at_any_depth(service: Service) -> None:
    settings = {"bodyy": "Hello.", "body": "Hello.", "Body": "Hello."}
    body = chain(
        reminders=[{"delayDays": 1, "recipient": looked_up(smsSettings=settings, isReserved=True)}]
    )
    at = "Reminders[0].Recipient.RecipientPerson"
    assert errors(service, "/future/orders", body) == {
        f"{at}.SmsSettings.bodyy": [
            "There is no member 'bodyy'; it would be ignored. Did you mean 'body'?"
        ],
        f"{at}.SmsSettings.Body": ["'body' is given more than once; only the last would count."],
        f"{at}.isReserved": ["There is no member 'isReserved'; it would be ignored."],
    }
    assert errors(service, "/orders/sms", sms(recipients=[{"phoneNumber": "+4799999999"}])) == {
        "Recipients[0].phoneNumber": [
            "There is no member 'phoneNumber'; it would be ignored. Did you mean 'mobileNumber'?"
        ]
    }


@pytest.mark.parametrize(
    ("path", "body", "key", "message"),
    [
        (
            "/orders/sms",
            sms(body="Dear $recipientname$"),
            "Body",
            "'$recipientname$' is no keyword and would be sent as it is written."
            " Did you mean '$recipientName$'?",
        ),
        (
            "/orders/email",
            email(subject="$hva$ er dette"),
            "Subject",
            "'$hva$' is no keyword and would be sent as it is written.",
        ),
        (
            "/orders",
            order(smsTemplate={"body": "<p>Hello</p>"}),
            "SmsTemplate.Body",
            "An SMS is plain text; phones would show '<p>' as it is written.",
        ),
        (
            "/future/orders",
            chain(recipient=by_sms(smsSettings={"body": "Bl&aring;b&aelig;r"})),
            "Recipient.RecipientSms.Settings.Body",
            "An SMS is plain text; phones would show '&aring;' as it is written.",
        ),
        (
            "/future/orders",
            chain(recipient=looked_up(nationalIdentityNumber="01838510059")),
            "Recipient.RecipientPerson.NationalIdentityNumber",
            "The control digits of the national identity number are wrong.",
        ),
        (
            "/orders/sms",
            sms(recipients=[{"organizationNumber": "311000178"}]),
            "Recipients[0].OrganizationNumber",
            "The control digit of the organization number is wrong.",
        ),
    ],
)
def test_what_is_hardly_ever_meant_is_refused_where_that_is_wanted(
    service: Service, path: str, body: Any, key: str, message: str
) -> None:
    assert errors(service, path, body) == {key: [message]}


def test_what_only_looks_like_a_mistake_is_taken(service: Service) -> None:
    body = sms(
        body="$recipientName$, 5$ or 6$, a < b > c & $d, <3",
        recipients=[{"nationalIdentityNumber": "01838510058"}, {"organizationNumber": "311000179"}],
    )
    assert strictly(service, "/orders/sms", body).status == 202


def test_of_many_mistakes_the_first_are_shown(service: Service) -> None:
    found = errors(service, "/orders/sms", sms(recipients=[{"x": 1}] * 150))
    assert len(found) == 101
    assert found["Prefer"] == ["50 more mistakes are not shown."]


def test_a_repeated_request_is_answered_as_the_first_one_strictly_or_not(service: Service) -> None:
    body = chain(idempotencyId="strict-again")
    first = service.post("/future/orders", body)
    again = strictly(service, "/future/orders", body | {"unknown": 1})
    assert (again.status, again.json) == (200, first.json)
    assert again.headers["Preference-Applied"] is None
