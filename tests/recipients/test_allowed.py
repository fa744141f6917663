"""Who is on the list of test mode, and who only looks like it."""

import pytest

from recipients.allowed import NotAnEntry, entries, is_allowed

LIST = entries("+47 999 99 999, Kari@Example.com\n@Ålesund.example\n\n0046701234567")


def test_entries_are_written_as_addresses_of_notifications_are() -> None:
    assert LIST == [
        "+4799999999", "kari@example.com", "@xn--lesund-hua.example", "+46701234567"
    ]  # fmt: skip
    assert entries("") == []


@pytest.mark.parametrize(
    "address", ["+4799999999", "kari@example.com", "ola@xn--lesund-hua.example"]
)
def test_who_is_on_it(address: str) -> None:
    assert is_allowed(address, LIST)


@pytest.mark.parametrize(
    "address",
    ["+4799999998", "ola@example.com", "kari@mail.example.com", "xn--lesund-hua.example", ""],
)
def test_who_is_not(address: str) -> None:
    assert not is_allowed(address, LIST)


@pytest.mark.parametrize("text", ["99999999", "kari", "@", "@no-dot", "*@example.com,x"])
def test_what_is_no_entry_is_refused(text: str) -> None:
    with pytest.raises(NotAnEntry):
        entries(text)
