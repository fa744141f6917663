"""Shows of personal data as much as is needed to recognise it, and no more.

Organisation numbers and the domains of e-mail addresses are public and stay.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from html import unescape
from urllib.parse import parse_qsl, unquote, urlsplit, urlunsplit

import phonenumbers

SMS = "Sms"
"""The channel of mobile numbers, as notifications call it."""
NOTHING_LEFT = "*****"
"""For what has no known form: not even its length shows."""

_SHOWN_OF_IDENTITY_NUMBER = 6
_SHOWN_OF_NUMBER = 4
# Shorter subscriber numbers show nothing: half of them would be most.
_SHORTEST_SHOWN = 6

# What an address may be made of, as far as texts can be cut into words.
_WORD = r"[^\s@＠<>()\[\]\"',;:|]"  # noqa: RUF001
# Matched only where a word begins, so that a text of millions of characters is read once.
_EMAIL = re.compile(rf"(?:(?<!{_WORD}){_WORD}+|\"[^\"\r\n]{{1,64}}\")[@＠]{_WORD}+")  # noqa: RUF001
# A time, or an id of ours: digits that name nobody.
_HARMLESS = (
    r"(?<!\d)(?:19|20)\d\d-[01]\d-[0-3]\d"
    r"(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?(?![\d-])"
    r"|(?<![\w-])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![\w-])"
)
# What people and programs put between digits: dashes of all lengths, and what nobody sees.
_BETWEEN = r"[\s.\-()\u00ad\u200b-\u200f\u2010-\u2015\u202a-\u202e\u2060-\u2069\u2212\ufeff]"
_INTERNATIONAL = (
    rf"[+＋]{_BETWEEN}{{0,2}}\d(?:{_BETWEEN}{{0,2}}\d){{4,}}"  # noqa: RUF001
    rf"|(?<!\w)00[1-9](?:{_BETWEEN}{{0,2}}\d){{6,}}"
)
_DIGITS = rf"(?<!\d)\d(?:{_BETWEEN}{{0,2}}\d){{7,}}"
# Slashes, commas and the like only between groups as numbers are written: else they are lists.
_GROUPED = r"(?<!\d)(?:\d{2,3}(?:[/_,·]\d{2,3}){2,4}|\d{6}[/_,·]\d{5})(?!\d)"
_NUMBER = re.compile(
    rf"(?P<harmless>{_HARMLESS})|(?P<international>{_INTERNATIONAL})"
    rf"|(?P<digits>{_DIGITS})|(?P<grouped>{_GROUPED})"
)
_CODED = re.compile(r"%[0-9A-Fa-f]{2}|&#?\w{1,8};|\\u[0-9A-Fa-f]{4}")
_ESCAPED = re.compile(r"\\u([0-9A-Fa-f]{4})")
_CODED_OVER = 3
"""How often a text is decoded: an address inside an address is coded twice."""
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
    quoted = re.fullmatch(r'"[^"]+"', local)
    if not (at and local and domain) or re.search(r"[\s<>@\"]", ("" if quoted else local) + domain):
        return NOTHING_LEFT
    first = local[0] if len(local) > 1 and local[0].isalpha() else ""
    return f"{first}***@{mask_text(domain)}"


def mask_external_identity(urn: str) -> str:
    """`urn:altinn:party:username:*****`: which log-in names the person, and not how."""
    kind, colon, _ = urn.rpartition(":")
    return f"{kind}{colon}{NOTHING_LEFT}" if urn else ""


def mask_address(channel: str, address: str) -> str:
    """An address of a notification, by the notification's channel."""
    if channel == SMS:
        return mask_mobile_number(address)
    return mask_email_address(address)


def mask_text(text: str, known: Iterable[str] = ()) -> str:
    """The text with everything masked that looks like an identity number, a phone number or an
    e-mail address, and whatever is `known` to belong to the recipient. What is coded for addresses
    of pages, HTML or JSON is masked, too, and then shown decoded."""
    known = sorted({one for one in known if one.strip()}, key=len, reverse=True)
    if not _CODED.search(text):
        return _mask_plain(text, known)
    return "".join(_mask_word(word, known) for word in re.split(r"(\s+)", _mask_plain(text, known)))


def mask_url(address: str) -> str:
    """Where it leads and what it asks for by name; of the values nothing is shown."""
    try:
        parts = urlsplit(address)
        host = f"{parts.hostname or ''}:{parts.port}" if parts.port else parts.hostname or ""
    except ValueError:
        return mask_text(address)
    names = [name for name, _value in parse_qsl(parts.query, keep_blank_values=True)]
    query = "&".join(f"{mask_text(name)}={NOTHING_LEFT}" for name in names)
    fragment = NOTHING_LEFT if parts.fragment else ""
    return urlunsplit((parts.scheme, mask_text(host), mask_text(parts.path), query, fragment))


def mask_reference(reference: str, known: Iterable[str] = ()) -> str:
    """A gateway's own reference. It stays whole, as gateways are asked by it, unless there is the
    recipient's number or address in it, or it is a number with a plus in front."""
    if reference.startswith("+"):
        return mask_text(reference, known)
    return _mask_known(reference, [one.removeprefix("+") for one in known])


def mask_report(report: object, known: Iterable[str] = ()) -> object:
    """A delivery report as received, member by member; references and times stay as they are."""
    known = tuple(known)
    if isinstance(report, Mapping):
        return {
            mask_text(str(name), known): mask_reference(value, known)
            if name in _PLAIN_MEMBERS and isinstance(value, str)
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
    if _EMAIL.search(text):
        return True
    return any(
        found["international"] or len(_NOT_A_DIGIT.sub("", found[0])) == 11
        for found in _NUMBER.finditer(text)
        if not found["harmless"]
    )


def _mask_plain(text: str, known: Sequence[str]) -> str:
    masked = _mask_known(text, known)
    masked = _EMAIL.sub(lambda found: mask_email_address(found[0].replace("＠", "@")), masked)  # noqa: RUF001
    return _NUMBER.sub(_masked, masked)


def _mask_known(text: str, known: Iterable[str]) -> str:
    for one in known:
        if one.strip():
            mask = _mask_anything(one)
            text = re.sub(re.escape(one), mask.replace("\\", r"\\"), text, flags=re.IGNORECASE)
    return text


def _mask_word(word: str, known: Sequence[str]) -> str:
    """A word as it is, unless what it says once decoded names somebody."""
    if not _CODED.search(word):
        return word
    plain = word
    for _ in range(_CODED_OVER):
        plain = unquote(unescape(_ESCAPED.sub(_character, plain)))
    masked = _mask_plain(plain, known)
    return word if masked == plain else masked


def _character(found: re.Match[str]) -> str:
    """Half of a surrogate pair is none, and could not be shown."""
    return chr(int(found[1], 16)).encode("utf-16", "replace").decode("utf-16")


def _masked(found: re.Match[str]) -> str:
    if found["harmless"]:
        return found[0]
    digits = _NOT_A_DIGIT.sub("", found[0])
    if found["grouped"] and not (len(digits) == 11 or _NORWEGIAN_MOBILE.fullmatch(digits)):
        return found[0]
    if found["international"]:
        return mask_mobile_number(found[0].replace("＋", "+"))  # noqa: RUF001
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
