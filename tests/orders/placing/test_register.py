"""An order is stored with its recipients, and says whom the registers know no way to."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from orders.models import Channel, Creator, EmailContentType, Order
from orders.placing.insert import repeats
from orders.placing.register import register, summarize
from orders.requests import Addressee, EmailText, RecipientLookup, SmsText
from recipients.models import Recipient
from recipients.registers import RegisterUnavailable
from script.launcher.system.simulators import Simulators
from tests.building import (
    FJELLHEIM,
    KARI,
    NOON,
    OLA,
    RAKEL_RESERVED,
    TORDIS_WITHOUT_CONTACT,
    direct,
    mobiles,
    organization,
    people,
    person,
    request,
)

ONLY_USERS = "313200000"
ONLY_FORBIDDEN_USERS = "313300005"
ONLY_EMAIL = "03826110006"
NO_NUMBER = "99999999990"


def look_up(
    creator: Creator, channel: Channel, *recipients: Addressee, **fields: Any
) -> RecipientLookup | None:
    order = request(channel, recipients, **fields)
    return register(creator=creator, request=order, now=NOON).recipient_lookup


def said(lookup: RecipientLookup | None) -> tuple[str, list[str], list[str]]:
    assert lookup is not None
    return lookup.status.value, lookup.is_reserved, lookup.missing_contact


@pytest.mark.parametrize(
    ("channel", "recipients", "expected"),
    [
        (
            "Email",
            [RAKEL_RESERVED, TORDIS_WITHOUT_CONTACT],
            ("Failed", [RAKEL_RESERVED], [TORDIS_WITHOUT_CONTACT]),
        ),
        (
            "Email",
            [RAKEL_RESERVED, TORDIS_WITHOUT_CONTACT, KARI],
            ("PartialSuccess", [RAKEL_RESERVED], [TORDIS_WITHOUT_CONTACT]),
        ),
        ("Email", [KARI, OLA], ("Success", [], [])),
        ("Email", [ONLY_EMAIL], ("Success", [], [])),
        ("Sms", [ONLY_EMAIL], ("Failed", [], [ONLY_EMAIL])),
        ("SmsPreferred", [ONLY_EMAIL], ("Success", [], [])),
        ("EmailAndSms", [ONLY_EMAIL], ("Success", [], [])),
        ("Sms", [NO_NUMBER], ("Failed", [], [NO_NUMBER])),
        ("Sms", [KARI, NO_NUMBER, KARI, NO_NUMBER], ("PartialSuccess", [], [NO_NUMBER])),
        ("Sms", [NO_NUMBER, NO_NUMBER], ("Failed", [], [NO_NUMBER])),
        ("Sms", [RAKEL_RESERVED, RAKEL_RESERVED], ("Failed", [RAKEL_RESERVED], [])),
    ],
)
def test_the_sender_is_told_who_is_reserved_and_who_has_no_address(
    ttd: Creator,
    simulators: Simulators,
    channel: str,
    recipients: list[str],
    expected: tuple[str, list[str], list[str]],
) -> None:
    assert said(look_up(ttd, Channel(channel), *map(person, recipients))) == expected


def test_a_reservation_is_told_even_where_the_order_ignores_it(
    ttd: Creator, simulators: Simulators
) -> None:
    lookup = look_up(ttd, Channel.EMAIL, person(RAKEL_RESERVED), ignore_reservation=True)
    assert said(lookup) == ("Failed", [RAKEL_RESERVED], [])


@pytest.mark.parametrize(
    ("number", "resource_id", "status"),
    [
        (FJELLHEIM, None, "Success"),
        ("313100006", None, "Failed"),
        (ONLY_USERS, None, "Failed"),
        (ONLY_USERS, " ", "Failed"),
        (ONLY_USERS, "app_ttd_apps-test", "Success"),
        (ONLY_USERS, "urn:altinn:resource:app_ttd_apps-test", "Success"),
        (ONLY_FORBIDDEN_USERS, "app_ttd_apps-test", "Failed"),
    ],
)
def test_an_organization_is_reached_at_its_own_addresses_or_by_those_who_act_for_it(
    ttd: Creator, simulators: Simulators, number: str, resource_id: str | None, status: str
) -> None:
    found = look_up(ttd, Channel.EMAIL, organization(number), resource_id=resource_id)
    missing = [] if status == "Success" else [number]
    assert said(found) == (status, [], missing)


def test_nobody_is_looked_up_where_all_addresses_are_given(
    ttd: Creator, simulators: Simulators
) -> None:
    assert look_up(ttd, Channel.SMS, *mobiles(3)) is None
    assert simulators.calls() == []


def test_explicit_addresses_do_not_count_in_the_look_up(
    ttd: Creator, simulators: Simulators
) -> None:
    found = look_up(ttd, Channel.SMS, *mobiles(3), person(NO_NUMBER))
    assert said(found) == ("Failed", [], [NO_NUMBER])


def test_each_number_counts_once_however_often_it_is_listed() -> None:
    verdict = Recipient.LookUp
    summary = summarize(
        [person(KARI), person(OLA), person(KARI), organization(FJELLHEIM), direct(mobile="+4791")],
        [verdict.MISSING, verdict.RESERVED, verdict.MISSING, verdict.FOUND, verdict.NOT_NEEDED],
    )
    assert said(summary) == ("PartialSuccess", [OLA], [KARI])


def test_the_verdict_on_each_recipient_is_stored(ttd: Creator, simulators: Simulators) -> None:
    everybody = [person(KARI), person(RAKEL_RESERVED), person(NO_NUMBER), *mobiles(1)]
    order = request(Channel.SMS, everybody)
    order_id = register(creator=ttd, request=order, now=NOON).order_id
    stored = Recipient.objects.of_order(order_id).values_list("placement_look_up", flat=True)
    assert list(stored) == ["Found", "Reserved", "Missing", "NotNeeded"]


def test_everything_about_the_order_is_stored(ttd: Creator, db: None) -> None:
    receipt = register(
        creator=ttd,
        request=request(
            Channel.EMAIL_AND_SMS,
            [direct(email="kari@n.no", mobile="+47 910 00 001")],
            requested_send_time=NOON + timedelta(hours=1),
            senders_reference="ref-1",
            ignore_reservation=True,
            resource_id="app_ttd_apps-test",
            resource_action="sign",
            condition_endpoint="https://ttd.example/condition",
            email=EmailText("Emne", "<p>Hei</p>", EmailContentType.HTML, "ttd@altinn.cloud"),
            sms=SmsText("Hei", "TTD"),
        ),
        now=NOON,
    )
    order = Order.objects.get(pk=receipt.order_id)
    values = {field.attname: getattr(order, field.attname) for field in Order._meta.fields}
    assert values == {
        "id": receipt.order_id,
        "creator_id": ttd.pk,
        "type": "Notification",
        "chain_id": None,
        "chain_position": None,
        "created": NOON,
        "senders_reference": "ref-1",
        "requested_send_time": NOON + timedelta(hours=1),
        "channel": "EmailAndSms",
        "sending_time_policy": "Daytime",
        "email_sending_time_policy": "Anytime",
        "ignore_reservation": True,
        "use_stale_contact_information": False,
        "resource_id": "app_ttd_apps-test",
        "resource_action": "sign",
        "email_sender": "ttd@altinn.cloud",
        "email_subject": "Emne",
        "email_body": "<p>Hei</p>",
        "email_content_type": "Html",
        "sms_sender": "TTD",
        "sms_body": "Hei",
        "condition_endpoint": "https://ttd.example/condition",
        "awaits_condition": True,
        "condition_met": None,
        "condition_note": "",
        "condition_asked_at": None,
        "status": "Registered",
        "status_at": NOON,
        "next_attempt_at": NOON + timedelta(hours=1),
        "lease_token": None,
        "attempts": 0,
        "expanded_up_to": 0,
        "reason": "",
        "held_at": None,
        "stopped_at": None,
        "purged_at": None,
        "trace_id": None,
        "is_test": False,
    }
    (recipient,) = order.recipients.all()
    assert (recipient.email_address, recipient.mobile_number) == ("kari@n.no", "+47 910 00 001")


def test_an_order_without_a_time_is_due_at_once_and_has_the_usual_senders(
    ttd: Creator, db: None
) -> None:
    recipients = [direct(email="kari@n.no", mobile="+4791000001")]
    order = request(Channel.EMAIL_PREFERRED, recipients)
    stored = Order.objects.get(pk=register(creator=ttd, request=order, now=NOON).order_id)
    assert stored.requested_send_time == stored.next_attempt_at == NOON
    assert (stored.sms_sender, stored.email_sender) == ("Altinn", "noreply@altinn.cloud")
    assert not stored.awaits_condition


@pytest.mark.parametrize(
    ("channel", "without"), [("Sms", "email"), ("Email", "sms")], ids=["Sms", "Email"]
)
def test_a_channel_that_is_not_used_has_no_texts(
    ttd: Creator, db: None, channel: str, without: str
) -> None:
    recipients = [direct(email="kari@n.no", mobile="+4791000001")]
    order_id = register(
        creator=ttd, request=request(Channel(channel), recipients), now=NOON
    ).order_id
    stored = Order.objects.get(pk=order_id)
    assert (getattr(stored, f"{without}_sender"), getattr(stored, f"{without}_body")) == (
        None,
        None,
    )


def test_recipients_are_kept_in_the_order_of_the_request(ttd: Creator, db: None) -> None:
    recipients = mobiles(500)[::-1]
    order_id = register(creator=ttd, request=request(Channel.SMS, recipients), now=NOON).order_id
    stored = Recipient.objects.of_order(order_id).values_list("mobile_number", flat=True)
    assert list(stored) == [one.mobile_number for one in recipients]


@pytest.mark.parametrize(
    ("channel", "recipients", "expected"),
    [
        ("Sms", [person(KARI), person(OLA), person(KARI)], [False, False, True]),
        ("Sms", [organization(FJELLHEIM)] * 3, [False, True, True]),
        (
            "Sms",
            [direct(mobile="+4791000001"), direct(mobile="004791000001"), direct(mobile="+46701")],
            [False, True, False],
        ),
        (
            "Email",
            [direct(email="a@n.no"), direct(email="A@N.no "), direct(email="b@n.no")],
            [False, True, False],
        ),
        (
            "SmsPreferred",
            [direct(mobile="+4791000001"), direct(email="a@n.no", mobile="+4791000001")],
            [False, False],
        ),
        # What the channel cannot use was never checked, and may be anything.
        (
            "Email",
            [direct(email="a@n.no", mobile="call me"), direct(email="A@n.no", mobile="call me")],
            [False, True],
        ),
        ("Sms", [direct(email="x", mobile="+4791000001")], [False]),
    ],
)
def test_an_entry_that_says_the_same_as_an_earlier_one_is_a_repeat(
    channel: str, recipients: list[Addressee], expected: list[bool]
) -> None:
    assert list(repeats(recipients, Channel(channel))) == expected


def test_repeats_are_stored_and_marked(ttd: Creator, db: None) -> None:
    recipients = [*mobiles(2), *mobiles(2)]
    order_id = register(creator=ttd, request=request(Channel.SMS, recipients), now=NOON).order_id
    stored = Recipient.objects.of_order(order_id).values_list("is_repeat", flat=True)
    assert list(stored) == [False, False, True, True]


def test_an_order_is_stored_by_one_statement(
    ttd: Creator,
    simulators: Simulators,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(1):
        look_up(ttd, Channel.SMS, *people(100), *mobiles(100))
    assert Recipient.objects.count() == 200


@pytest.mark.parametrize(
    ("register_name", "recipient"),
    [("profile", person(KARI)), ("authorization", organization(ONLY_USERS))],
)
@pytest.mark.parametrize("trouble", ["error500", "bad-json"])
def test_nothing_is_stored_while_a_register_is_down(
    ttd: Creator,
    simulators: Simulators,
    register_name: str,
    recipient: Addressee,
    trouble: str,
) -> None:
    simulators.fault(register_name, trouble)
    with pytest.raises(RegisterUnavailable), CaptureQueriesContext(connection) as queries:
        look_up(ttd, Channel.SMS, recipient, resource_id="app_ttd_apps-test")
    assert not Order.objects.exists()
    assert len(queries) == 0


def test_names_are_not_asked_for_at_placement(ttd: Creator, simulators: Simulators) -> None:
    simulators.fault("register", "error500")
    found = look_up(ttd, Channel.SMS, person(KARI), sms=SmsText("Hi $recipientName$"))
    assert said(found) == ("Success", [], [])


def test_many_recipients_are_looked_up_a_thousand_at_a_time(
    ttd: Creator, simulators: Simulators
) -> None:
    assert said(look_up(ttd, Channel.SMS, *people(2_500))) == ("Success", [], [])
    sizes = [call["size"] for call in simulators.calls("profile")]
    assert sorted(sizes) == [500, 1_000, 1_000]


def test_a_hundred_thousand_recipients_are_stored_in_one_go(
    ttd: Creator, db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    order = request(Channel.SMS, mobiles(100_000))
    start = time.monotonic()
    with django_assert_num_queries(1):
        order_id = register(creator=ttd, request=order, now=NOON).order_id
    seconds = time.monotonic() - start
    assert Recipient.objects.of_order(order_id).count() == 100_000
    assert seconds < 20, f"took {seconds:.1f} s"  # usually 2
