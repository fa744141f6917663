"""Shows of personal data as much as is needed to recognise it, and no more.

Organisation numbers and the domains of e-mail addresses are public and stay.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import phonenumbers

from notifications.models import MessageChannel

NOTHING_LEFT = "*****"
"""For what has no known form: not even its length shows."""

_SHOWN_OF_IDENTITY_NUMBER = 6
_SHOWN_OF_NUMBER = 4
# Shorter subscriber numbers show nothing: half of them would be most.
_SHORTEST_SHOWN = 6

_EMAIL = r"[^\s@<>()\[\]\"',;:|]+@[^\s@<>()\[\]\"',;:|]+"
# A time, or an id of ours: digits that name nobody.
_HARMLESS = (
    r"(?<!\d)(?:19|20)\d\d-[01]\d-[0-3]\d"
    r"(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?(?![\d-])"
    r"|(?<![\w-])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![\w-])"
)
_INTERNATIONAL = r"\+[\s.\-()]?\d(?:[\s.\-()]{0,2}\d){4,}|(?<!\w)00[1-9](?:[\s.\-()]{0,2}\d){6,}"
_DIGITS = r"(?<!\d)\d(?:[\s.\-()]{0,2}\d){7,}"
_PERSONAL = re.compile(
    rf"(?P<harmless>{_HARMLESS})|(?P<email>{_EMAIL})"
    rf"|(?P<international>{_INTERNATIONAL})|(?P<digits>{_DIGITS})"
)
_NOT_A_DIGIT = re.compile(r"\D+")
# Real ones begin with 8 or 9, synthetic ones with 2 or 3.
_ORGANIZATION_NUMBER = re.compile(r"[2389]\d{8}")
_NORWEGIAN_MOBILE = re.compile(r"[49]\d{7}")

# What our transports write into reports and what names nobody.
_PLAIN_MEMBERS = frozenset({"reference", "state", "event", "deliveryTime", "time"})


def mask_identity_number(number: str) -> str:
    """`118769*****`: the birthday stays, as callers are asked for it."""
    if not number:
        return ""
    if not re.fullmatch(r"\d{11}", number):
        return NOTHING_LEFT
    return number[:_SHOWN_OF_IDENTITY_NUMBER] + "*" * (11 - _SHOWN_OF_IDENTITY_NUMBER)


def mask_mobile_number(number: str) -> str:
    """`+47 99 99 ** **`, whichever way it was written; of other countries half at most."""
    if not number.strip():
        return ""
    digits = "".join(str(int(digit)) for digit in _NOT_A_DIGIT.sub("", number))
    compact = number.strip()
    country = ""
    if compact.startswith(("+", "00")):
        digits = digits.removeprefix("00") if not compact.startswith("+") else digits
        country = _country_code(digits)
        digits = digits[len(country) :]
    if len(digits) < _SHORTEST_SHOWN:
        return f"+{country} {NOTHING_LEFT}" if country else NOTHING_LEFT
    shown = min(_SHOWN_OF_NUMBER, len(digits) // 2)
    masked = digits[:shown] + "*" * (len(digits) - shown)
    pairs = " ".join(masked[place : place + 2] for place in range(0, len(masked), 2))
    return f"+{country} {pairs}" if country else pairs


def mask_email_address(address: str) -> str:
    """`t***@altinn.no`; a local part of one character shows none of it."""
    if not address.strip():
        return ""
    local, at, domain = address.strip().rpartition("@")
    if not (at and local and domain) or re.search(r"[\s<>@\"]", local + domain):
        return NOTHING_LEFT
    first = local[0] if len(local) > 1 and local[0].isalpha() else ""
    return f"{first}***@{mask_text(domain)}"


def mask_address(channel: str, address: str) -> str:
    """An address of a notification, by the notification's channel."""
    if channel == MessageChannel.SMS:
        return mask_mobile_number(address)
    return mask_email_address(address)


def mask_text(text: str, known: Iterable[str] = ()) -> str:
    """The text with everything masked that looks like an identity number, a phone number or an
    e-mail address, and whatever is `known` to belong to the recipient."""
    for one in sorted({one for one in known if one.strip()}, key=len, reverse=True):
        mask = _mask_anything(one)
        text = re.sub(re.escape(one), mask.replace("\\", r"\\"), text, flags=re.IGNORECASE)
    return _PERSONAL.sub(_masked, text)


def mask_report(report: Any, known: Iterable[str] = ()) -> Any:
    """A delivery report as received, member by member; references and times stay as they are."""
    known = tuple(known)
    if isinstance(report, Mapping):
        return {
            mask_text(str(name), known): value
            if name in _PLAIN_MEMBERS
            else mask_report(value, known)
            for name, value in report.items()
        }
    if isinstance(report, list):
        return [mask_report(value, known) for value in report]
    if isinstance(report, bool) or report is None:
        return report
    masked = mask_text(str(report), known)
    return masked if isinstance(report, str) or masked != str(report) else report


def looks_personal(text: str) -> bool:
    """Whether a text that should name a case holds an identity number or an address instead.

    Plain numbers are let through, as cases have numbers too.
    """
    return any(
        found["email"] or found["international"] or len(_NOT_A_DIGIT.sub("", found[0])) == 11
        for found in _PERSONAL.finditer(text)
        if not found["harmless"]
    )


def _masked(found: re.Match[str]) -> str:
    if found["harmless"]:
        return found[0]
    if found["email"]:
        return mask_email_address(found[0])
    digits = _NOT_A_DIGIT.sub("", found[0])
    if found["international"]:
        return mask_mobile_number(found[0])
    if len(digits) == 11:
        return mask_identity_number(digits)
    if _ORGANIZATION_NUMBER.fullmatch(digits):
        return found[0]
    if len(digits) == 8 and not _NORWEGIAN_MOBILE.fullmatch(digits):
        return found[0]
    return mask_mobile_number(digits)


def _mask_anything(identifier: str) -> str:
    if "@" in identifier:
        return mask_email_address(identifier)
    if re.fullmatch(r"\d{11}", identifier):
        return mask_identity_number(identifier)
    return mask_mobile_number(identifier) if re.search(r"\d", identifier) else NOTHING_LEFT


def _country_code(digits: str) -> str:
    """The country code in front of an international number; empty if there is no such country."""
    known = phonenumbers.COUNTRY_CODE_TO_REGION_CODE
    return next((digits[:length] for length in (1, 2, 3) if int(digits[:length] or 0) in known), "")
