"""Identifiers in addresses: GUIDs in any of their written forms."""

import re
from uuid import UUID

from rest_framework.exceptions import ValidationError

_HYPHENATED = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_GUID = re.compile(rf"[0-9a-f]{{32}}|{_HYPHENATED}|\{{{_HYPHENATED}\}}|\({_HYPHENATED}\)", re.I)


def guid(text: str, *, parameter: str) -> UUID:
    """Raises ValidationError under the parameter's name."""
    if _GUID.fullmatch(text) is None:
        raise not_valid(text, parameter=parameter)
    return UUID(text.strip("{}()"))


def not_valid(text: str, *, parameter: str) -> ValidationError:
    """What is answered to a value that cannot be converted to the parameter's type."""
    return ValidationError({parameter: [f"The value '{text}' is not valid."]})
