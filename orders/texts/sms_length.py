"""How long a text is as SMS: its encoding, its length in that encoding, and its number of parts.

The alphabet is the GSM 7-bit default one with its extension table (3GPP TS 23.038, 6.2.1). The
gateway cuts long texts into parts of 134 characters and drops what follows part 16 (Link Mobility,
"Gateway XML API", element TEXT).
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

MAX_SEGMENTS = 16

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Each of these travels as an escape and a second character, which no cut may separate.
_EXTENSION = frozenset("\f^{}\\[~]|€")
GSM_7 = _BASIC | _EXTENSION


class Encoding(StrEnum):
    GSM_7 = "GSM-7"
    UCS_2 = "UCS-2"


# In characters of GSM-7, or 16-bit units of UCS-2: a text that goes alone, and a part of a longer.
_ALONE = {Encoding.GSM_7: 160, Encoding.UCS_2: 70}
_PART = {Encoding.GSM_7: 134, Encoding.UCS_2: 67}


@dataclass(frozen=True, slots=True)
class SmsLength:
    """`units` are characters of GSM-7, where one of the extension table counts two, or 16-bit
    units of UCS-2, where a character outside the basic plane (an emoji) counts two."""

    encoding: Encoding
    units: int
    segments: int

    @property
    def is_too_long(self) -> bool:
        return self.segments > MAX_SEGMENTS

    @property
    def longest(self) -> int:
        """How many units a text in this encoding may have at most."""
        return MAX_SEGMENTS * _PART[self.encoding]


# All messages of an order mostly say the same.
@lru_cache(maxsize=256)
def count_segments(text: str) -> SmsLength:
    """The length of the text as SMS, in GSM-7 when that can write it, else in UCS-2."""
    if GSM_7.issuperset(text):
        encoding, doubled = Encoding.GSM_7, [char in _EXTENSION for char in text]
    else:
        encoding, doubled = Encoding.UCS_2, [char > "\uffff" for char in text]
    units = len(doubled) + sum(doubled)
    if units <= _ALONE[encoding]:
        return SmsLength(encoding, units, 1)
    return SmsLength(encoding, units, _parts(doubled, room=_PART[encoding]))


def _parts(doubled: list[bool], *, room: int) -> int:
    """Parts are filled in turn; a character of two units that does not fit opens the next."""
    if not any(doubled):
        return -(-len(doubled) // room)
    parts, free = 1, room
    for is_doubled in doubled:
        needed = 2 if is_doubled else 1
        if needed > free:
            parts, free = parts + 1, room
        free -= needed
    return parts


def cut_to_fit(text: str) -> str:
    """The longest beginning of the text that a gateway sends: in GSM-7 if what stands in the way of
    that comes late, else in UCS-2."""
    if not count_segments(text).is_too_long:
        return text
    in_gsm_7 = _beginning(text, _EXTENSION.__contains__, Encoding.GSM_7, alphabet=GSM_7)
    in_ucs_2 = _beginning(text, lambda char: char > "\uffff", Encoding.UCS_2)
    return max(in_gsm_7, in_ucs_2, key=len)


def _beginning(
    text: str,
    is_doubled: Callable[[str], bool],
    encoding: Encoding,
    *,
    alphabet: frozenset[str] | None = None,
) -> str:
    """As far as the parts, and the alphabet, go."""
    parts, free = 1, _PART[encoding]
    for place, char in enumerate(text):
        needed = 2 if is_doubled(char) else 1
        if needed > free:
            parts, free = parts + 1, _PART[encoding]
        free -= needed
        if parts > MAX_SEGMENTS or (alphabet is not None and char not in alphabet):
            return text[:place]
    return text
