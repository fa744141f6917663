"""The rows of notifications that an order's recipients become."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings

from notifications.expansion.rendering import EMPTY, NO_NAME, OrderRenderer, Row, needs_names
from orders.models import Channel, EmailContentType, Order, SendingTimePolicy
from orders.requests import Addressee
from recipients.lookup import ContactPoints, Organization, Person
from recipients.names import Names
from tests.building import KARI, NOON, person

PERSON = person(KARI)
ACME = Addressee(organization_number="123456789")
NAMELESS = Addressee(national_identity_number="19848310150")
BY_EMAIL = Addressee(email_address="direct@n.no")
BY_MOBILE = Addressee(mobile_number="+4791000009")

KNOWN = ContactPoints(
    persons={
        KARI: Person(KARI, False, "kari@n.no", "+4791000001"),
        "19848310150": Person("19848310150", False, "x@n.no", "+4791000002"),
    },
    organizations={
        ("123456789", None): Organization("123456789", ("a@o.no", "b@o.no"), ("+4791000003",), ())
    },
)
NAMES = Names(persons={KARI: "Kari"}, organizations={"123456789": "ACME"})


def an_order(channel: Channel = Channel.SMS, **fields: Any) -> Order:
    texts = {"email_subject": "Et brev", "email_body": "Les det.", "sms_body": "Du har post."}
    return Order(channel=channel, **{"requested_send_time": NOON} | texts | fields)


def rows(order: Order, recipient: Addressee = PERSON, *, now: datetime = NOON) -> list[Row]:
    renderer = OrderRenderer(order, known=KNOWN, names=NAMES, now=now)
    return list(renderer.rows(recipient))


def row(order: Order, recipient: Addressee = PERSON, *, now: datetime = NOON) -> Row:
    (only,) = rows(order, recipient, now=now)
    return only


def test_a_row_says_what_goes_where_for_whom_and_until_when() -> None:
    order = an_order(creator_id=7)
    assert row(order) == Row(
        order_id=order.pk,
        creator_id=7,
        channel="Sms",
        policy="Daytime",
        address="+4791000001",
        normalized_address="+4791000001",
        national_identity_number=KARI,
        organization_number="",
        status="New",
        reason="",
        subject=None,
        body=None,
        expires_at=NOON + timedelta(hours=48),
        segments=1,
    )


@pytest.mark.parametrize(
    ("recipient", "sms"),
    [
        (ACME, "Hi ACME 123456789"),
        (PERSON, "Hi Kari "),
        (BY_MOBILE, None),
    ],
)
def test_keywords_are_filled_in_for_those_who_are_looked_up(
    recipient: Addressee, sms: str | None
) -> None:
    order = an_order(sms_body="Hi $recipientName$ $recipientNumber$")
    assert row(order, recipient).body == sms


def test_all_notifications_to_one_recipient_say_the_same() -> None:
    order = an_order(Channel.EMAIL, email_body="Hi $recipientName$")
    assert {(r.address, r.body) for r in rows(order, ACME)} == {
        ("a@o.no", "Hi ACME"),
        ("b@o.no", "Hi ACME"),
    }


@pytest.mark.parametrize(
    ("texts", "subject", "body"),
    [
        ({"email_subject": "To $recipientName$"}, "To Kari", None),
        ({"email_body": "Hi $recipientName$"}, None, "Hi Kari"),
        (
            {"email_subject": "To $recipientName$", "email_body": "Hi $recipientName$"},
            "To Kari",
            "Hi Kari",
        ),
        ({"email_subject": "To $recipientNumber$"}, "To ", None),
        ({"sms_body": "Hi $recipientName$"}, None, None),
    ],
)
def test_only_the_parts_of_an_email_that_hold_keywords_are_stored_again(
    texts: dict[str, str], subject: str | None, body: str | None
) -> None:
    made = row(an_order(Channel.EMAIL, **texts))
    assert (made.subject, made.body) == (subject, body)


def test_a_name_is_escaped_in_the_body_of_html_and_nowhere_else() -> None:
    names = Names(persons={KARI: "Kari <b>&</b>"}, organizations={})
    texts = {"email_subject": "$recipientName$", "email_body": "<p>$recipientName$</p>"}
    for content_type, body in [
        (EmailContentType.HTML, "<p>Kari &lt;b&gt;&amp;&lt;/b&gt;</p>"),
        (EmailContentType.PLAIN, "<p>Kari <b>&</b></p>"),
    ]:
        order = an_order(Channel.EMAIL, email_content_type=content_type, **texts)
        renderer = OrderRenderer(order, known=KNOWN, names=names, now=NOON)
        (made,) = renderer.rows(PERSON)
        assert (made.subject, made.body) == ("Kari <b>&</b>", body)


def test_a_name_with_line_ends_cannot_begin_another_header() -> None:
    names = Names(persons={KARI: "Kari\r\nBcc: all@n.no"}, organizations={})
    order = an_order(Channel.EMAIL, email_subject="To $recipientName$")
    (made,) = OrderRenderer(order, known=KNOWN, names=names, now=NOON).rows(PERSON)
    assert made.subject == "To Kari Bcc: all@n.no"


@pytest.mark.parametrize("body", ["$recipientName$", " $recipientNumber$\u200b\n"])
def test_an_sms_of_which_keywords_leave_nothing_fails_and_says_so(body: str) -> None:
    made = row(an_order(sms_body=body), NAMELESS)
    assert (made.status, made.reason, made.body, made.expires_at) == ("Failed", EMPTY, None, None)
    assert made.address == "+4791000002"
    acme = row(an_order(sms_body=body), ACME)
    assert (acme.status, acme.reason) == ("New", "")


@pytest.mark.parametrize(
    ("subject", "body", "status"),
    [
        ("$recipientName$", "$recipientNumber$ ", "Failed"),
        ("$recipientName$", "Read it.", "New"),
        ("A letter", "$recipientName$", "New"),
        ("$recipientName$!", "$recipientName$", "New"),
    ],
)
def test_a_mail_of_which_keywords_leave_neither_subject_nor_body_fails(
    subject: str, body: str, status: str
) -> None:
    made = row(an_order(Channel.EMAIL, email_subject=subject, email_body=body), NAMELESS)
    assert made.status == status
    assert (made.reason == EMPTY) == (status == "Failed")


@pytest.mark.parametrize(
    ("recipient", "body", "filled", "note"),
    [
        (NAMELESS, "Hi $recipientName$!", "Hi !", NO_NAME),
        (NAMELESS, "No. $recipientNumber$.", "No. .", ""),
        (PERSON, "Hi $recipientName$!", "Hi Kari!", ""),
        (BY_MOBILE, "Hi $recipientName$!", None, ""),
    ],
)
def test_a_name_that_register_does_not_know_is_left_empty_with_a_note(
    recipient: Addressee, body: str, filled: str | None, note: str
) -> None:
    made = row(an_order(sms_body=body), recipient)
    assert (made.body, made.reason, made.status) == (filled, note, "New")


def test_segments_are_those_of_the_text_as_it_will_be_sent() -> None:
    almost_two = an_order(sms_body="a" * 158 + "$recipientName$")
    assert row(almost_two).segments == 2
    assert row(an_order(sms_body="a" * 160)).segments == 1
    assert row(an_order(sms_body="ж" * 71)).segments == 2
    assert row(an_order(Channel.EMAIL)).segments is None


def test_an_sms_that_its_keywords_make_too_long_fails_with_the_reason() -> None:
    longest = an_order(sms_body="a" * (16 * 134 - 4) + "$recipientName$")
    assert (row(longest).status, row(longest).segments) == ("New", 16)
    too_long = an_order(sms_body="a" * (16 * 134 - 3) + "$recipientName$")
    made = row(too_long)
    assert made.status == "Failed"
    assert made.reason == (
        "With its keywords filled in the SMS takes 17 parts; at most 16 are sent."
    )
    assert (made.address, made.expires_at, made.body) == ("+4791000001", None, None)


def test_an_sms_that_its_keywords_make_too_long_goes_where_it_will_be_cut(
    settings: LazySettings,
) -> None:
    settings.SMS_TOO_LONG = "truncate"
    made = row(an_order(sms_body="a" * (16 * 134 - 3) + "$recipientName$"))
    assert (made.status, made.segments) == ("New", 16)


@pytest.mark.parametrize(
    ("channel", "policy", "requested", "now", "expires"),
    [
        ("Sms", "Daytime", "2025-08-25T10:00", "2025-08-25T10:00", "2025-08-27T10:00"),
        ("Sms", "Daytime", "2025-08-25T20:00", "2025-08-25T20:00", "2025-08-28T07:00"),
        ("Sms", "Anytime", "2025-08-25T20:00", "2025-08-25T20:00", "2025-08-27T20:00"),
        ("Email", "Daytime", "2025-08-25T20:00", "2025-08-25T20:00", "2025-08-27T20:00"),
        # Whoever is late counts from then: two days of trouble must not eat the time to send.
        ("Sms", "Daytime", "2025-08-25T10:00", "2025-08-27T20:00", "2025-08-30T07:00"),
        ("Email", "Daytime", "2025-08-25T10:00", "2025-08-27T20:00", "2025-08-29T20:00"),
    ],
)
def test_a_notification_expires_two_days_after_it_may_first_leave(
    channel: str, policy: str, requested: str, now: str, expires: str
) -> None:
    order = an_order(
        Channel(channel),
        sending_time_policy=policy,
        requested_send_time=datetime.fromisoformat(requested).replace(tzinfo=UTC),
    )
    made = row(order, now=datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert made.expires_at == datetime.fromisoformat(expires).replace(tzinfo=UTC)
    assert made.policy == (policy if channel == "Sms" else SendingTimePolicy.ANYTIME)


def test_a_failed_notification_has_no_address_no_expiry_and_no_segments() -> None:
    made = row(an_order(), Addressee(national_identity_number="30865510027"))
    assert made.status == "Failed_RecipientNotIdentified"
    assert (made.address, made.expires_at, made.segments) == ("", None, None)
    assert made.national_identity_number == "30865510027"


@pytest.mark.parametrize(
    ("channel", "failed_on"),
    [
        ("Email", "Email"),
        ("Sms", "Sms"),
        ("EmailPreferred", "Email"),
        ("SmsPreferred", "Sms"),
        ("EmailAndSms", "Email"),
    ],
)
def test_a_recipient_of_an_order_that_is_given_up_gets_one_failed_row(
    channel: str, failed_on: str
) -> None:
    renderer = OrderRenderer(an_order(Channel(channel)), known=KNOWN, names=NAMES, now=NOON)
    made = renderer.failed_row(ACME, reason="Nothing helped.")
    assert (made.channel, made.status, made.reason) == (failed_on, "Failed", "Nothing helped.")
    assert (made.address, made.organization_number) == ("", "123456789")
    assert made.expires_at is None


@pytest.mark.parametrize(
    ("channel", "recipient", "expected"),
    [
        ("Sms", BY_MOBILE, ("Sms", "+4791000009")),
        ("Email", BY_EMAIL, ("Email", "direct@n.no")),
        ("EmailPreferred", BY_MOBILE, ("Sms", "+4791000009")),
        ("EmailAndSms", BY_MOBILE, ("Sms", "+4791000009")),
        ("Email", BY_MOBILE, ("Email", "")),
        ("Sms", Addressee(mobile_number="+999"), ("Sms", "")),
    ],
)
def test_the_failed_row_keeps_an_address_that_the_sender_gave(
    channel: str, recipient: Addressee, expected: tuple[str, str]
) -> None:
    renderer = OrderRenderer(an_order(Channel(channel)), known=KNOWN, names=NAMES, now=NOON)
    made = renderer.failed_row(recipient, reason="Nothing helped.")
    assert (made.channel, made.address) == expected
    assert (made.normalized_address, made.status) == (expected[1], "Failed")


@pytest.mark.parametrize("policy", [SendingTimePolicy.ANYTIME, SendingTimePolicy.DAYTIME])
def test_an_email_leaves_when_its_own_policy_lets_it(policy: SendingTimePolicy) -> None:
    at_night = datetime(2025, 8, 25, 20, 0, tzinfo=UTC)
    made = row(an_order(Channel.EMAIL, email_sending_time_policy=policy), now=at_night)
    first = at_night if policy == "Anytime" else datetime(2025, 8, 26, 7, 0, tzinfo=UTC)
    assert (made.policy, made.expires_at) == (policy.value, first + timedelta(hours=48))


@pytest.mark.parametrize(
    ("texts", "needed"),
    [
        ({}, False),
        ({"sms_body": "$recipientNumber$"}, True),
        ({"email_subject": "$recipientName$"}, True),
        ({"email_body": "$recipientName$"}, True),
    ],
)
def test_names_are_needed_where_any_text_holds_a_keyword(
    texts: dict[str, str], needed: bool
) -> None:
    assert needs_names(an_order(Channel.EMAIL_AND_SMS, **texts)) is needed
