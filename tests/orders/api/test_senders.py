"""A sender that is not registered for the caller is refused at every door."""

from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from pytest_django import DjangoAssertNumQueries

from orders.models import Creator, Order
from orders.senders.allowed import known
from tests.contracts.requests import (
    COMPOSED,
    EMAIL_SETTINGS,
    FUTURE,
    SMS_SETTINGS,
    attachment,
    by_email,
    by_sms,
    chain,
    composed,
    instant,
    instant_email,
    instant_sms,
    looked_up,
    order,
    reminder,
    sms,
)
from tests.contracts.tokens import COMPOSE_SCOPE, CREATE_SCOPE, Cast
from tests.in_process_api import Api
from tests.registering import sender

pytestmark = pytest.mark.django_db

ADDRESS, NAME = "other@ttd.example", "Other"
EMAIL, SMS = EMAIL_SETTINGS | {"senderEmailAddress": ADDRESS}, SMS_SETTINGS | {"sender": NAME}
REFUSED = "The sender is not registered for the service owner."

DOORS: dict[str, tuple[str, dict[str, Any], str]] = {
    "v1 SMS": ("/orders/sms", sms(senderNumber=NAME), "SenderNumber"),
    "v1 template of an e-mail": (
        "/orders",
        order(emailTemplate={"subject": "Hello", "body": "Hello.", "fromAddress": ADDRESS}),
        "EmailTemplate.FromAddress",
    ),
    "v1 template of an SMS": (
        "/orders",
        order(smsTemplate={"body": "Hello.", "senderNumber": NAME}),
        "SmsTemplate.SenderNumber",
    ),
    "chain": (
        FUTURE,
        chain(recipient=by_email(emailSettings=EMAIL)),
        "Recipient.RecipientEmail.Settings.SenderEmailAddress",
    ),
    "chain to a person": (
        FUTURE,
        chain(recipient=looked_up(smsSettings=SMS)),
        "Recipient.RecipientPerson.SmsSettings.Sender",
    ),
    "reminder": (
        FUTURE,
        chain(reminders=[reminder(recipient=by_sms(smsSettings=SMS))]),
        "Reminders[0].Recipient.RecipientSms.Settings.Sender",
    ),
    "composed": (
        COMPOSED,
        composed(
            recipient={
                "emailAddress": "kari@example.com",
                "emailSettings": EMAIL | {"attachments": [attachment()]},
            }
        ),
        "Recipient.Settings.SenderEmailAddress",
    ),
    "instant SMS": (
        "/future/orders/instant/sms",
        instant_sms(to={"smsSettings": SMS}),
        "RecipientSms.ShortMessageContent.Sender",
    ),
    "instant SMS of old": (
        "/future/orders/instant",
        instant(to={"smsSettings": SMS}),
        "InstantNotificationRecipient.ShortMessageDeliveryDetails.ShortMessageContent.Sender",
    ),
    "instant e-mail": (
        "/future/orders/instant/email",
        instant_email(to={"emailSettings": EMAIL}),
        "InstantEmailDetails.EmailSettings.SenderEmailAddress",
    ),
}


@pytest.fixture
def owner(cast: Cast) -> Api:
    return Api(cast.bearer(urn__altinn__scope=f"{CREATE_SCOPE} {COMPOSE_SCOPE}"))


def tried(owner: Api, path: str, body: Any) -> Any:
    return owner.post(path, body, headers=owner.headers | {"Prefer": "dry-run"})


@pytest.mark.parametrize("door", DOORS)
def test_an_unknown_sender_is_refused_at_each_door(owner: Api, ttd: Creator, door: str) -> None:
    path, body, key = DOORS[door]
    own = sender(ttd, ADDRESS.replace("other", "own") if "ddress" in key else "Own")
    assert owner.errors(path, body) == {key: [REFUSED, f"Hint: Registered are {own.address}."]}
    assert tried(owner, path, body).json()["errors"].keys() == {key}
    assert not Order.objects.exists()


@pytest.mark.parametrize("door", [one for one in DOORS if "person" not in one])
def test_a_registered_one_is_taken(owner: Api, ttd: Creator, door: str) -> None:
    path, body, _ = DOORS[door]
    sender(ttd, ADDRESS)
    sender(ttd, NAME)
    answer = tried(owner, path, body)
    assert answer.status_code == 200, answer.content


def test_a_setting_binds_owners_who_have_none(
    owner: Api, ttd: Creator, settings: LazySettings
) -> None:
    assert owner.post("/orders/sms", sms(senderNumber=NAME)).status_code == 202
    settings.ENFORCE_SENDERS = True
    assert owner.errors("/orders/sms", sms(senderNumber=NAME)) == {
        "SenderNumber": [REFUSED, "Hint: Leave it out for the default one, or have it registered."]
    }
    for usual in ("Altinn", "", None):
        assert owner.post("/orders/sms", sms(senderNumber=usual)).status_code == 202


def test_an_order_from_a_known_sender_costs_no_more_than_others(
    owner: Api, ttd: Creator, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    sender(ttd, NAME)
    body = sms(senderNumber=NAME)
    assert owner.post("/orders/sms", body).status_code == 202
    with django_assert_num_queries(1):
        assert owner.post("/orders/sms", body).status_code == 202


def test_what_was_taken_before_a_revocation_is_answered_as_it_was(owner: Api, ttd: Creator) -> None:
    row = sender(ttd, ADDRESS)
    body = chain(idempotencyId=str(uuid4()), recipient=by_email(emailSettings=EMAIL))
    first = owner.post(FUTURE, body)
    assert first.status_code == 201
    row.state = row.State.REVOKED
    row.save()
    known.clear()
    again = owner.post(FUTURE, body)
    assert (again.status_code, again.json()) == (200, first.json())
    assert owner.post(FUTURE, body | {"idempotencyId": str(uuid4())}).status_code == 400
