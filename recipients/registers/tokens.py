"""The tokens we show to others: Maskinporten's to condition endpoints, our own to Register."""

import asyncio
import base64
import hashlib
import json
import re
import threading
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urljoin

import aiohttp
import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from jwt.algorithms import RSAAlgorithm

from runtime import clock
from runtime.web import outgoing
from runtime.web.outgoing_proxy import proxy_for

CONDITION_CHECK_SCOPE = "altinn:system/notifications.condition.check"
GRANT_LIFETIME = timedelta(seconds=100)
"""Maskinporten takes a grant of 120 seconds at most.
https://docs.digdir.no/docs/Maskinporten/maskinporten_protocol_jwtgrant"""
PLATFORM_TOKEN_LIFETIME = timedelta(minutes=5)
RENEWED_BEFORE_EXPIRY = timedelta(seconds=30)
MAX_ANSWER_TIME = timedelta(seconds=10)
"""How long Maskinporten may take to answer."""
MAX_ANSWER_BYTES = 262_144
MAX_KEPT = 24 * 3600
"""However long it says that a token lasts. Seconds."""
_FOR_A_HEADER = re.compile(r"[!-~]+")
_UNTIL_ANSWERED = aiohttp.ClientTimeout(total=MAX_ANSWER_TIME.total_seconds())


class TokenUnavailable(Exception):
    """A token could not be had now. The message holds no secret."""


@dataclass(slots=True)
class _KeptToken:
    """A token from Maskinporten; good until a time on the loop's clock."""

    value: str = ""
    good_until: float = 0.0
    renewing: asyncio.Lock = field(default_factory=asyncio.Lock)


# By loop, since a lock serves one loop only, and by who asks whom.
_kept: dict[tuple[asyncio.AbstractEventLoop, str, str], _KeptToken] = {}


async def condition_check_token(*, renew: bool = False) -> str:
    """A bearer token for condition endpoints, kept for as long as Maskinporten says it lasts.

    `renew` asks for another although the kept one seems good, as after a 401. Callers that come
    while a token is on its way wait for that one. Raises TokenUnavailable. Only on the loop of
    outgoing calls.
    """
    loop = asyncio.get_running_loop()
    kept = _kept.setdefault(
        (loop, settings.MASKINPORTEN_URL, settings.MASKINPORTEN_CLIENT_ID), _KeptToken()
    )
    seen = kept.value
    if not renew and loop.time() < kept.good_until:
        return seen
    async with kept.renewing:
        if kept.value == seen or loop.time() >= kept.good_until:
            kept.value, lifetime = await _ask_maskinporten()
            kept.good_until = loop.time() + lifetime - _margin(lifetime)
        return kept.value


def _margin(lifetime: float) -> float:
    """How many seconds before its end a token of so many seconds is renewed."""
    return min(RENEWED_BEFORE_EXPIRY.total_seconds(), lifetime / 2)


async def _ask_maskinporten() -> tuple[str, float]:
    """The token and its lifetime in seconds.
    https://docs.digdir.no/docs/Maskinporten/maskinporten_protocol_jwtgrant"""
    now = int(clock.seconds())
    grant = _signed(
        private_key(settings.MASKINPORTEN_KEY),
        {
            # Maskinporten's own name is the address that /token hangs under.
            "aud": urljoin(settings.MASKINPORTEN_URL, "."),
            "iss": settings.MASKINPORTEN_CLIENT_ID,
            "scope": CONDITION_CHECK_SCOPE,
            "iat": now,
            "exp": now + int(GRANT_LIFETIME.total_seconds()),
            "jti": str(uuid.uuid4()),
        },
    )
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": grant}
    try:
        async with outgoing.session().post(
            settings.MASKINPORTEN_URL,
            data=form,
            allow_redirects=False,
            timeout=_UNTIL_ANSWERED,
            proxy=proxy_for(settings.MASKINPORTEN_URL),
        ) as response:
            if response.status != 200:
                raise TokenUnavailable(f"Maskinporten answered with status {response.status}.")
            answer = json.loads(await outgoing.bounded(response, most=MAX_ANSWER_BYTES))
    except (aiohttp.ClientError, OSError) as error:  # a time-out is an OSError
        raise TokenUnavailable(f"Maskinporten failed ({type(error).__name__}).") from error
    except (ValueError, RecursionError):
        raise TokenUnavailable("Maskinporten answered with something other than JSON.") from None
    return _token_in(answer)


def _token_in(answer: object) -> tuple[str, float]:
    match answer:
        case {"access_token": str(token), "expires_in": int(lifetime)} if lifetime > 0 and (
            _FOR_A_HEADER.fullmatch(token)
        ):
            return token, min(lifetime, MAX_KEPT)
    raise TokenUnavailable("Maskinporten's answer holds no token with a lifetime.")


_platform_tokens: dict[str, tuple[str, float]] = {}
_making_platform_token = threading.Lock()


def platform_token() -> str:
    """A PlatformAccessToken of this application, made anew shortly before it expires.

    From any thread. Raises TokenUnavailable when PLATFORM_TOKEN_KEY cannot be read.
    """
    now = clock.seconds()
    key_file = settings.PLATFORM_TOKEN_KEY
    with _making_platform_token:
        token, expires_at = _platform_tokens.get(key_file, ("", 0.0))
        if now < expires_at - RENEWED_BEFORE_EXPIRY.total_seconds():
            return token
        expires_at = int(now) + int(PLATFORM_TOKEN_LIFETIME.total_seconds())
        token = _signed(
            private_key(key_file),
            {
                "iss": "platform",
                "urn:altinn:app": "notifications",
                "iat": int(now),
                "nbf": int(now),
                "exp": int(expires_at),
                "jti": str(uuid.uuid4()),
            },
        )
        _platform_tokens[key_file] = (token, expires_at)
        return token


def private_key(path: str) -> RSAPrivateKey:
    """From a PEM file without a password. Raises TokenUnavailable."""
    try:
        key = load_pem_private_key(Path(path).read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise TokenUnavailable(f"The key in {path!r} cannot be read.") from error
    if not isinstance(key, RSAPrivateKey):
        raise TokenUnavailable(f"The key in {path!r} is no RSA key.")
    return key


def _signed(key: RSAPrivateKey, claims: dict[str, object]) -> str:
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": key_id(key)})


def key_id(key: RSAPrivateKey) -> str:
    """The thumbprint of the public half, under which others know the key.
    https://www.rfc-editor.org/rfc/rfc7638"""
    public = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    named = json.dumps(
        {member: public[member] for member in ("e", "kty", "n")}, separators=(",", ":")
    )
    digest = hashlib.sha256(named.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
