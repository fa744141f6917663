"""Test recipients are accepted like any address, and none of them can be anybody's."""

from pathlib import Path

import pytest

from recipients.email_addresses import comparable, is_email_address
from recipients.for_tests import BY_NAME, BY_TEN, DOMAIN, NUMBERS, Course, course_of
from recipients.mobile_numbers import is_mobile_number, to_e164


def test_every_number_of_the_series_may_be_sent_to_and_has_a_course() -> None:
    numbers = [f"+{number}" for number in NUMBERS]
    assert len(numbers) == 95
    assert all(is_mobile_number(number) and to_e164(number) == number for number in numbers)
    assert all(course_of(number) for number in numbers)


@pytest.mark.parametrize("name", BY_NAME)
def test_every_mailbox_may_be_sent_to(name: str) -> None:
    for address in (f"{name}@{DOMAIN}", f"{name.upper()}+17@{DOMAIN.upper()}"):
        assert is_email_address(address)
        assert course_of(comparable(address)) == BY_NAME[name]


@pytest.mark.parametrize(
    ("address", "course"),
    [
        ("+46701740605", Course.SILENT),
        ("+46701740610", Course.DELIVERED),
        ("+46701740619", Course.DELIVERED),
        ("+46701740620", Course.BARRED),
        ("+46701740699", Course.RESERVED),
        ("nobody@notifications.test", Course.BOUNCED),
    ],
)
def test_the_address_says_what_becomes_of_a_message(address: str, course: Course) -> None:
    assert course_of(address) == course


@pytest.mark.parametrize(
    "address",
    [
        "+46701740604",
        "+46701740700",
        "+467017406100",
        "+4670174061",
        "+4699999999",
        "+4799999999",
        "+46701740610@example.com",
        "+4670174kari@example.com",
        "delivered@notifications.test.no",
        "delivered@my-notifications.test",
        "delivered@mail.notifications.test",
        "notifications.test",
        "",
    ],
)
def test_what_may_be_somebodys_has_no_course(address: str) -> None:
    assert course_of(address) is None


def test_the_documentation_names_each_of_them() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text()
    table = page.partition("### Test recipients")[2].partition("###")[0]
    assert [name for name in BY_NAME if f"`{name}`" not in table] == []
    assert [ten for ten in BY_TEN if ten and f"`+467017406{ten}x`" not in table] == []
