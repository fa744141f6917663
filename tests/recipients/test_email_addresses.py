"""Which texts are e-mail addresses."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipients.email_addresses import is_email_address

ADDRESSES = [
    "stephanie@kul.no",
    "æge_sjøåsen@domain.com",
    "bakken_kundeservice@sykkelverksted.com",
    "john.doe@sub.domain.example",
    "gratis-netflix+1@gmail.com",
    "user.name+tag@domain.co.uk",
    "user123@example-domain.com",
    "noreply@altinn.no",
    "recipient+test@altinnxyz.no",
    "user@192.168.1.1",
    "user@999.1.1.1",
    "user@sjøåsen.no",
    "!#$%&'*+-=?^_`{|}~@example.com",
    "a@b.no",
    f"user@{'a' * 63}.no",
    f"user@{'a.' * 9}no",
    "user@example.abcdefghijklmn",
]


@pytest.mark.parametrize("text", ADDRESSES)
def test_an_address_is_accepted(text: str) -> None:
    assert is_email_address(text)


@pytest.mark.parametrize("text", ADDRESSES)
def test_white_space_around_an_address_does_not_count(text: str) -> None:
    assert is_email_address(f" \t{text}\t ")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "userexample.com",
        "thisisinvalid",
        "not.an.email",
        "test.example.com",
        "user@",
        "@example.com",
        "@domain.com",
        "user@example",
        "user@example..com",
        "user@exa!mple.com",
        ".user@example.com",
        "user.@example.com",
        "us..er@example.com",
        "us er@example.com",
        "one@example.com;two@example.com",
        "one@example.com,two@example.com",
        "one@example.com two@example.com",
        "one@two@example.com",
        "a;b@example.com",
        "user/x@example.com",
        '"quoted"@example.com',
        "user@example.c",
        "user@example.abcdefghijklmno",
        "user@example.xn--p1ai",
        "user@example.no1",
        "user@-example.com",
        "user@example-.com",
        "user@exam_ple.com",
        f"user@{'a' * 64}.no",
        f"user@{'a.' * 10}no",
        "user@[192.168.1.1]",
        "user@192.168.1",
        "user@192.168.1.1.1",
        "user@1921.168.1.1",
        "user@example.com\nBcc: other@example.com",
        "user\n@example.com",
        "Ola Nordmann <ola@example.com>",
        "é@example.com",
        "user@example.com.",
        "user@٣٣.٣.٣.٣",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    assert not is_email_address(text)


@given(st.text(alphabet="ab.@-;æ1 ", max_size=60))
def test_an_accepted_address_has_one_at_sign_and_no_separator(text: str) -> None:
    if is_email_address(text):
        assert text.count("@") == 1
        assert ";" not in text
        assert " " not in text.strip()


@pytest.mark.parametrize(
    "text", ["a." * 30_000 + "@", "a" * 60_000 + "!", "a@" + "a-" * 30_000, "a@" + "a." * 30_000]
)
def test_a_long_wrong_text_is_refused_quickly(text: str) -> None:
    started = time.perf_counter()
    assert not is_email_address(text)
    assert time.perf_counter() - started < 0.5
