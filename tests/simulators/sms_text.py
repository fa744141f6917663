"""How a phone shows the text that a sender handed to the gateway, and how many SMS it took."""

from dataclasses import dataclass

TEXT_MESSAGE = "1"
UNICODE_MESSAGE = "9"
MAX_PARTS = 16

# GSM 03.38: the default alphabet, and the characters that cost two.
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
_ALL = _BASIC | _EXTENDED


class Unreadable(Exception):
    """The text says what is wrong, in the words of the gateway."""


@dataclass(frozen=True, slots=True)
class SmsText:
    text: str
    encoding: str
    parts: int


def as_read(text: str, *, operation: str) -> SmsText:
    """The text on the phone: what GSM 03.38 lacks becomes `?`, what exceeds 16 parts is cut.

    Raises `Unreadable` for an operation other than text (1) and Unicode (9), and for Unicode that
    is not UTF-16BE in hex.
    """
    if operation == TEXT_MESSAGE:
        return _gsm(text)
    if operation == UNICODE_MESSAGE:
        return _unicode(text)
    raise Unreadable("Invalid OP")


def _gsm(text: str) -> SmsText:
    if not _ALL.issuperset(text):
        text = "".join(character if character in _ALL else "?" for character in text)
    units = len(text)
    if not _EXTENDED.isdisjoint(text):
        units += sum(character in _EXTENDED for character in text)
    if units <= 160:
        return SmsText(text, "GSM-7", 1)
    parts = -(-units // 134)
    if parts > MAX_PARTS:
        text, parts = _cut(text), MAX_PARTS
    return SmsText(text, "GSM-7", parts)


def _cut(text: str) -> str:
    left = MAX_PARTS * 134
    for index, character in enumerate(text):
        left -= 2 if character in _EXTENDED else 1
        if left < 0:
            return text[:index]
    return text


def _unicode(text: str) -> SmsText:
    try:
        raw = bytes.fromhex(text)
        read = raw[: 2 * MAX_PARTS * 67].decode("utf-16-be")
    except ValueError as error:
        raise Unreadable("Invalid TEXT") from error
    units = len(raw) // 2
    parts = 1 if units <= 70 else min(-(-units // 67), MAX_PARTS)
    return SmsText(read, "UCS-2", parts)
