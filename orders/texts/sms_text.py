"""The text of an SMS as it is sent: what nobody sees the difference of is written in GSM's letters.

One character outside of GSM's alphabet makes the whole text travel in UCS-2, where a part holds
less than half as much. Many such characters come from word processors and look like one of GSM's,
or like nothing.
"""

import re
import unicodedata
from functools import lru_cache

from django.conf import settings

from orders.texts.sms_length import GSM_7, SmsLength, count_segments, cut_to_fit

REFUSE, TRUNCATE = "refuse", "truncate"
"""What SMS_TOO_LONG may want."""

# Most texts: nothing in them is ever changed.
_AS_IT_IS = re.compile(r"[\n -_a-z|~{}\\€æøåÆØÅéÉäöÄÖ]*")
_LINE_END = re.compile("\r\n|[\r\u2028\u2029]")
# What XML 1.0 cannot hold, whether escaped or not; control characters say nothing in an SMS anyway.
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

# Bytes of Windows-1252 that were read as Latin-1: https://encoding.spec.whatwg.org/#windows-1252
_WINDOWS_1252 = {
    byte: bytes([byte]).decode("windows-1252", "replace")
    for byte in range(0x80, 0xA0)
    if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
_LOOK_ALIKE = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u02bc\u00b4", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043\ufe58\ufe63", "-"),
        "\u2026": "...",
        "\u2024": ".",
        "\u2044": "/",
        "\ufb00": "ff",
        "\ufb01": "fi",
        "\ufb02": "fl",
        "\ufb03": "ffi",
        "\ufb04": "ffl",
    }
)
_VARIATION_SELECTORS = frozenset("\ufe0e\ufe0f")


def as_sent(text: str) -> str:
    """The text as it will travel; sent once more it stays the same.

    Lines end in line feeds, to which XML parsers turn all other ends anyway; letters are composed
    (NFC); what XML cannot hold becomes a space. Where that is all it takes to write the text in
    GSM's alphabet, typographic quotes, dashes and blanks become its plain ones, and marks that
    nobody sees are left out. In any other text, with its emoji or its Arabic, these may be what
    holds it together, and stay. SMS_PLAIN_TYPOGRAPHY turns all but the line ends off.

    What is too long for a gateway is cut where SMS_TOO_LONG wants that, else left for others to
    refuse.
    """
    as_written = _AS_IT_IS.fullmatch(text) is not None
    sent = text if as_written else _as_sent(text, plain=settings.SMS_PLAIN_TYPOGRAPHY)
    return cut_to_fit(sent) if settings.SMS_TOO_LONG == TRUNCATE else sent


def sms_length(text: str) -> SmsLength:
    """How long the text is as it is sent."""
    return count_segments(as_sent(text))


# All messages of an order mostly say the same.
@lru_cache(maxsize=256)
def _as_sent(text: str, *, plain: bool) -> str:
    text = _LINE_END.sub("\n", text)
    if not plain:
        return _UNWRITABLE.sub(" ", text)
    composed = unicodedata.normalize("NFC", text.translate(_WINDOWS_1252))
    text = _UNWRITABLE.sub(" ", composed)
    in_gsm = _plain(text)
    if not GSM_7.issuperset(in_gsm):
        return text
    # Three dots for one could be too much of a good thing.
    return in_gsm if count_segments(in_gsm).segments <= count_segments(text).segments else text


def _plain(text: str) -> str:
    kept = []
    for char in text.translate(_LOOK_ALIKE):
        if char == "\n" or " " < char <= "~":
            kept.append(char)
            continue
        category = unicodedata.category(char)
        if category in ("Zs", "Cc", "Cs"):
            kept.append(" ")
        elif category != "Cf" and char not in _VARIATION_SELECTORS:
            kept.append(char)
    return "".join(kept)
