"""Which texts are e-mail addresses."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipients.email_addresses import (
    NotAnEmailAddress,
    canonical,
    comparable,
    from_register,
    is_email_address,
    is_usable,
)

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
        f"user@{'ø' * 60}.no",
        f"user@{'a' * 63}.{'b' * 63}.{'c' * 63}.{'d' * 63}.no",
        f"{'u' * 65}@example.com",
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
    ("text", "found"),
    [
        ("ola21@straße.example", "ola21@xn--strae-oqa.example"),
        ("ola@faß.de", "ola@xn--fa-hia.de"),
        ("Ola@BLÅBÆR.No", "Ola@xn--blbr-roah.no"),
        ("ola@bla\u030aba\u0308r.no", "ola@xn--blbr-noae.no"),
        ("ola\uff20\uff45\uff58\uff41\uff4d\uff50\uff4c\uff45\u3002no", "ola@example.no"),
        ("ola@example.no.", "ola@example.no"),
        ("ola@blå.no\u3002", "ola@xn--bl-zia.no"),
        ("\u202aola@example.no\u202c", "ola@example.no"),
        ("\u00a0ola@example.no\u200b\t", "ola@example.no"),
        ("ola@xn--strae-oqa.example", "ola@xn--strae-oqa.example"),
        ("ka\u030are@example.no", "kåre@example.no"),
        ("ola@192.0.2.1", "ola@192.0.2.1"),
        ("o/la@example.no", "o/la@example.no"),
        ("ola@пример.рф", "ola@xn--e1afmkfd.xn--p1ai"),
    ],
)
def test_case_11_an_address_has_one_form_for_envelopes_headers_and_comparing(
    text: str, found: str
) -> None:
    assert canonical(text) == found
    assert canonical(found) == found
    assert comparable(text) == comparable(found)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".@[",
        "ola@",
        "@example.no",
        "a@[",
        "a@[192.0.2.1]",
        '"o la"@example.no',
        "ola@exam_ple.no",
        "ola@i❤.ws",
        "ola@\ud800.no",
        "\ud800@example.no",
        "o\u200bla@example.no",
        "o la@example.no",
        "ola@example..no",
        "ola@-example.no",
        "ola@exa mple.no",
        "ola@example.no\r\nBcc: kari@example.no",
        "ola@example.no\0x",
        "a@b@c.no",
        f"ola@{'ø' * 60}.no",
        f"{'ø' * 33}@example.no",
        f"ola@{'a.' * 130}no",
    ],
)
def test_what_mail_cannot_be_sent_to_is_no_address(text: str) -> None:
    with pytest.raises(NotAnEmailAddress):
        canonical(text)
    assert from_register(text) == ""
    assert comparable(text) == text.strip().lower()


@pytest.mark.parametrize("text", ["root@localhost", "kari@gmail", "kari@gmail.", "kari@blåbær"])
def test_nobody_is_written_to_at_a_domain_that_a_mail_server_would_complete(text: str) -> None:
    """It could be a mailbox of the relay, or of whoever has that name below the relay's domain."""
    assert not is_usable(text)
    assert from_register(text) == ""
    assert not is_email_address(text)


@given(st.text(max_size=60) | st.emails())
def test_any_text_is_an_address_or_refused(text: str) -> None:
    if not is_usable(text):
        return
    found = canonical(text)
    assert canonical(found) == found
    local_part, _, domain = found.rpartition("@")
    assert domain.isascii()
    assert domain == domain.lower()
    assert local_part
    assert not set(found) & set("\r\n\0<>")


@pytest.mark.parametrize(
    "text", ["a." * 30_000 + "@", "a" * 60_000 + "!", "a@" + "a-" * 30_000, "a@" + "a." * 30_000]
)
def test_a_long_wrong_text_is_refused_quickly(text: str) -> None:
    started = time.process_time()
    assert not is_email_address(text)
    assert not is_usable(text)
    assert time.process_time() - started < 0.5
