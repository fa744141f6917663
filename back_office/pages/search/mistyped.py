"""What may be wrong with a term that finds nothing: a mistyped number, or a name."""

import re
from collections.abc import Iterator, Mapping

from back_office.pages.search.find import Kind
from notifications.models import Notification
from recipients import identifiers
from recipients.models import Recipient

DIGITS = "0123456789"
_NAME = re.compile(r"[^\W\d_]{2,}(?:[ .'-]+[^\W\d_]+)+")
_HOLDS = {
    Kind.PERSON: identifiers.has_control_digits_of_a_person,
    Kind.ORGANIZATION: identifiers.has_control_digit_of_an_organization,
}
_COLUMNS = {
    Kind.PERSON: "national_identity_number",
    Kind.ORGANIZATION: "organization_number",
}


def is_name(term: str) -> bool:
    """Several words of letters alone: no reference or address looks like that."""
    return _NAME.fullmatch(term.strip()) is not None


def has_wrong_digits(kinds: Mapping[Kind, str]) -> bool:
    return any(kind in kinds and not holds(kinds[kind]) for kind, holds in _HOLDS.items())


def near(kinds: Mapping[Kind, str]) -> list[str]:
    """Numbers of known recipients that differ from a wrong one by one digit, or by two that have
    changed places. Some ten looks into indexes."""
    return [
        number
        for kind, holds in _HOLDS.items()
        if kind in kinds and not holds(kinds[kind])
        for number in sorted(set(_variants(kinds[kind])))
        if holds(number) and _is_known(_COLUMNS[kind], number)
    ]


def _variants(number: str) -> Iterator[str]:
    for place, digit in enumerate(number):
        yield from (number[:place] + other + number[place + 1 :] for other in DIGITS)
        if place:
            yield number[: place - 1] + digit + number[place - 1] + number[place + 1 :]


def _is_known(column: str, number: str) -> bool:
    of_number = {column: number}
    return (
        Recipient.objects.filter(**of_number).exists()
        or Notification.objects.filter(**of_number).exists()
    )
