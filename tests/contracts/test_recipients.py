"""Which recipients are accepted, on each channel."""

import pytest

from tests.contracts.requests import PATHS, email, order, request_for, sms
from tests.contracts.service import Service

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


@pytest.mark.parametrize(
    "number",
    [
        "+4740000001",
        "004740000000",
        "+4790000000",
        "004790000002",
        "+4740085041",
        "+4799999999",
        "004799999999",
        "+233242426224",
        "+47 99999999",
        "+47 99999999 ",
        "+47 9999 9999",
        "+47 99 99 99 99 ",
    ],
)
def test_a_mobile_number_is_taken_and_kept_as_written(service: Service, number: str) -> None:
    recipients = [{"mobileNumber": number}]
    assert service.place("/orders/sms", sms(recipients=recipients))["recipients"] == recipients
    assert service.place("/orders", order(recipients=recipients))["recipients"] == recipients


@pytest.mark.parametrize(
    "number",
    [
        "   ",
        "40000001",
        "90000000",
        "12345678",
        "55555555",
        "111100000",
        "1111000000",
        "1234567890",
        "dasdsadSASA",
        "abcdefg",
        "invalid-phone",
        "+47invalidChar",
        "12345",
        "+47",
        "+479999999",
        "+479999999999",
        "+47900000001",
        "+4750000004",
        "+4712345678",
        "+14790000000",
        "++4740000000",
        " +4799999999",
        " +47 99999999",
        "+4722222222",
        "+4755555555",
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
def test_a_bad_mobile_number_is_refused(service: Service, number: str) -> None:
    bad = [{"mobileNumber": "+4799999999"}, {"mobileNumber": number}]
    expected = {"Recipients[1].MobileNumber": [BAD_MOBILE]}
    assert service.errors("/orders/sms", sms(recipients=bad)) == expected
    assert service.errors("/orders", order(recipients=bad)) == expected


@pytest.mark.parametrize(
    "address",
    [
        "stephanie@kul.no",
        "æge_sjøåsen@domain.com",
        "bakken_kundeservice@sykkelverksted.com",
        "john.doe@sub.domain.example",
        "user123@example-domain.com",
        "noreply@altinn.no",
        "recipient+test@altinnxyz.no",
        "gratis-netflix+1@gmail.com",
        "user.name+tag@domain.co.uk",
        " user@example.com\t",
        "user@192.168.1.1",
        "user@sjøåsen.no",
    ],
)
def test_an_email_address_is_taken_and_kept_as_written(service: Service, address: str) -> None:
    recipients = [{"emailAddress": address}]
    assert service.place("/orders/email", email(recipients=recipients))["recipients"] == recipients
    assert service.place("/orders", order(recipients=recipients))["recipients"] == recipients


@pytest.mark.parametrize(
    "address",
    [
        "userexample.com",
        "thisisinvalid",
        "not.an.email",
        "user@",
        "@example.com",
        "user@example",
        "user@example..com",
        "user@exa!mple.com",
        ".user@example.com",
        "user.@example.com",
        "user/x@example.com",
        "one@example.com;two@example.com",
        "one@example.com,two@example.com",
        "one@example.com two@example.com",
        "Kari <kari@example.com>",
        "a;b@example.com",
        '"quoted"@example.com',
        " ",
        "user@example.c",
        "user@example.abcdefghijklmno",
        "user@a.a.a.a.a.a.a.a.a.a.com",
        "user@example.xn--p1ai",
        "user@example.com\x00",
        "a" * 1000 + "@example.com",
        f"kari@{'ø' * 60}.no",
        f"kari@{'a' * 63}.{'b' * 63}.{'c' * 63}.{'d' * 63}.no",
    ],
)
def test_a_bad_email_address_is_refused(service: Service, address: str) -> None:
    bad = [{"emailAddress": address}]
    expected = {"Recipients[0].EmailAddress": [BAD_EMAIL]}
    assert service.errors("/orders/email", email(recipients=bad)) == expected
    assert service.errors("/orders", order(recipients=bad)) == expected


# Eleven and nine digits; no checksum is looked at.
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "recipient",
    [
        {"nationalIdentityNumber": "16069412345"},
        {"nationalIdentityNumber": "00000000000"},
        {"nationalIdentityNumber": "11876995923"},
        {"organizationNumber": "123456789"},
        {"organizationNumber": "311000179"},
    ],
)
def test_an_identifier_is_taken_and_kept(
    service: Service, path: str, recipient: dict[str, str]
) -> None:
    assert service.place(path, request_for(path, recipients=[recipient]))["recipients"] == [
        recipient
    ]


def test_that_a_recipient_is_reserved_is_not_for_the_sender_to_say(service: Service) -> None:
    placed = service.place("/orders/sms", sms(recipients=[MOBILE | {"isReserved": True}]))
    assert placed["recipients"] == [MOBILE]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("number", ["ab069412345", "123456784651", "123456789", "1606941234\u0665"])
def test_a_bad_national_identity_number_is_refused(
    service: Service, path: str, number: str
) -> None:
    errors = service.errors(
        path, request_for(path, recipients=[{"nationalIdentityNumber": number}])
    )
    assert errors == {"Recipients[0].NationalIdentityNumber": [BAD_PERSON]}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("number", ["12345678", "abc456789", "123456", "1234567890"])
def test_a_bad_organization_number_is_refused(service: Service, path: str, number: str) -> None:
    errors = service.errors(path, request_for(path, recipients=[{"organizationNumber": number}]))
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
    service: Service, path: str, recipient: dict[str, str], messages: list[str]
) -> None:
    assert service.errors(path, request_for(path, recipients=[recipient])) == {
        "Recipients[0]": messages
    }


def test_an_email_address_and_a_mobile_number_go_together(service: Service) -> None:
    recipients = [EMAIL | MOBILE]
    assert service.place("/orders", order(recipients=recipients))["recipients"] == recipients


@pytest.mark.parametrize(
    ("path", "recipient", "kept"),
    [
        ("/orders/sms", MOBILE | {"emailAddress": "no address"}, MOBILE),
        ("/orders/email", EMAIL | {"mobileNumber": "no number"}, EMAIL),
    ],
)
def test_the_other_kind_of_address_is_neither_checked_nor_kept(
    service: Service, path: str, recipient: dict[str, str], kept: dict[str, str]
) -> None:
    placed = service.place(path, request_for(path, recipients=[recipient]))
    assert placed["recipients"] == [kept]


def test_an_order_on_one_channel_keeps_the_other_address_unchecked(service: Service) -> None:
    recipient = EMAIL | {"mobileNumber": "no number"}
    request = order(notificationChannel="Email", recipients=[recipient])
    assert service.place("/orders", request)["recipients"] == [recipient]


def test_even_an_unchecked_address_must_be_storable(service: Service) -> None:
    recipient = EMAIL | {"mobileNumber": "no\0number"}
    errors = service.errors("/orders", order(notificationChannel="Email", recipients=[recipient]))
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
    service: Service, path: str, message: str, useless: dict[str, str]
) -> None:
    nobody: dict[str, str] = dict.fromkeys((*PERSON, *ORGANIZATION, *EMAIL, *MOBILE), "")
    recipients = [{}, nobody, None, {"isReserved": True}, useless]
    expected = {f"Recipients[{index}]": [message] for index in range(5)}
    assert service.errors(path, request_for(path, recipients=recipients)) == expected


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
def test_the_channel_decides_which_addresses_count(
    service: Service, channel: str, message: str
) -> None:
    request = order(notificationChannel=channel, recipients=[{}])
    assert service.errors("/orders", request) == {"Recipients[0]": [message]}
