"""What the app of a member of staff shows."""

import base64
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP


def code_of(uri: str, at: datetime) -> str:
    """What an app shows that was given the address."""
    [secret] = parse_qs(urlsplit(uri).query)["secret"]
    key = base64.b32decode(secret)
    shown = TOTP(key, 6, SHA1(), 30).generate(int(at.timestamp()))  # noqa: S303 - what apps have
    return shown.decode()
