"""One-time codes of staff who log in with a password: from an app that shares a secret with us.

https://datatracker.ietf.org/doc/html/rfc6238, with what all such apps take: SHA-1, six digits, 30
seconds. A code is good once, and the ones before and after it too, for clocks that differ.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F

from back_office.audit import log
from back_office.audit.log import Actor, Why
from back_office.models import SecondFactor, StaffAction

STEP = 30
"""Seconds."""
DIGITS = 6
ISSUER = "Notifications"
"""As the app calls us."""
SECRET_BYTES = 20
MAX_FAILURES = 10
"""Wrong codes in a row, each with the right password: then somebody else has that, and no code is
good until a new secret is issued."""


def issue(account: User, *, by: Actor, why: Why, now: datetime) -> str:
    """Give the account a new secret, in place of one that it has; returns the address that an app
    reads it from, which nobody can ask for again."""
    key = secrets.token_bytes(SECRET_BYTES)
    kept = {"secret": _sealed(key), "last_step": 0, "failures": 0, "issued": now}
    with transaction.atomic():
        _, is_first = SecondFactor.objects.update_or_create(staff=account, defaults=kept)
        log.record(
            StaffAction.What.SECOND_FACTOR,
            by=by,
            why=why,
            subject=StaffAction.Subject.ACCOUNT,
            subject_id=account.pk,
            detail={"first": is_first},
            now=now,
        )
    return _totp(key).get_provisioning_uri(account.username, ISSUER)


def is_needed(account: User) -> bool:
    """Of whoever has one, always; of all others where a password is not to be enough."""
    return settings.LOCAL_LOGIN_TOTP or SecondFactor.objects.filter(staff=account).exists()


def accepts(account: User, code: str, *, now: datetime) -> bool:
    """Whether the code is the account's of this moment, and was not given before; of several who
    give it at once, it is one's."""
    factor = SecondFactor.objects.filter(staff=account, failures__lt=MAX_FAILURES).first()
    key = _opened(factor.secret) if factor else None
    if factor is None or key is None:
        return False
    mine = SecondFactor.objects.filter(pk=factor.pk, secret=factor.secret)
    step = _step_of(code, key, now=now)
    if step is not None and mine.filter(last_step__lt=step, failures__lt=MAX_FAILURES).update(
        last_step=step, failures=0
    ):
        return True
    mine.update(failures=F("failures") + 1)
    return False


def _step_of(code: str, key: bytes, *, now: datetime) -> int | None:
    given = code.replace(" ", "").encode()
    step = int(now.timestamp()) // STEP
    for one in (step, step - 1, step + 1):
        if hmac.compare_digest(_totp(key).generate(one * STEP), given):
            return one
    return None


def _totp(key: bytes) -> TOTP:
    return TOTP(key, DIGITS, SHA1(), STEP)  # noqa: S303 - what the apps have; nothing is hashed


def _sealed(key: bytes) -> str:
    return _keys().encrypt(key).decode()


def _opened(kept: str) -> bytes | None:
    """None if `SECRET_KEY` was changed, and what it was before is not among its fallbacks."""
    try:
        return _keys().decrypt(kept.encode())
    except InvalidToken:
        return None


def _keys() -> MultiFernet:
    return _of((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


@lru_cache(maxsize=4)
def _of(texts: tuple[str, ...]) -> MultiFernet:
    """The first seals, each of them opens."""
    digests = (hashlib.sha256(b"second factor " + text.encode()).digest() for text in texts)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
