"""Which messages each channel makes of what is known about a recipient."""

import pytest

from notifications.expansion.routing import (
    UNUSABLE_BOTH,
    UNUSABLE_EMAIL,
    UNUSABLE_MOBILE,
    destinations,
)
from notifications.models import NotificationChannel
from orders.models import Channel
from orders.requests import Addressee
from recipients.addresses import Unusable
from recipients.lookup import (
    ContactPoints,
    Organization,
    Person,
    Resource,
    SelfIdentified,
    User,
)
from tests.building import KARI

NUMBER = "311000179"
TAXES = Resource("app_skd_taxes", "read")
RESERVED = "Failed_RecipientReserved"
NOT_IDENTIFIED = "Failed_RecipientNotIdentified"

SOMEBODY = Addressee(national_identity_number=KARI)
SOME_COMPANY = Addressee(organization_number=NUMBER)
NOBODY_KNOWN = ContactPoints(persons={}, organizations={})


def knowing_person(email: str = "", mobile: str = "", *, reserved: bool = False) -> ContactPoints:
    person = Person(KARI, reserved, email, mobile)
    return ContactPoints(persons={KARI: person}, organizations={})


def knowing_organization(
    emails: str = "", mobiles: str = "", users: tuple[tuple[str, str], ...] = ()
) -> ContactPoints:
    """With its addresses, separated by spaces, and the addresses of its users."""
    organization = Organization(
        NUMBER,
        tuple(emails.split()),
        tuple(mobiles.split()),
        tuple(User(number, email, mobile) for number, (email, mobile) in enumerate(users)),
    )
    return ContactPoints(persons={}, organizations={(NUMBER, TAXES): organization})


def messages(
    recipient: Addressee,
    channel: Channel,
    known: ContactPoints = NOBODY_KNOWN,
    *,
    may_reach_reserved: bool = False,
) -> list[str]:
    """As "Email to a@b.no" or "Sms Failed_..."."""
    return [
        f"{found.channel.value} {found.failure.value if found.failure else 'to ' + found.address}"
        for found in destinations(
            recipient,
            channel=channel,
            known=known,
            resource=TAXES,
            may_reach_reserved=may_reach_reserved,
        )
    ]


@pytest.mark.parametrize(
    ("channel", "unusable", "reason"),
    [
        (Channel.SMS, Unusable(mobile=True), UNUSABLE_MOBILE),
        (Channel.EMAIL, Unusable(email=True), UNUSABLE_EMAIL),
        (Channel.EMAIL, Unusable(mobile=True), ""),
        (Channel.SMS, Unusable(), ""),
        (Channel.SMS_PREFERRED, Unusable(email=True), UNUSABLE_EMAIL),
        (Channel.EMAIL_PREFERRED, Unusable(email=True, mobile=True), UNUSABLE_BOTH),
    ],
)
def test_case_09_who_has_an_address_in_vain_is_not_said_to_have_none(
    channel: Channel, unusable: Unusable, reason: str
) -> None:
    person = Person(KARI, False, "", "", unusable)
    company = Organization(NUMBER, (), (), (), unusable)
    known = ContactPoints(persons={KARI: person}, organizations={(NUMBER, TAXES): company})
    for recipient in (SOMEBODY, SOME_COMPANY):
        [found] = destinations(
            recipient, channel=channel, known=known, resource=TAXES, may_reach_reserved=False
        )
        assert (found.failure, found.reason) == (NOT_IDENTIFIED, reason)


@pytest.mark.parametrize(
    ("channel", "with_both", "with_email", "with_mobile"),
    [
        ("Email", ["Email to k@n.no"], ["Email to k@n.no"], [f"Email {NOT_IDENTIFIED}"]),
        ("Sms", ["Sms to +4791"], [f"Sms {NOT_IDENTIFIED}"], ["Sms to +4791"]),
        ("EmailPreferred", ["Email to k@n.no"], ["Email to k@n.no"], ["Sms to +4791"]),
        ("SmsPreferred", ["Sms to +4791"], ["Email to k@n.no"], ["Sms to +4791"]),
        (
            "EmailAndSms",
            ["Email to k@n.no", "Sms to +4791"],
            ["Email to k@n.no", f"Sms {NOT_IDENTIFIED}"],
            [f"Email {NOT_IDENTIFIED}", "Sms to +4791"],
        ),
    ],
)
def test_a_person_is_reached_as_the_channel_says(
    channel: str, with_both: list[str], with_email: list[str], with_mobile: list[str]
) -> None:
    by = Channel(channel)
    assert messages(SOMEBODY, by, knowing_person("k@n.no", "+4791")) == with_both
    assert messages(SOMEBODY, by, knowing_person("k@n.no")) == with_email
    assert messages(SOMEBODY, by, knowing_person("", "+4791")) == with_mobile


failing = pytest.mark.parametrize(
    ("channel", "failed"),
    [
        ("Email", ["Email"]),
        ("Sms", ["Sms"]),
        ("EmailPreferred", ["Email"]),
        ("SmsPreferred", ["Sms"]),
        ("EmailAndSms", ["Email", "Sms"]),
    ],
)


@failing
def test_who_cannot_be_reached_gets_a_failed_notification(channel: str, failed: list[str]) -> None:
    expected = [f"{one} {NOT_IDENTIFIED}" for one in failed]
    by = Channel(channel)
    assert messages(SOMEBODY, by) == expected
    assert messages(SOMEBODY, by, knowing_person()) == expected
    assert messages(SOME_COMPANY, by) == expected
    assert messages(SOME_COMPANY, by, knowing_organization()) == expected


@failing
def test_who_is_reserved_gets_a_failed_notification(channel: str, failed: list[str]) -> None:
    expected = [f"{one} {RESERVED}" for one in failed]
    by = Channel(channel)
    assert messages(SOMEBODY, by, knowing_person("k@n.no", "+4791", reserved=True)) == expected
    assert messages(SOMEBODY, by, knowing_person(reserved=True)) == expected


@failing
def test_an_order_may_reach_those_who_are_reserved(channel: str, failed: list[str]) -> None:
    by = Channel(channel)
    reserved, free = (
        knowing_person("k@n.no", "+4791", reserved=True),
        knowing_person("k@n.no", "+4791"),
    )
    reached = messages(SOMEBODY, by, reserved, may_reach_reserved=True)
    assert reached == messages(SOMEBODY, by, free)
    nowhere = messages(SOMEBODY, by, knowing_person(reserved=True), may_reach_reserved=True)
    assert nowhere == [f"{one} {NOT_IDENTIFIED}" for one in failed]


@pytest.mark.parametrize(
    ("channel", "known", "expected"),
    [
        pytest.param(
            "EmailPreferred",
            knowing_organization("a@o.no b@o.no", "+4791000001", (("", "+4791000002"),)),
            ["Email to a@o.no", "Email to b@o.no", "Sms to +4791000002"],
            id="each user is reached on the first channel that it has",
        ),
        pytest.param(
            "SmsPreferred",
            knowing_organization("a@o.no", "+4791000001 +4791000002", (("u@o.no", ""),)),
            ["Sms to +4791000001", "Sms to +4791000002", "Email to u@o.no"],
            id="and mirrored",
        ),
        pytest.param(
            "EmailPreferred",
            knowing_organization("", "+4791000001 +4791000002", (("u@o.no", "+4791000003"),)),
            ["Sms to +4791000001", "Sms to +4791000002", "Email to u@o.no"],
            id="all mobiles where there is no e-mail",
        ),
        pytest.param(
            "Email",
            knowing_organization("a@o.no", "+4791000001", (("u@o.no", "+4791000002"),)),
            ["Email to a@o.no", "Email to u@o.no"],
            id="e-mail of everybody",
        ),
        pytest.param(
            "Sms",
            knowing_organization("a@o.no", "+4791000001", (("u@o.no", "+4791000002"),)),
            ["Sms to +4791000001", "Sms to +4791000002"],
            id="SMS to everybody",
        ),
        pytest.param(
            "EmailAndSms",
            knowing_organization("a@o.no", "", (("u@o.no", "+4791000002"),)),
            ["Email to a@o.no", "Email to u@o.no", "Sms to +4791000002"],
            id="everything that there is",
        ),
        pytest.param(
            "Sms",
            knowing_organization("", "+4799999999 004799999999"),
            ["Sms to +4799999999"],
            id="a number written in several ways gets one SMS",
        ),
        pytest.param(
            "Email",
            knowing_organization("post@o.no", "", (("POST@O.NO", ""), ("Post@o.no", ""))),
            ["Email to post@o.no"],
            id="an e-mail address is the same in any case",
        ),
        pytest.param(
            "EmailPreferred",
            knowing_organization("post@o.no", "+4791000001", (("POST@o.no", "+4791000002"),)),
            ["Email to post@o.no"],
            id="who reads at the organisation's address gets no SMS beside it",
        ),
    ],
)
def test_an_organization_is_reached_at_its_own_addresses_and_its_users(
    channel: str, known: ContactPoints, expected: list[str]
) -> None:
    assert messages(SOME_COMPANY, Channel(channel), known) == expected


@pytest.mark.parametrize(
    ("channel", "email", "mobile", "expected"),
    [
        ("Email", "K@n.no", "", ["Email to K@n.no"]),
        ("Email", "K@n.no", "no number at all", ["Email to K@n.no"]),
        ("Sms", "", "004791000001", ["Sms to 004791000001"]),
        ("Sms", "no address at all", "+4791000001", ["Sms to +4791000001"]),
        ("EmailPreferred", "K@n.no", "+4791000001", ["Email to K@n.no"]),
        ("EmailPreferred", "", "+4791000001", ["Sms to +4791000001"]),
        ("SmsPreferred", "K@n.no", "+4791000001", ["Sms to +4791000001"]),
        ("SmsPreferred", "K@n.no", "", ["Email to K@n.no"]),
        ("EmailAndSms", "K@n.no", "+4791000001", ["Email to K@n.no", "Sms to +4791000001"]),
        ("EmailAndSms", "K@n.no", "", ["Email to K@n.no"]),
        ("EmailAndSms", "", "+4791000001", ["Sms to +4791000001"]),
        # Placement refuses these; should one come nevertheless, it is not left out silently.
        ("Email", "", "+4791000001", [f"Email {NOT_IDENTIFIED}"]),
        ("Sms", "K@n.no", "", [f"Sms {NOT_IDENTIFIED}"]),
    ],
)
def test_an_address_that_the_sender_gives_is_used_as_written(
    channel: str, email: str, mobile: str, expected: list[str]
) -> None:
    recipient = Addressee(email_address=email, mobile_number=mobile)
    assert messages(recipient, Channel(channel)) == expected


def test_only_users_of_the_orders_resource_are_asked_for() -> None:
    of_no_resource = Organization(NUMBER, ("a@o.no",), (), ())
    known = ContactPoints(persons={}, organizations={(NUMBER, None): of_no_resource})
    assert messages(SOME_COMPANY, Channel.EMAIL, known) == [f"Email {NOT_IDENTIFIED}"]


@pytest.mark.parametrize(
    ("given", "normalized"),
    [
        ("004791000001", "+4791000001"),
        ("+47 910 00 001", "+4791000001"),
        ("+46 70 123 45 67", "+46701234567"),
    ],
)
def test_a_number_is_kept_as_given_and_in_international_form(given: str, normalized: str) -> None:
    (found,) = destinations(
        Addressee(mobile_number=given),
        channel=Channel.SMS,
        known=NOBODY_KNOWN,
        resource=None,
        may_reach_reserved=False,
    )
    assert (found.address, found.normalized_address) == (given, normalized)


def test_an_email_address_is_kept_as_given_and_in_small_letters() -> None:
    (found,) = destinations(
        Addressee(email_address=" Kari.ØDEGÅRD@Example.com "),
        channel=Channel.EMAIL,
        known=NOBODY_KNOWN,
        resource=None,
        may_reach_reserved=False,
    )
    assert found.channel == NotificationChannel.EMAIL
    assert found.address == " Kari.ØDEGÅRD@Example.com "
    assert found.normalized_address == "kari.ødegård@example.com"


@pytest.mark.parametrize(
    ("channel", "email", "mobile", "expected"),
    [
        ("Email", "s@n.no", "+4791000001", ["Email to s@n.no"]),
        ("SmsPreferred", "s@n.no", "", ["Email to s@n.no"]),
        ("EmailAndSms", "s@n.no", "", ["Email to s@n.no", f"Sms {NOT_IDENTIFIED}"]),
        ("Sms", "s@n.no", "", [f"Sms {NOT_IDENTIFIED}"]),
    ],
)
def test_somebody_with_another_log_in_is_reached_where_profile_says(
    channel: str, email: str, mobile: str, expected: list[str]
) -> None:
    urn = "urn:altinn:party:username:sunniva"
    known = ContactPoints({}, {}, self_identified={urn: SelfIdentified(email, mobile)})
    somebody = Addressee(external_identity=urn.replace("sunniva", "Sunniva"))
    assert messages(somebody, Channel(channel), known) == expected


def test_somebody_with_another_log_in_whom_profile_does_not_know_is_not_identified() -> None:
    nobody = Addressee(external_identity="urn:altinn:party:username:nobody")
    assert messages(nobody, Channel.EMAIL) == [f"Email {NOT_IDENTIFIED}"]


def test_stale_addresses_of_a_person_are_used_only_where_they_will_do() -> None:
    stale = Person(KARI, True, "old@n.no", "")
    known = ContactPoints({}, {}, persons_with_stale={KARI: stale})
    found = [
        one.failure or one.address
        for with_stale in (False, True)
        for reserved_too in (False, True)
        for one in destinations(
            SOMEBODY,
            channel=Channel.EMAIL,
            known=known,
            resource=None,
            may_reach_reserved=reserved_too,
            with_stale=with_stale,
        )
    ]
    assert found == [NOT_IDENTIFIED, NOT_IDENTIFIED, RESERVED, "old@n.no"]
