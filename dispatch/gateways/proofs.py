"""Whether whoever reports is the gateway."""

import base64
import binascii
from collections.abc import Sequence

from runtime.shared_secrets import is_one_of


def is_basic(authorization: str, *, user: str, passwords: Sequence[str]) -> bool:
    """Whether the header is HTTP Basic with this user and one of these passwords, of which neither
    the first nor the user may be empty."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic" or not (user and passwords[0]):
        return False
    try:
        given = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return False
    return is_one_of(given, [f"{user}:{one}" for one in passwords])
