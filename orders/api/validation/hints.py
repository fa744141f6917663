"""What helps a caller whose request breaks a rule: the cause, what is allowed, and an example.

They stand behind the contract's own sentences, which clients may compare.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

import phonenumbers
from phonenumbers.phonenumberutil import region_code_for_country_code

from orders.models import Channel, EmailContentType, SendingTimePolicy

PREFIX = "Hint: "
"""How each begins, so that nobody takes it for a sentence of the contract."""

_LISTED = "Allowed are {}."
CHANNEL = _LISTED.format(", ".join(Channel.values))
CONTENT_TYPE = _LISTED.format(", ".join(EmailContentType.values))
POLICY = _LISTED.format(f"{SendingTimePolicy.ANYTIME}, {SendingTimePolicy.DAYTIME}")
ANYTIME_ONLY = f"Leave sendingTimePolicy out, or write {SendingTimePolicy.ANYTIME}."
CONDITION = (
    "It is an address by http or https with a host's name in the public DNS, such as"
    " https://example.no/condition?id=17."
)
RESOURCE = "It begins with urn:altinn:resource:, such as urn:altinn:resource:tax-2025."
EXTERNAL_IDENTITY = (
    "Write urn:altinn:person:idporten-email:kari@example.com or urn:altinn:party:username:kari."
)
MAX_SENDERS = 5
SENDER_ADDRESS = "One address, such as noreply@example.no."

_EXAMPLE_NUMBER = "Example: +4799999999."
_EXAMPLE_ADDRESS = "Example: kari@example.no."
_NOT_BETWEEN_DIGITS = re.compile(r"[^0-9+]")
_MACHINES = re.compile(r"5[89]")


def to(hint: str) -> str:
    return f"{PREFIX}{hint}"


def of_mobile_number(text: str) -> str:
    """Nothing of the number is repeated but a Norwegian one, with its country code."""
    written = _NOT_BETWEEN_DIGITS.sub("", text.strip())
    digits = written.lstrip("+")
    is_international = written.startswith(("+", "00"))
    if not digits.isascii() or not digits.isdigit():
        return f"Write + or 00, the country code and digits. {_EXAMPLE_NUMBER}"
    if not is_international:
        return _of_national(digits)
    digits = digits.removeprefix("00") if not written.startswith("+") else digits
    if digits.startswith("47"):
        return _of_norwegian(digits[2:])
    return _of_foreign(digits)


def _of_national(digits: str) -> str:
    if re.fullmatch("[49][0-9]{7}", digits):
        return f"Add the country code: +47{digits}."
    if re.fullmatch("47[49][0-9]{7}", digits):
        return f"Write + or 00 in front: +{digits}."
    return f"Add + or 00 and the country code. {_EXAMPLE_NUMBER}"


def _of_norwegian(subscriber: str) -> str:
    if _MACHINES.match(subscriber):
        return f"Norwegian numbers that begin with 58 or 59 are of machines. {_EXAMPLE_NUMBER}"
    if len(subscriber) != 8:
        return (
            f"A Norwegian mobile number has 8 digits behind +47, and this one {len(subscriber)}."
            f" {_EXAMPLE_NUMBER}"
        )
    if subscriber[0] not in "49":
        return f"Norwegian mobile numbers begin with 4 or 9. {_EXAMPLE_NUMBER}"
    return f"Write no other characters than + and digits. {_EXAMPLE_NUMBER}"


def _of_foreign(digits: str) -> str:
    for length in (1, 2, 3):
        code = digits[:length]
        if code and region_code_for_country_code(int(code)) != phonenumbers.UNKNOWN_REGION:
            return f"No such number can exist behind the country code +{code}. {_EXAMPLE_NUMBER}"
    return f"No country has such a code. {_EXAMPLE_NUMBER}"


def of_email_address(text: str) -> str:
    if "," in text or ";" in text or text.count("@") > 1:
        return f"One address only; others are recipients of their own. {_EXAMPLE_ADDRESS}"
    if "@" not in text:
        return f"It has no @. {_EXAMPLE_ADDRESS}"
    if "<" in text or any(char.isspace() for char in text):
        return f"The address alone, without a name or blanks. {_EXAMPLE_ADDRESS}"
    return f"A name, an @, and a domain with a dot in it. {_EXAMPLE_ADDRESS}"


def of_senders(verified: Sequence[str]) -> str:
    """Those that the caller itself may use, a few of them."""
    if not verified:
        return "Leave it out for the default one, or have it registered."
    shown = ", ".join(verified[:MAX_SENDERS])
    return f"Registered are {shown}{', …' if len(verified) > MAX_SENDERS else ''}."


def of_national_identity_number(text: str) -> str:
    if re.fullmatch("[0-9]{9}", text):
        return "Nine digits are an organization number."
    return _digits_alone(text, 11)


def of_organization_number(text: str) -> str:
    if re.fullmatch("[0-9]{11}", text):
        return "Eleven digits are a national identity number."
    return _digits_alone(text, 9)


def _digits_alone(text: str, count: int) -> str:
    digits = sum(char.isascii() and char.isdigit() for char in text)
    if digits == len(text):
        return f"It has {digits} digits, and needs {count}; zeros in front count."
    return f"Write the {count} digits alone, without blanks or letters."


def of_moment_without_zone(moment: datetime) -> str:
    written = moment.isoformat(timespec="seconds")
    return f"Add Z for UTC, or an offset such as Norway's in winter: {written}+01:00."


def of_moment_in_the_past(moment: datetime, *, now: datetime) -> str:
    given, here = (one.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for one in (moment, now))
    return f"It is {given}, and now it is {here}."


OF_TYPES = {
    "DateTime": (
        'A date and time is written as in ISO 8601, in quotes: "2027-01-31T12:00:00+01:00".'
    ),
    "Boolean": "Write true or false, without quotes.",
    "Int32": "Write a whole number, such as 7.",
    "String": "Write a text in quotes.",
    "Uri": "Write a whole address, such as https://example.no/condition?id=17.",
    "List": "Write a list in brackets, also of one: [{...}].",
    "NotificationChannelExt": CHANNEL,
    "EmailContentTypeExt": CONTENT_TYPE,
    "SendingTimePolicyExt": POLICY,
}
"""By the name of the type that a value could not be converted to."""
