"""The public keys that tokens are verified with, as their issuers publish them."""

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import structlog
from jwt import PyJWK, PyJWKSet, PyJWTError
from prometheus_client import Counter

from runtime.web import outgoing
from runtime.web.outgoing_proxy import proxy_for

logger = structlog.get_logger(__name__)

READING_ERRORS = (PyJWTError, aiohttp.ClientError, OSError, ValueError, LookupError, TypeError)
"""What an address that does not answer, or with something else, leads to."""

MAX_BYTES = 1_000_000
# All in seconds.
TIME_OUT = 5.0
MAX_WAIT = 0.5
"""How long a request waits for what another one is reading."""
LIFESPAN = 30.0
"""Then they are read again, by one request: what an issuer removes is soon good for nothing."""
COOL_DOWN = 30.0
"""An unknown key id makes the keys be read again, but not more often than this."""
RETRY_AFTER = 5.0
"""How soon the issuer of bearer tokens is asked again while none of its keys are known."""
TIME_OUT_OF_UNKNOWN = 2.0
"""Of an issuer of platform tokens that nobody has heard of yet."""
MAX_UNKNOWN_AT_A_TIME = 2
MAX_UNKNOWN_IN_A_ROW = 20
UNKNOWN_A_SECOND = 1.0
"""How many more unknown issuers are looked up each second, once so many have been in a row."""
MAX_ISSUERS = 1_000
"""Of platform tokens; there are as many as owners of applications."""


_LOOK_UPS = Counter(
    "notifications_key_lookups", "Looks at the published keys of an issuer.", ["result"]
)
_read_well, _failed, _refused = (
    _LOOK_UPS.labels(result) for result in ("read", "failed", "refused")
)


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
    Only the very first reading makes requests wait for each other, and not for long.
    """

    def __init__(
        self, address: str, *, retry_after: float = RETRY_AFTER, time_out: float = TIME_OUT
    ) -> None:
        self.address = address
        self.retry_after = retry_after
        self.time_out = time_out
        self.is_silent = False
        """Whether the address gave no answer at all, when it was last asked."""
        self._published: Published | None = None
        self._not_before = 0.0
        self._old_at = 0.0
        self._reading = threading.Lock()

    def with_key(self, key_id: str) -> Published:
        """What is published, read anew if that might bring the key. Raises KeysUnavailable."""
        if self._is_due(key_id) and self._reading.acquire(timeout=0 if self.is_known else MAX_WAIT):
            try:
                if self._is_due(key_id):
                    self._read()
            finally:
                self._reading.release()
        if self._published is None:
            raise KeysUnavailable(f"No keys from {self.address}.")
        return self._published

    @property
    def is_known(self) -> bool:
        return self._published is not None

    @property
    def would_be_asked(self) -> bool:
        return not self.is_known and time.monotonic() >= self._not_before

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
            self._published = read(self.address, time_out=self.time_out)
            self._old_at = time.monotonic() + LIFESPAN
            self.is_silent = False
            _read_well.inc()
        except READING_ERRORS as error:
            self.is_silent = _is_silence(error)
            _failed.inc()
            logger.warning(
                "Keys for tokens cannot be read", address=self.address, reason=str(error)
            )
        wait = COOL_DOWN if self._published else self.retry_after
        self._not_before = time.monotonic() + wait


class KeysByIssuer:
    """The keys of each platform issuer, by address.

    Anybody can make names up. So issuers that have keys stay, names that lead nowhere make room,
    and unknown ones are looked up two at a time, not more than some a second, and not at all for
    a moment after their host was silent: whoever makes names up keeps neither the host nor the
    threads of this process busy, and an issuer that is new in earnest is found a second later.
    """

    def __init__(self) -> None:
        self._keys: dict[str, PublishedKeys] = {}
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(MAX_UNKNOWN_AT_A_TIME)
        self._left = float(MAX_UNKNOWN_IN_A_ROW)
        self._counted_at = time.monotonic()
        self._silent_until = 0.0

    def with_key(self, address: str, key_id: str) -> Published:
        """As of PublishedKeys. Raises KeysUnavailable at once where too much is looked up."""
        keys = self._at(address)
        if not keys.would_be_asked or not is_on_the_web(address):
            return keys.with_key(key_id)
        with self._place():
            try:
                return keys.with_key(key_id)
            finally:
                if keys.is_silent:
                    self._silent_until = time.monotonic() + RETRY_AFTER

    def _at(self, address: str) -> PublishedKeys:
        with self._lock:
            if address not in self._keys:
                if len(self._keys) >= MAX_ISSUERS:
                    self._make_room()
                self._keys[address] = PublishedKeys(
                    address, retry_after=COOL_DOWN, time_out=TIME_OUT_OF_UNKNOWN
                )
            return self._keys[address]

    def _make_room(self) -> None:
        """Of the names that lead nowhere the oldest goes, if none has cooled down."""
        self._keys = {a: k for a, k in self._keys.items() if k.is_worth_keeping}
        if len(self._keys) >= MAX_ISSUERS:
            oldest = next((a for a, k in self._keys.items() if not k.is_known), None)
            if oldest is None:
                raise KeysUnavailable("Too many issuers of platform tokens.")
            del self._keys[oldest]

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._may_look_up() or not self._places.acquire(blocking=False):
            _refused.inc()
            raise KeysUnavailable("Too many unknown issuers of platform tokens at once.")
        try:
            yield
        finally:
            self._places.release()

    def _may_look_up(self) -> bool:
        with self._lock:
            now = time.monotonic()
            passed, self._counted_at = now - self._counted_at, now
            self._left = min(MAX_UNKNOWN_IN_A_ROW, self._left + passed * UNKNOWN_A_SECOND)
            if now < self._silent_until or self._left < 1:
                return False
            self._left -= 1
            return True


def is_on_the_web(address: str) -> bool:
    return address.startswith(("http://", "https://"))


def _is_silence(error: Exception) -> bool:
    """An answer that tells of an error is one."""
    return isinstance(error, aiohttp.ClientError | OSError)


def read(address: str, *, time_out: float = TIME_OUT) -> Published:
    """Raises one of READING_ERRORS."""
    if is_on_the_web(address):
        document = _fetched(address, time_out)
    else:
        document = _document(Path(address).read_bytes())
    if "jwks_uri" not in document:
        return Published("", _signing_keys(document))
    return Published(
        str(document["issuer"]), _signing_keys(_fetched(str(document["jwks_uri"]), time_out))
    )


def _fetched(url: str, time_out: float) -> dict[str, object]:
    """In so many seconds in all, however slowly it comes. Redirects are not followed."""
    if urlsplit(url).username is not None:
        # It would be taken for a part of the host, and a name server be asked for it.
        raise ValueError("The address holds a user name or password.")

    async def get() -> bytes:
        async with outgoing.session().get(
            url,
            allow_redirects=False,
            headers={"Accept": "application/json"},
            timeout=aiohttp.ClientTimeout(total=time_out),
            proxy=proxy_for(url),
        ) as answer:
            if answer.status != 200:
                raise ValueError(f"The answer has the status {answer.status}.")
            return await outgoing.bounded(answer, most=MAX_BYTES)

    return _document(outgoing.run(get()))


def _document(content: bytes) -> dict[str, object]:
    try:
        document = json.loads(content)
    except RecursionError:
        raise ValueError("It is nested too deep.") from None
    if not isinstance(document, dict):
        raise ValueError("It is no JSON object.")
    return document


def _signing_keys(document: dict[str, object]) -> dict[str, PyJWK]:
    """One that cannot be used, or has no name, is none; the others are."""
    return {
        key.key_id: key
        for key in PyJWKSet.from_dict(document).keys
        if isinstance(key.key_id, str) and key.key_id and key.public_key_use in ("sig", None)
    }
