"""What names a recipient: a person's and an organisation's number, and other log-ins.

https://docs.altinn.studio/api/notifications/
"""

import re
from collections.abc import Sequence
from urllib.parse import unquote_plus

from recipients.email_addresses import is_email_address

EMAIL_URN = "urn:altinn:person:idporten-email:"
NAME_URNS = (
    "urn:altinn:party:username:",
    "urn:altinn:username:",
    "urn:altinn:person:legacy-selfidentified:",
)

_NATIONAL_IDENTITY_NUMBER = re.compile(r"[0-9]{11}")
_ORGANIZATION_NUMBER = re.compile(r"[0-9]{9}")


def is_national_identity_number(text: str) -> bool:
    """Eleven ASCII digits. The checksum is not asked for: synthetic test persons fail it."""
    return _NATIONAL_IDENTITY_NUMBER.fullmatch(text) is not None


def is_organization_number(text: str) -> bool:
    """Nine ASCII digits, without their checksum."""
    return _ORGANIZATION_NUMBER.fullmatch(text) is not None


def has_control_digits_of_a_person(number: str) -> bool:
    """Whether both are right, of eleven digits; also of those that are given out from 2032 on, of
    which the first one leaves a remainder of up to 3.

    https://skatteetaten.github.io/folkeregisteret-api-dokumentasjon/nytt-fodselsnummer-fra-2032/
    """
    first = _weighted(number, (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)) % 11
    return first <= 3 and _weighted(number, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0


def has_control_digit_of_an_organization(number: str) -> bool:
    """Whether it is right, of nine digits.

    https://www.brreg.no/om-oss/registrene-vare/om-enhetsregisteret/organisasjonsnummeret/
    """
    return _weighted(number, (3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0


def _weighted(digits: str, weights: Sequence[int]) -> int:
    """The sum of the first digits, each times its weight."""
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def is_external_identity(urn: str) -> bool:
    """Whether it is the URN of somebody without a national identity number: an e-mail address, in
    which a plus is written `%2B`, or a user name."""
    if urn.startswith(EMAIL_URN):
        return is_email_address(unquote_plus(urn.removeprefix(EMAIL_URN)))
    return any(urn.startswith(kind) and bool(urn.removeprefix(kind).strip()) for kind in NAME_URNS)
