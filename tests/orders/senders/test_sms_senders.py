"""Whom an SMS is from, as phones show it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.senders.sms_senders import (
    MAX_CHARACTERS,
    MAX_DIGITS,
    can_be_shown,
    is_shown_whole,
    numbers_by_country,
    sender_name,
    sender_to,
)


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("Altinn", "Altinn"),
        ("+4740000000", "4740000000"),
        ("004740000000", "4740000000"),
        ("+004740000000", "4740000000"),
        ("000", "0"),
        ("0", "0"),
        ("+47 400 00 000", "4740000000"),
        ("1234", "1234"),
        ("26112", "26112"),
        ("123456789012345", "123456789012345"),
        ("1234 TE", "1234 TE"),
        ("Test sender", "Test sender"),
        ("Skatteetaten", "Skatteetate"),
        ("Statens vegvesen", "Statens veg"),
        ("Blåbærøya", "Blabaeroya"),
        ("Bla\u030aba\u0308r", "Blabar"),
        ("  to   ord  ", "to ord"),
        ("Nav\u00a0Oslo\u200b", "Nav Oslo"),
        ("(TEST) Instant SMS Test", "TEST Instan"),
        ("<script>", "script"),
        ("a" * 300, "a" * 11),
    ],
)
def test_a_sender_becomes_what_phones_can_show(wanted: str, name: str) -> None:
    assert sender_name(wanted) == name
    assert can_be_shown(wanted)


@pytest.mark.parametrize(
    "wanted",
    [
        "1234567890123456",
        "+4712345678901234567",
        "\N{SLIGHTLY SMILING FACE}",
        "Altinn \N{SLIGHTLY SMILING FACE}",
        "A&B",
        "A & B",
        "Rema-1000",
        "nav.no",
        "\u0410ltinn",
        "Nav\nOslo",
        "A\x00B",
        "+",
        "()",
        "12345678901 AS",
        "\u200b",
        "",
        "a" * 200 + "&",
        "1" * 300,
    ],
)
def test_case_21_what_would_be_nobodys_or_anothers_name_is_none(wanted: str) -> None:
    assert not can_be_shown(wanted)


@pytest.mark.parametrize(
    ("wanted", "whole"),
    [("Skatteetate", True), ("Skatteetaten", False), ("123456789012345", True), ("Nav Oslo", True)],
)
def test_a_name_is_cut_or_not(wanted: str, whole: bool) -> None:
    assert is_shown_whole(wanted) == whole


@given(st.text(max_size=40) | st.text("AB 19+-&()æ\u200b", max_size=20))
def test_case_21_a_sender_is_always_one_the_gateway_takes_and_never_lacks_a_character(
    wanted: str,
) -> None:
    name = sender_name(wanted)
    assert name.isascii()
    assert (name.isdigit() and len(name) <= MAX_DIGITS) or len(name) <= MAX_CHARACTERS
    assert all(char.isalnum() or char == " " for char in name)
    if name and wanted.isascii() and not name.isdigit():
        assert {char for char in wanted if not char.isalnum()} <= set(" ()[]<>\"'")
    if name:
        assert sender_name(name) == name


NUMBERS = numbers_by_country("358=4759440000, 358/ttd=4759440001,34=34600000000,1=15550000000")


@pytest.mark.parametrize(
    ("receiver", "shown", "creator", "sender"),
    [
        ("+358401234567", "Altinn", "skd", "4759440000"),
        ("+358401234567", "Altinn", "ttd", "4759440001"),
        ("+34612345678", "Altinn", "ttd", "34600000000"),
        ("+4799999999", "Altinn", "ttd", "Altinn"),
        ("+358401234567", "4712345678", "ttd", "4712345678"),
        ("", "Altinn", "ttd", "Altinn"),
    ],
)
def test_where_names_are_forbidden_a_number_stands_in(
    receiver: str, shown: str, creator: str, sender: str
) -> None:
    assert sender_to(receiver, shown=shown, creator_name=creator, numbers=NUMBERS) == sender


def test_the_longest_country_code_counts() -> None:
    numbers = numbers_by_country("1=111,1876=222,1/ttd=333")
    assert sender_to("+18765550000", shown="A", creator_name="ttd", numbers=numbers) == "222"
    assert sender_to("+12125550000", shown="A", creator_name="ttd", numbers=numbers) == "333"


@pytest.mark.parametrize(
    "text", ["358", "358=Altinn", "+358=123", "358=", "358=12", "x=123", "0=1"]
)
def test_what_is_no_country_code_with_a_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        numbers_by_country(text)
