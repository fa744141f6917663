"""Mobile numbers: which ones may be sent to, and how the registers' own notation becomes one."""

import re
import unicodedata

import phonenumbers

# By far the most numbers look like this; a large order is checked without the library.
_PLAIN_NORWEGIAN = re.compile(r"\+47[49][0-9]{7}")
_INTERNATIONAL = re.compile(r"(?:\+|00)(?P<digits>[0-9]+)")
_NORWEGIAN = re.compile(r"47[49][0-9]{7}")
_BARE_NORWEGIAN = re.compile(r"[49][0-9]{7}")
# What people write between digits: blanks and hyphens of every kind, brackets, dots, slashes, and
# the marks that nobody sees and address books add. Letters, which the library would dial as on a
# keypad, and the marks that begin an extension are none of it.
_SEPARATORS = frozenset("().[]/\t\n\v\f\r\u00b7\u2212")
_KINDS_OF_SEPARATORS = frozenset({"Zs", "Zl", "Zp", "Pd", "Cf"})
_MAX_TEXT = 1_000


def is_mobile_number(text: str) -> bool:
    """Whether SMS may be sent to the number: `+` or `00`, country code, subscriber number.

    Norwegian numbers have eight digits and begin with 4 or 9, as the product page says; which
    series are in use is not asked. Numbers of other countries are left to libphonenumber, whose
    verdict changes with the version of its metadata. What people write between digits may stand
    anywhere but in front; control characters may not.
    """
    if _PLAIN_NORWEGIAN.fullmatch(text):
        return True
    if not text.startswith(("+", "00")) or any(char < " " for char in text):
        return False
    international = _INTERNATIONAL.fullmatch(_compact(text))
    if international is None:
        return False
    digits = international["digits"]
    if digits.startswith("47"):
        return _NORWEGIAN.fullmatch(digits) is not None
    try:
        number = phonenumbers.parse(f"+{digits}", None)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(number)


def from_register(text: str) -> str:
    """A number as the registers hold it, in international notation where that is certain: `+` and
    digits, whatever stands between them.

    `00` becomes `+`; eight digits that begin with 4 or 9 are taken for Norwegian, and so are those
    behind a bare 47. Anything else comes back as it was, possibly no valid number.
    """
    if _PLAIN_NORWEGIAN.fullmatch(text):
        return text
    number = _compact(unicodedata.normalize("NFKC", text[:_MAX_TEXT]))
    if _BARE_NORWEGIAN.fullmatch(number):
        return f"+47{number}"
    if _NORWEGIAN.fullmatch(number):
        return f"+{number}"
    international = _INTERNATIONAL.fullmatch(number)
    return f"+{international['digits']}" if international else text.strip()


def to_e164(text: str) -> str:
    """`+` and digits only. For numbers that passed `is_mobile_number`; of any other number the
    result means nothing, or phonenumbers.NumberParseException is raised."""
    if _PLAIN_NORWEGIAN.fullmatch(text):
        return text
    number = _compact(text)
    if number.startswith("00"):
        number = f"+{number[2:]}"
    if number.startswith("+47"):
        return number
    parsed = phonenumbers.parse(number, None)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _compact(text: str) -> str:
    """Without what people write between digits."""
    return "".join(
        char
        for char in text
        if char not in _SEPARATORS and unicodedata.category(char) not in _KINDS_OF_SEPARATORS
    )
