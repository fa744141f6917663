"""The two numbers that name a recipient: a person's and an organisation's."""

import re

_NATIONAL_IDENTITY_NUMBER = re.compile(r"[0-9]{11}")
_ORGANIZATION_NUMBER = re.compile(r"[0-9]{9}")


def is_national_identity_number(text: str) -> bool:
    """Eleven ASCII digits. The checksum is not asked for: synthetic test persons fail it."""
    return _NATIONAL_IDENTITY_NUMBER.fullmatch(text) is not None


def is_organization_number(text: str) -> bool:
    """Nine ASCII digits, without their checksum."""
    return _ORGANIZATION_NUMBER.fullmatch(text) is not None
