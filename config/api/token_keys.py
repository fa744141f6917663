"""The public keys that tokens are verified with, as their issuers publish them."""

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from jwt import PyJWK, PyJWKClient, PyJWKSet, PyJWTError

logger = structlog.get_logger(__name__)

# What an address that does not answer, or with something else, leads to.
READING_ERRORS = (PyJWTError, OSError, ValueError, LookupError, TypeError)

# All in seconds.
TIME_OUT = 5.0
LIFESPAN = 600.0
COOL_DOWN = 30.0
"""An unknown key id makes the keys be read again, but not more often than this."""
RETRY_AFTER = 5.0
"""How soon the issuer of bearer tokens is asked again while none of its keys are known."""
MOST_ISSUERS = 1_000
"""Of platform tokens; there are as many as owners of applications."""


class KeysUnavailable(Exception):
    """No keys are known, and their publisher does not answer now."""


@dataclass(frozen=True, slots=True)
class Published:
    """Public keys by their id, and the issuer where OpenID metadata names one, else ""."""

    issuer: str
    keys: Mapping[str, PyJWK]


class PublishedKeys:
    """The keys at one address: a JWKS, or OpenID metadata that leads to one.

    The address is an http(s) URL or the path of a file. The keys are read again when they are old
    or a token names one that is not among them; while that fails, the last known ones stay good.
    Only the very first reading makes requests wait for each other.
    """

    def __init__(self, address: str, *, retry_after: float = RETRY_AFTER) -> None:
        self.address = address
        self.retry_after = retry_after
        self._published: Published | None = None
        self._not_before = 0.0
        self._old_at = 0.0
        self._reading = threading.Lock()

    def with_key(self, key_id: str) -> Published:
        """What is published, read anew if that might bring the key. Raises KeysUnavailable."""
        if self._is_due(key_id) and self._reading.acquire(blocking=self._published is None):
            try:
                if self._is_due(key_id):
                    self._read()
            finally:
                self._reading.release()
        if self._published is None:
            raise KeysUnavailable(f"No keys from {self.address}.")
        return self._published

    @property
    def is_worth_keeping(self) -> bool:
        """False once an address has shown to lead nowhere, and may be asked again."""
        return self._published is not None or time.monotonic() < self._not_before

    def _is_due(self, key_id: str) -> bool:
        now = time.monotonic()
        if now < self._not_before:
            return False
        published = self._published
        return published is None or key_id not in published.keys or now >= self._old_at

    def _read(self) -> None:
        try:
            self._published = read(self.address)
            self._old_at = time.monotonic() + LIFESPAN
        except READING_ERRORS as error:
            logger.warning(
                "Keys for tokens cannot be read", address=self.address, reason=str(error)
            )
        wait = COOL_DOWN if self._published else self.retry_after
        self._not_before = time.monotonic() + wait


class KeysByIssuer:
    """The keys of each platform issuer, by address.

    Anybody can make names up, so their number is bounded: issuers that have keys stay, and names
    that lead nowhere make room once they have cooled down.
    """

    def __init__(self) -> None:
        self._keys: dict[str, PublishedKeys] = {}
        self._lock = threading.Lock()

    def at(self, address: str) -> PublishedKeys:
        """Raises KeysUnavailable while too many names that may lead nowhere are looked up."""
        with self._lock:
            if address not in self._keys:
                if len(self._keys) >= MOST_ISSUERS:
                    self._keys = {a: k for a, k in self._keys.items() if k.is_worth_keeping}
                if len(self._keys) >= MOST_ISSUERS:
                    raise KeysUnavailable("Too many unknown issuers of platform tokens.")
                self._keys[address] = PublishedKeys(address, retry_after=COOL_DOWN)
            return self._keys[address]


def read(address: str) -> Published:
    """Raises one of READING_ERRORS."""
    if address.startswith(("http://", "https://")):
        document = _fetched(address)
    else:
        document = dict(json.loads(Path(address).read_bytes()))
    if "jwks_uri" not in document:
        return Published("", _signing_keys(document))
    return Published(str(document["issuer"]), _signing_keys(_fetched(str(document["jwks_uri"]))))


def _fetched(url: str) -> dict[str, Any]:
    # The fetch is all that is used of the client: it speaks nothing but http(s), follows no
    # redirects and takes nothing but a JSON object.
    return dict(PyJWKClient(url, cache_jwk_set=False, timeout=TIME_OUT).fetch_data())


def _signing_keys(document: dict[str, Any]) -> dict[str, PyJWK]:
    return {
        key.key_id: key
        for key in PyJWKSet.from_dict(document).keys
        if key.key_id and key.public_key_use in ("sig", None)
    }
