"""A resend goes where the recipient is reached now, or to the corrected address."""

from typing import Any

import pytest

from notifications.resend.eligibility import Terms
from notifications.resend.resend import Resent, plan
from orders.models import Channel, Creator, Order
from orders.requests import Addressee, EmailText
from script.launcher.system.simulators import Simulators
from tests.building import (
    FJELLHEIM,
    KARI,
    RAKEL_RESERVED,
    SUNNIVA,
    TORDIS_WITHOUT_CONTACT,
    in_a_chain,
    notification,
    processed_order,
)
from tests.notifications.resend.resends import (
    KARIS_NUMBER,
    LATER,
    R,
    S,
    refusal,
    resends_of,
    the_resend_of,
)
from tests.resending import resend

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("given", "kept", "normalized"),
    [
        (" +47 91 00 00 01 ", "+4791000001", "+4791000001"),
        ("91 00 00 01", "+4791000001", "+4791000001"),
        ("0046701234567", "+46701234567", "+46701234567"),
    ],
)
def test_a_corrected_number_is_used_and_kept_in_international_form(
    completed: Order, given: str, kept: str, normalized: str
) -> None:
    old = notification(completed, S.FAILED_INVALID_RECIPIENT)
    assert refusal(old, to_address=given) is None
    made = the_resend_of(old)
    assert (made.address, made.normalized_address) == (kept, normalized)


def test_a_corrected_email_address_is_used(ttd: Creator) -> None:
    old = notification(processed_order(ttd, channel=Channel.EMAIL), S.FAILED_BOUNCED)
    assert refusal(old, to_address=" Kari@Example.com ") is None
    made = the_resend_of(old)
    assert (made.address, made.normalized_address) == ("Kari@Example.com", "kari@example.com")


def test_a_corrected_address_must_fit_the_channel(ttd: Creator, completed: Order) -> None:
    sms = notification(completed, S.FAILED)
    mail = notification(processed_order(ttd, channel=Channel.EMAIL), S.FAILED)
    for wrong in ("kari@example.com", "12345", "+4712345678", "+47 9999"):
        assert refusal(sms, to_address=wrong, force=True) == R.NO_NUMBER
    for wrong in ("+4799999999", "kari@", "a@b.no;c@d.no"):
        assert refusal(mail, to_address=wrong, force=True) == R.NO_EMAIL


def test_a_corrected_address_is_for_one_notification_only(completed: Order) -> None:
    both = [notification(completed, S.FAILED).pk for _ in range(2)]
    done = resend(both, to_address="+4791000001", now=LATER)
    assert done == Resent([], dict.fromkeys(both, R.NOT_ALONE))


def test_a_person_is_reached_where_the_register_says_now(
    completed: Order, simulators: Simulators
) -> None:
    old = notification(completed, S.FAILED, national_identity_number=KARI)
    assert [one.address for one in plan([old.pk], terms=Terms(), now=LATER).planned] == [
        KARIS_NUMBER
    ]
    assert refusal(old) is None
    made = the_resend_of(old)
    assert (made.address, made.normalized_address) == (KARIS_NUMBER, KARIS_NUMBER)
    assert made.national_identity_number == KARI


def test_a_person_without_a_registered_address_is_reached_at_the_old_one(
    completed: Order, simulators: Simulators
) -> None:
    tordis: dict[str, Any] = {"national_identity_number": TORDIS_WITHOUT_CONTACT}
    old = notification(completed, S.FAILED, **tordis)
    nowhere = notification(completed, S.FAILED_RECIPIENT_NOT_IDENTIFIED, address="", **tordis)
    assert refusal(old) is None
    assert the_resend_of(old).address == "+4799999999"
    assert refusal(nowhere) == R.NO_ADDRESS
    assert refusal(nowhere, to_address="+4791000001") is None


@pytest.mark.parametrize("to_address", ["", "+4791000001"])
def test_who_is_reserved_is_left_in_peace_unless_that_is_overridden(
    ttd: Creator, simulators: Simulators, to_address: str
) -> None:
    simulators.add_person(RAKEL_RESERVED, mobileNumber="+4791000002", isReserved=True)
    rakel: dict[str, Any] = {"national_identity_number": RAKEL_RESERVED}
    usual = processed_order(ttd, status="Completed")
    ignoring = processed_order(ttd, status="Completed", ignore_reservation=True)
    old = notification(usual, S.FAILED_RECIPIENT_RESERVED, address="", **rakel)
    assert refusal(old, to_address=to_address, force=True) == R.RESERVED
    assert refusal(old, to_address=to_address, override_reservation=True) is None
    assert the_resend_of(old).address == (to_address or "+4791000002")
    assert refusal(notification(ignoring, S.FAILED, **rakel), to_address=to_address) is None


def test_an_organization_is_reached_where_it_was_or_else_at_all_its_addresses(
    completed: Order, simulators: Simulators
) -> None:
    numbers = ["+4791000001", "+4791000002"]
    simulators.add_organization(FJELLHEIM, mobileNumberList=numbers)
    company: dict[str, Any] = {"organization_number": FJELLHEIM}
    known = notification(completed, S.FAILED, **company)
    nowhere = notification(completed, S.FAILED_RECIPIENT_NOT_IDENTIFIED, address="", **company)
    done = resend([known.pk, nowhere.pk], now=LATER)
    assert len(done.ids) == 3
    assert the_resend_of(known).address == "+4799999999"
    assert sorted(made.address for made in resends_of(nowhere)) == numbers
    assert {made.organization_number for made in resends_of(nowhere)} == {FJELLHEIM}


def test_somebody_with_another_log_in_is_reached_where_the_register_says_now(
    ttd: Creator, simulators: Simulators
) -> None:
    placed = processed_order(
        ttd,
        channel=Channel.EMAIL,
        recipients=[SUNNIVA],
        status="Completed",
        email=EmailText("To $recipientName$", "Hello"),
    )
    known = notification(in_a_chain(placed), S.FAILED_BOUNCED)
    nowhere = notification(placed, S.FAILED_RECIPIENT_NOT_IDENTIFIED, address="")
    for old in (known, nowhere):
        assert refusal(old) is None
        made = the_resend_of(old)
        assert (made.address, made.subject) == ("sunniva@post.example", None)


def test_somebody_with_another_log_in_whom_nobody_knows_is_told_as_such(
    ttd: Creator, simulators: Simulators
) -> None:
    nobody = Addressee(external_identity="urn:altinn:party:username:nobody")
    placed = in_a_chain(processed_order(ttd, recipients=[nobody], status="Completed"))
    old = notification(placed, S.FAILED_RECIPIENT_NOT_IDENTIFIED, address="")
    assert refusal(old) == R.NO_ADDRESS
    assert refusal(old, to_address="+4791000001") is None


def test_nobody_is_looked_up_whose_address_the_sender_gave(
    completed: Order, simulators: Simulators
) -> None:
    simulators.fault("profile", "error500")
    old = notification(completed, S.FAILED)
    assert refusal(old) is None
    assert simulators.calls() == []
