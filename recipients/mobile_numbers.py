"""Mobile numbers: which ones may be sent to, and how the registers' own notation becomes one."""

import re

import phonenumbers

# By far the most numbers look like this; a large order is checked without the library.
_PLAIN_NORWEGIAN = re.compile(r"\+47[49][0-9]{7}")
# What people write between digits. Letters, which the library would dial as on a keypad, and the
# marks that begin an extension are left out.
_INTERNATIONAL = re.compile(r"(?:\+|00)(?P<digits>[0-9 \u00a0().\-]+)")
_NORWEGIAN = re.compile(r"47[49][0-9]{7}")
_BARE_NORWEGIAN = re.compile(r"[49][0-9]{7}")
_NOT_A_DIGIT = re.compile(r"[^0-9]+")


def is_mobile_number(text: str) -> bool:
    """Whether SMS may be sent to the number: `+` or `00`, country code, subscriber number.

    Norwegian numbers have eight digits and begin with 4 or 9, as the product page says; which
    series are in use is not asked. Numbers of other countries are left to libphonenumber, whose
    verdict changes with the version of its metadata. Spaces may stand anywhere but in front.
    """
    if _PLAIN_NORWEGIAN.fullmatch(text):
        return True
    international = _INTERNATIONAL.fullmatch(text)
    if international is None:
        return False
    digits = _NOT_A_DIGIT.sub("", international["digits"])
    if digits.startswith("47"):
        return _NORWEGIAN.fullmatch(digits) is not None
    try:
        number = phonenumbers.parse(f"+{international['digits']}", None)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(number)


def from_register(text: str) -> str:
    """A number as the registers hold it, in international notation where that is certain.

    `00` becomes `+`, and eight digits that begin with 4 or 9 are taken for Norwegian. Anything
    else comes back as it was, possibly no valid number.
    """
    if _PLAIN_NORWEGIAN.fullmatch(text):
        return text
    number = text.strip()
    if number.startswith("00"):
        return f"+{number[2:]}"
    compact = number.replace(" ", "")
    if _BARE_NORWEGIAN.fullmatch(compact):
        return f"+47{compact}"
    return number


def to_e164(text: str) -> str:
    """`+` and digits only. For numbers that passed `is_mobile_number`; of any other number the
    result means nothing, or phonenumbers.NumberParseException is raised."""
    if _PLAIN_NORWEGIAN.fullmatch(text):
        return text
    number = f"+{text[2:]}" if text.startswith("00") else text
    digits = _NOT_A_DIGIT.sub("", number)
    if digits.startswith("47"):
        return f"+{digits}"
    parsed = phonenumbers.parse(number, None)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
