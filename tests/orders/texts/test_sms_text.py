"""The text of an SMS as it is sent: what nobody sees the difference of costs nobody a part."""

import pytest
from django.conf import LazySettings
from hypothesis import example, given
from hypothesis import strategies as st

from orders.texts.sms_length import Encoding, count_segments
from orders.texts.sms_text import as_sent, sms_length
from runtime.visible_text import says_nothing

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("Frist\u00a031.\u00a0mai", "Frist 31. mai"),
        ("a\tb\u2009c\u3000d", "a b c d"),
        ("\u201dHei\u201d \u00abhei\u00bb \u2018hei\u2019", '"Hei" "hei" \'hei\''),
        ("1\u20132 \u2014 3\u20114\u22125", "1-2 - 3-4-5"),
        ("Vent\u2026", "Vent..."),
        ("Telefon\u00adkatalog", "Telefonkatalog"),
        ("a\u200bb\ufeffc\u200ed\u2060e\ufe0f", "abcde"),
        ("bla\u030aba\u0308r", "blåbär"),
        ("pris \u0080 5 \u0093nå\u0094\u0085", 'pris € 5 "nå"...'),
        ("en\r\nto\rtre\nfire\u2028fem", "en\nto\ntre\nfire\nfem"),
        ("a\x00b\x1bc\fd\ud800e", "a b c d e"),
        ("o\ufb03ce", "office"),
        ("\u200b", ""),
    ],
)
def test_case_26_what_looks_alike_is_sent_in_gsms_letters(text: str, sent: str) -> None:
    assert as_sent(text) == sent
    assert sms_length(text).encoding is Encoding.GSM_7


@pytest.mark.parametrize(
    "text",
    [
        f"Familien {FAMILY} \u2013 hjemme\u2026",
        "I \u2764\ufe0f \u201cNorge\u201d",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "\u202b\u0634\u0643\u0631\u0627\u202c",
        "\u0915\u094d\u200d\u0937",
        "1\ufe0f\u20e3",
        "Č\u00a01",
    ],
)
def test_case_26_what_holds_another_text_together_stays(text: str) -> None:
    assert as_sent(text) == text
    assert sms_length(text).encoding is Encoding.UCS_2


def test_an_installation_may_send_texts_as_they_are(settings: LazySettings) -> None:
    settings.SMS_PLAIN_TYPOGRAPHY = False
    assert as_sent("a\u00a0\u2013\u200bb\r\n\x00c") == "a\u00a0\u2013\u200bb\n c"


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "\u200b", "\u2060\ufe0f", "\u3164", "\u2800", "\ud800"]
)
def test_a_text_without_anything_to_see_says_nothing(text: str) -> None:
    assert says_nothing(text)


@pytest.mark.parametrize("text", ["a", " .", "\u200bæ", FAMILY, "\u0301"])
def test_any_other_text_says_something(text: str) -> None:
    assert not says_nothing(text)


TEXTS = st.text(st.characters()) | st.text(
    "aå\u030a \t\r\n\u00a0\u2013\u201d\u2026\u200b\u200d\u0080\ufe0f\uffff\U0001f468č\x00\f",
    max_size=30,
)


@given(TEXTS)
def test_what_is_sent_once_more_stays_the_same(text: str) -> None:
    assert as_sent(as_sent(text)) == as_sent(text)
    assert "\r" not in as_sent(text)
    assert not set(as_sent(text)) & set(map(chr, [*range(9), *range(11, 32), *range(0x7F, 0xA0)]))


@given(TEXTS)
@example("\u2026" * 70)
def test_no_text_takes_more_parts_for_it(text: str) -> None:
    assert sms_length(text).segments <= count_segments(text).segments


def test_what_is_too_long_is_cut_only_where_that_is_wanted(settings: LazySettings) -> None:
    text = "Hei \u2013 " + "a" * 3_000
    assert sms_length(text).is_too_long
    settings.SMS_TOO_LONG = "truncate"
    assert sms_length(text).segments == 16
    assert as_sent(text) == "Hei - " + "a" * 2_138
    assert as_sent(as_sent(text)) == as_sent(text)
    assert as_sent("Hei") == "Hei"
