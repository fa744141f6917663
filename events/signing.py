"""Signs events after Standard Webhooks, and keeps the secrets that it needs for that.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from standardwebhooks.webhooks import Webhook

PREFIX = "whsec_"
SECRET_BYTES = 32
OLD_SECRET_LASTS = timedelta(hours=24)
"""Events are signed with the secret before the last one, too, for so long."""


class NoKeys(Exception):
    """WEBHOOK_KEYS is not set: nobody can subscribe here."""


class WrongKeys(Exception):
    """None of WEBHOOK_KEYS has sealed this secret."""


def new_secret() -> str:
    """As the receiver gets it, once."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def sealed(secret: str) -> str:
    """As the database keeps it. Raises NoKeys."""
    return _keys(tuple(settings.WEBHOOK_KEYS)).encrypt(secret.encode()).decode()


def opened(kept: str) -> str:
    """Raises NoKeys, or WrongKeys."""
    return _opened(kept, tuple(settings.WEBHOOK_KEYS))


def signature(opened_secrets: Sequence[str], *, message_id: str, at: datetime, body: str) -> str:
    """The header's value: one signature for each secret, with blanks between them."""
    return " ".join(Webhook(one).sign(message_id, at, body) for one in opened_secrets)


@lru_cache(maxsize=2_000)
def _opened(kept: str, keys: tuple[str, ...]) -> str:
    try:
        return _keys(keys).decrypt(kept.encode()).decode()
    except InvalidToken:
        raise WrongKeys("None of WEBHOOK_KEYS has sealed this secret.") from None


@lru_cache(maxsize=4)
def _keys(texts: tuple[str, ...]) -> MultiFernet:
    """The first seals, each of them opens."""
    if not texts:
        raise NoKeys("WEBHOOK_KEYS is not set.")
    digests = (hashlib.sha256(text.encode()).digest() for text in texts)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
