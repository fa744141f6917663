"""What becomes of Profile's entries: addresses fit for sending, none of them twice."""

import pytest

from recipients.addresses import (
    Organization,
    Person,
    Unusable,
    User,
    organization_from,
    person_from,
)
from recipients.registers.profile import OrganizationEntry, PersonEntry, UserEntry

KARI, BEDRIFTEN = "11876995923", "311000179"


def user(user_id: int, *, email: str = "", mobile_number: str = "") -> UserEntry:
    return UserEntry(BEDRIFTEN, 500, user_id, email=email, mobile_number=mobile_number)


def organization(
    *users: UserEntry, emails: tuple[str, ...] = (), mobile_numbers: tuple[str, ...] = ()
) -> Organization:
    official = OrganizationEntry(BEDRIFTEN, emails=emails, mobile_numbers=mobile_numbers)
    return organization_from(BEDRIFTEN, official=official, users=users)


@pytest.mark.parametrize(
    ("registered", "usable"),
    [
        ("99315000", "+4799315000"),
        ("004799315000", "+4799315000"),
        ("+233242426224", "+233242426224"),
        ("22334455", ""),
        ("+4722334455", ""),
        ("02800", ""),
        ("no phone", ""),
        ("", ""),
    ],
)
def test_a_person_has_a_number_only_if_sms_can_be_sent_to_it(registered: str, usable: str) -> None:
    entry = PersonEntry(KARI, is_reserved=False, email="k@b.no", mobile_number=registered)
    assert person_from(entry) == Person(
        KARI,
        is_reserved=False,
        email_address="k@b.no",
        mobile_number=usable,
        unusable=Unusable(mobile=bool(registered) and not usable),
    )


@pytest.mark.parametrize(
    ("registered", "usable"),
    [
        ("ola@straße.example", "ola@straße.example"),
        ("\u202aola@b.no\u202c", "ola@b.no"),
        ("ola@", ""),
        ("ola@i❤.ws", ""),
        ("", ""),
        (" ", ""),
    ],
)
def test_case_09_a_person_has_an_address_only_if_mail_can_be_sent_to_it(
    registered: str, usable: str
) -> None:
    entry = PersonEntry(KARI, is_reserved=False, email=registered, mobile_number="")
    found = person_from(entry)
    assert found.email_address == usable
    assert found.unusable == Unusable(email=bool(registered.strip()) and not usable)


def test_a_person_without_addresses_may_still_be_reserved() -> None:
    entry = PersonEntry(KARI, is_reserved=True, email="", mobile_number="")
    assert person_from(entry).is_reserved


def test_an_official_address_is_used_once() -> None:
    found = organization(
        emails=("post@b.no", "POST@B.no", "other@b.no"),
        mobile_numbers=("99999999", "+4799999999", "004799999999", "+47 999 99 999", "12345678"),
    )
    assert found.email_addresses == ("post@b.no", "other@b.no")
    assert found.mobile_numbers == ("+4799999999",)


def test_users_come_in_order_with_addresses_fit_for_sending() -> None:
    found = organization(user(2, email="to@b.no"), user(1, mobile_number="99315000"))
    assert found.users == (User(2, "to@b.no", ""), User(1, "", "+4799315000"))


def test_an_organization_may_have_users_only() -> None:
    found = organization_from(BEDRIFTEN, official=None, users=[user(1, email="en@b.no")])
    assert found == Organization(BEDRIFTEN, (), (), (User(1, "en@b.no", ""),))


def test_a_users_invalid_number_is_dropped_beside_a_good_email_address() -> None:
    found = organization(user(1, email="en@b.no", mobile_number="22334455"))
    assert found.users == (User(1, "en@b.no", ""),)


def test_what_an_organisation_and_its_users_have_in_vain_is_remembered() -> None:
    assert organization(user(1, email="x", mobile_number="1")).unusable == Unusable(True, True)
    assert organization(emails=("x", "post@b.no")).unusable == Unusable(email=True)
    assert organization(mobile_numbers=("22334455",)).unusable == Unusable(mobile=True)
    assert organization(user(1), emails=("post@b.no",)).unusable == Unusable()


def test_case_11_an_address_is_the_same_in_ascii() -> None:
    found = organization(emails=("post@straße.example", "Post@xn--strae-oqa.EXAMPLE", "post@ß.no"))
    assert found.email_addresses == ("post@straße.example", "post@ß.no")


def test_a_user_with_nothing_but_an_invalid_number_is_dropped() -> None:
    assert organization(user(1, mobile_number="22334455"), user(2)).users == ()


def test_a_user_keeps_an_address_that_others_have_too() -> None:
    found = organization(
        user(1, email="Post@B.no", mobile_number="99315000"),
        user(2, email="post@b.no"),
        emails=("post@b.no",),
    )
    assert found.users == (User(1, "Post@B.no", "+4799315000"), User(2, "post@b.no", ""))


def test_an_organisation_is_reachable_where_it_or_a_user_is() -> None:
    nobody = organization()
    assert (nobody.has_email, nobody.has_mobile) == (False, False)
    by_users = organization(user(1, email="en@b.no"), user(2, mobile_number="99315000"))
    assert (by_users.has_email, by_users.has_mobile) == (True, True)
    by_itself = organization(emails=("post@b.no",), mobile_numbers=("99315000",))
    assert (by_itself.has_email, by_itself.has_mobile) == (True, True)
