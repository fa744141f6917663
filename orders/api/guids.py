"""Identifiers in addresses: GUIDs in any of their written forms."""

import re
from uuid import UUID

from rest_framework.exceptions import ValidationError

_HYPHENATED = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_GUID = re.compile(rf"[0-9a-f]{{32}}|{_HYPHENATED}|\{{{_HYPHENATED}\}}|\({_HYPHENATED}\)", re.I)


def guid(text: str, *, parameter: str) -> UUID:
    """Raises ValidationError under the parameter's name."""
    if _GUID.fullmatch(text) is None:
        raise ValidationError({parameter: [f"The value '{text}' is not valid."]})
    return UUID(text.strip("{}()"))
