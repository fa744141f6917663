"""What stands behind the contract's sentences: the cause, what is allowed, and an example."""

from typing import Any

import pytest

from tests.contracts.requests import chain, instant_sms, order, sms
from tests.contracts.service import Service, without_hints

EXAMPLE = "Example: +4799999999."


def hints(service: Service, path: str, body: Any) -> dict[str, list[str]]:
    """By key, those that have any."""
    errors = service.post(path, body).json["errors"]
    sentences = without_hints(errors)
    behind = {key: messages[len(sentences[key]) :] for key, messages in errors.items()}
    return {key: messages for key, messages in behind.items() if messages}


@pytest.mark.parametrize(
    ("number", "hint"),
    [
        ("99999999", "Add the country code: +4799999999."),
        ("4799999999", "Write + or 00 in front: +4799999999."),
        ("22222222", f"Add + or 00 and the country code. {EXAMPLE}"),
        ("+4722222222", f"Norwegian mobile numbers begin with 4 or 9. {EXAMPLE}"),
        (
            "+47581000000000",
            f"Norwegian numbers that begin with 58 or 59 are of machines. {EXAMPLE}",
        ),
        (
            "+479999999",
            f"A Norwegian mobile number has 8 digits behind +47, and this one 7. {EXAMPLE}",
        ),
        ("+461", f"No such number can exist behind the country code +46. {EXAMPLE}"),
        ("+999123", f"No country has such a code. {EXAMPLE}"),
        ("ring me", f"Write + or 00, the country code and digits. {EXAMPLE}"),
    ],
)
def test_what_is_wrong_with_a_mobile_number_is_said(
    service: Service, number: str, hint: str
) -> None:
    expected = [f"Hint: {hint}"]
    body = sms(recipients=[{"mobileNumber": number}])
    assert hints(service, "/orders/sms", body) == {"Recipients[0].MobileNumber": expected}
    recipient = {"recipientSms": {"phoneNumber": number, "smsSettings": {"body": "Hi"}}}
    told = hints(service, "/future/orders", chain(recipient=recipient))
    assert told == {"Recipient.RecipientSms.PhoneNumber": expected}


@pytest.mark.parametrize(
    ("member", "key", "value", "hint"),
    [
        ("emailAddress", "EmailAddress", "kari", "It has no @."),
        ("emailAddress", "EmailAddress", "a@b.no; c@d.no", "One address only;"),
        ("emailAddress", "EmailAddress", "Kari <kari@b.no>", "The address alone,"),
        ("nationalIdentityNumber", "NationalIdentityNumber", "311000179", "Nine digits are an org"),
        ("nationalIdentityNumber", "NationalIdentityNumber", "018385 10058", "Write the 11 digits"),
        ("organizationNumber", "OrganizationNumber", "01838510058", "Eleven digits are a national"),
        ("organizationNumber", "OrganizationNumber", "31100017", "It has 8 digits, and needs 9;"),
    ],
)
def test_what_is_wrong_with_an_address_or_identity_is_said(
    service: Service, member: str, key: str, value: str, hint: str
) -> None:
    told = hints(service, "/orders", order(recipients=[{member: value}]))
    assert list(told) == [f"Recipients[0].{key}"]
    (message,) = told[f"Recipients[0].{key}"]
    assert message.startswith(f"Hint: {hint}")


@pytest.mark.parametrize(
    ("changes", "key", "parts"),
    [
        ({"requestedSendTime": "2030-01-31T12:00:00"}, "RequestedSendTime", ["Z", "+01:00"]),
        ({"requestedSendTime": "2020-01-31T12:00:00Z"}, "RequestedSendTime", ["now it is 20"]),
        ({"requestedSendTime": "31.01.2030"}, "$.requestedSendTime", ["ISO 8601", "2027-01-31T"]),
        ({"notificationChannel": "Fax"}, "$.notificationChannel", ["Email, Sms, EmailPref"]),
        ({"conditionEndpoint": "ftp://x"}, "ConditionEndpoint", ["https://example.no/"]),
        ({"ignoreReservation": "yes"}, "$.ignoreReservation", ["true or false"]),
        ({"recipients": [{}]}, "Recipients[0]", ["emailAddress, mobileNumber, organizationN"]),
    ],
)
def test_what_is_allowed_is_said_once(
    service: Service, changes: dict[str, Any], key: str, parts: list[str]
) -> None:
    told = hints(service, "/orders", order(**changes))
    assert list(told) == [key]
    (message,) = told[key]
    assert all(part in message for part in parts), message


def test_instant_orders_help_too(service: Service) -> None:
    body = instant_sms()
    body["recipientSms"]["phoneNumber"] = "99999999"
    (told,) = hints(service, "/future/orders/instant/sms", body).values()
    assert told == ["Hint: Add the country code: +4799999999."]
