"""Which recipients are accepted, on each channel."""

import pytest

from recipients.models import Recipient
from tests.contracts.conftest import Api
from tests.contracts.requests import PATHS, email, order, request_for, sms

BAD_MOBILE = (
    "Mobile number can contain only '+' and numeric characters, and it must adhere to the E.164"
    " standard."
)
BAD_EMAIL = "Invalid email address format."
BAD_PERSON = "National identity number must be 11 digits long."
BAD_ORGANIZATION = "Organization number must be 9 digits long."
NO_SMS_RECIPIENT = (
    "Either a valid mobile number starting with country code, organization number, or national"
    " identity number must be provided for each recipient."
)
NO_EMAIL_RECIPIENT = (
    "Either a valid email address, organization number, or national identity number must be"
    " provided for each recipient."
)
NO_RECIPIENT = (
    "Either a valid email address, mobile number starting with country code, organization number,"
    " or national identity number must be provided for each recipient."
)
PERSON_IS_ALONE = (
    "National identity number cannot be combined with email address, mobile number, or"
    " organization number."
)
ORGANIZATION_IS_ALONE = (
    "Organization number cannot be combined with email address, mobile number, or national"
    " identity number."
)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "number",
    [
        "+4740000001",
        "004740000000",
        "+4799999999",
        "004799999999",
        "+233242426224",
        "+47 99999999",
        "+47 99999999 ",
        "+47 9999 9999",
        "+47 99 99 99 99 ",
    ],
)
def test_a_mobile_number_is_taken_and_kept_as_written(api: Api, number: str) -> None:
    assert api.post("/orders/sms", sms(recipients=[{"mobileNumber": number}])).status_code == 202
    assert Recipient.objects.get().mobile_number == number


@pytest.mark.parametrize(
    "number",
    [
        "   ",
        "40000001",
        "12345678",
        "1234567890",
        "invalid-phone",
        "+47invalidChar",
        "12345",
        "+47",
        "+479999999",
        "+479999999999",
        "+4750000004",
        "+4712345678",
        "+14790000000",
        "++4740000000",
        " +4799999999",
        "+4722222222",
        "+4702000",
        "+4760000000",
        "+475800000000",
        "tel:+4799999999",
        "+4799999999;ext=5",
        "+47999AAAAA",
        "+4799999999\x00",
        "+47" + " " * 9999,
    ],
)
def test_a_bad_mobile_number_is_refused(api: Api, number: str) -> None:
    bad = [{"mobileNumber": "+4799999999"}, {"mobileNumber": number}]
    expected = {"Recipients[1].MobileNumber": [BAD_MOBILE]}
    assert api.errors("/orders/sms", sms(recipients=bad)) == expected
    assert api.errors("/orders", order(recipients=bad)) == expected


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "stephanie@kul.no",
        "æge_sjøåsen@domain.com",
        "gratis-netflix+1@gmail.com",
        "user.name+tag@domain.co.uk",
        " user@example.com\t",
        "user@192.168.1.1",
        "user@sjøåsen.no",
    ],
)
def test_an_email_address_is_taken_and_kept_as_written(api: Api, address: str) -> None:
    request = email(recipients=[{"emailAddress": address}])
    assert api.post("/orders/email", request).status_code == 202
    assert Recipient.objects.get().email_address == address


@pytest.mark.parametrize(
    "address",
    [
        "userexample.com",
        "user@",
        "@example.com",
        "user@example",
        "user@example..com",
        "user@exa!mple.com",
        ".user@example.com",
        "user.@example.com",
        "user/x@example.com",
        "one@example.com;two@example.com",
        "a;b@example.com",
        '"quoted"@example.com',
        " ",
        "user@example.c",
        "user@example.abcdefghijklmno",
        "user@a.a.a.a.a.a.a.a.a.a.com",
        "user@example.xn--p1ai",
        "user@example.com\x00",
        "a" * 1000 + "@example.com",
    ],
)
def test_a_bad_email_address_is_refused(api: Api, address: str) -> None:
    bad = [{"emailAddress": address}]
    expected = {"Recipients[0].EmailAddress": [BAD_EMAIL]}
    assert api.errors("/orders/email", email(recipients=bad)) == expected
    assert api.errors("/orders", order(recipients=bad)) == expected


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("number", ["ab069412345", "123456784651", "123456789", "1606941234\u0665"])
def test_a_bad_national_identity_number_is_refused(api: Api, path: str, number: str) -> None:
    errors = api.errors(path, request_for(path, recipients=[{"nationalIdentityNumber": number}]))
    assert errors == {"Recipients[0].NationalIdentityNumber": [BAD_PERSON]}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("number", ["12345678", "abc456789", "123456", "1234567890"])
def test_a_bad_organization_number_is_refused(api: Api, path: str, number: str) -> None:
    errors = api.errors(path, request_for(path, recipients=[{"organizationNumber": number}]))
    assert errors == {"Recipients[0].OrganizationNumber": [BAD_ORGANIZATION]}


PERSON, ORGANIZATION = (
    {"nationalIdentityNumber": "16069412345"},
    {"organizationNumber": "123456789"},
)
EMAIL, MOBILE = {"emailAddress": "kari@example.com"}, {"mobileNumber": "+4799999999"}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("recipient", "messages"),
    [
        (PERSON | EMAIL, [PERSON_IS_ALONE]),
        (PERSON | MOBILE, [PERSON_IS_ALONE]),
        (PERSON | ORGANIZATION, [PERSON_IS_ALONE, ORGANIZATION_IS_ALONE]),
        (ORGANIZATION | EMAIL, [ORGANIZATION_IS_ALONE]),
        (ORGANIZATION | MOBILE, [ORGANIZATION_IS_ALONE]),
        (PERSON | ORGANIZATION | EMAIL | MOBILE, [PERSON_IS_ALONE, ORGANIZATION_IS_ALONE]),
    ],
)
def test_an_identifier_comes_alone(
    api: Api, path: str, recipient: dict[str, str], messages: list[str]
) -> None:
    assert api.errors(path, request_for(path, recipients=[recipient])) == {
        "Recipients[0]": messages
    }


@pytest.mark.django_db
def test_an_email_address_and_a_mobile_number_go_together(api: Api) -> None:
    assert api.post("/orders", order(recipients=[EMAIL | MOBILE])).status_code == 202


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "recipient", "kept"),
    [
        ("/orders/sms", MOBILE | {"emailAddress": "no address"}, ("", "+4799999999")),
        ("/orders/email", EMAIL | {"mobileNumber": "no number"}, ("kari@example.com", "")),
    ],
)
def test_the_other_kind_of_address_is_neither_checked_nor_kept(
    api: Api, path: str, recipient: dict[str, str], kept: tuple[str, str]
) -> None:
    assert api.post(path, request_for(path, recipients=[recipient])).status_code == 202
    found = Recipient.objects.get()
    assert (found.email_address, found.mobile_number) == kept


@pytest.mark.django_db
def test_an_order_on_one_channel_keeps_the_other_address_unchecked(api: Api) -> None:
    recipient = EMAIL | {"mobileNumber": "no number"}
    request = order(notificationChannel="Email", recipients=[recipient])
    assert api.post("/orders", request).status_code == 202
    assert Recipient.objects.get().mobile_number == "no number"


def test_even_an_unchecked_address_must_be_storable(api: Api) -> None:
    recipient = EMAIL | {"mobileNumber": "no\0number"}
    errors = api.errors("/orders", order(notificationChannel="Email", recipients=[recipient]))
    assert errors == {"Recipients[0].MobileNumber": [BAD_MOBILE]}


@pytest.mark.parametrize(
    ("path", "message", "useless"),
    [
        ("/orders", NO_RECIPIENT, {}),
        ("/orders/email", NO_EMAIL_RECIPIENT, MOBILE),
        ("/orders/sms", NO_SMS_RECIPIENT, EMAIL),
    ],
)
def test_each_recipient_must_be_reachable_on_the_channel(
    api: Api, path: str, message: str, useless: dict[str, str]
) -> None:
    nobody: dict[str, str] = dict.fromkeys((*PERSON, *ORGANIZATION, *EMAIL, *MOBILE), "")
    recipients = [{}, nobody, None, {"isReserved": True}, useless]
    expected = {f"Recipients[{index}]": [message] for index in range(5)}
    assert api.errors(path, request_for(path, recipients=recipients)) == expected


@pytest.mark.parametrize(
    ("channel", "message"),
    [
        ("Email", NO_EMAIL_RECIPIENT),
        ("Sms", NO_SMS_RECIPIENT),
        ("EmailPreferred", NO_RECIPIENT),
        ("SmsPreferred", NO_RECIPIENT),
        ("EmailAndSms", NO_RECIPIENT),
    ],
)
def test_the_channel_decides_which_addresses_count(api: Api, channel: str, message: str) -> None:
    request = order(notificationChannel=channel, recipients=[{}])
    assert api.errors("/orders", request) == {"Recipients[0]": [message]}
