"""Verifies the two kinds of tokens that callers show: bearer tokens and platform tokens."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jwt
import structlog
from django.conf import settings
from django.utils.crypto import salted_hmac
from jwt.types import Options

from config.api.jwks import KeysByIssuer, KeysUnavailable, Published, PublishedKeys
from config.api.token_cache import TokenMemory
from config.api.token_times import in_force
from runtime import clock

logger = structlog.get_logger(__name__)

ALGORITHMS = ["RS256", "ES256"]
ORG_CLAIM = "urn:altinn:org"
CLIENT_CLAIM = "client_id"
SCOPE_CLAIM = "urn:altinn:scope"
PERSON_CLAIMS = ("urn:altinn:userid", "pid", "sub")

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,49}")
"""Short names of service owners and issuers. They become part of an address, a row and a
counter."""
_OPTIONS: Options = {
    "require": ["exp", "iss"],
    "verify_aud": False,
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
}
"""The times are judged by `in_force`."""


@dataclass(frozen=True, slots=True)
class BearerToken:
    """A verified Altinn token: its service owner, its scopes, and the system that it was given to;
    "" for what it does not name. `pseudonym` stands for the person that it was given to."""

    org: str
    scopes: frozenset[str]
    expires_at: float
    client: str = ""
    pseudonym: str = ""


@dataclass(frozen=True, slots=True)
class PlatformToken:
    """A verified platform access token: the application owner or component that signed it."""

    issuer: str
    expires_at: float


_bearer_tokens = TokenMemory[BearerToken]()
_platform_tokens = TokenMemory[PlatformToken]()
_platform_keys = KeysByIssuer()


@lru_cache(maxsize=8)
def _keys_at(address: str) -> PublishedKeys:
    return PublishedKeys(address)


def bearer_token(token: str) -> BearerToken | None:
    """What an Altinn token proves; None if it proves nothing.

    Raises KeysUnavailable when that cannot be told, since nobody's keys are known yet.
    """
    return _bearer_tokens.recall_or(_verify_bearer, token)


def platform_token(token: str) -> PlatformToken | None:
    """What a platform access token proves; None if it proves nothing."""
    return _platform_tokens.recall_or(_verify_platform, token)


def _verify_bearer(token: str) -> BearerToken | None:
    key_id = _key_id(token)
    address = settings.ALTINN_JWKS or settings.ALTINN_WELL_KNOWN
    if not (key_id and address):
        return None
    issuers = set(settings.ALTINN_ISSUERS)
    if settings.ALTINN_WELL_KNOWN:
        issuers.add(_keys_at(settings.ALTINN_WELL_KNOWN).with_key(key_id).issuer)
    claims = _verified(token, key_id, _keys_at(address).with_key(key_id), issuers - {""})
    if claims is None:
        return None
    scopes = claims.get(SCOPE_CLAIM, claims.get("scope"))
    return BearerToken(
        org=_named(claims.get(ORG_CLAIM)),
        scopes=frozenset(scopes.split(" ") if isinstance(scopes, str) else ()),
        expires_at=float(claims["exp"]),
        client=_named(claims.get(CLIENT_CLAIM)),
        pseudonym=_pseudonym(claims, token),
    )


def _pseudonym(claims: Mapping[str, Any], token: str) -> str:
    """Of the person whom the token names, else of the token alone. Only who knows our key can tell
    whose it is."""
    named = (claims.get(claim) for claim in PERSON_CLAIMS)
    person = next((name for name in named if isinstance(name, str | int) and name), token)
    return salted_hmac("end user", ascii(person), algorithm="sha256").hexdigest()[:32]


def _named(claim: object) -> str:
    return claim if isinstance(claim, str) and _NAME.fullmatch(claim) else ""


def _verify_platform(token: str) -> PlatformToken | None:
    key_id, issuer = _key_id(token), _claimed_issuer(token)
    if not (key_id and issuer and settings.PLATFORM_TOKEN_JWKS):
        return None
    address = settings.PLATFORM_TOKEN_JWKS.replace("{issuer}", issuer)
    try:
        claims = _verified(token, key_id, _platform_keys.with_key(address, key_id), [issuer])
    except KeysUnavailable:
        return None
    return PlatformToken(issuer, float(claims["exp"])) if claims else None


def _verified(
    token: str, key_id: str, published: Published, issuers: Collection[str]
) -> Mapping[str, Any] | None:
    key = published.keys.get(key_id)
    if key is None:
        return None
    try:
        claims = jwt.decode(
            token,
            key,
            algorithms=ALGORITHMS,
            issuer=list(issuers),
            options=_OPTIONS,
        )
    except Exception as error:
        _tell_if_unusual(error)
        return None
    return claims if in_force(claims, now=clock.seconds()) else None


def _tell_if_unusual(error: Exception) -> None:
    """Anybody may write a token, and whatever the library makes of one, it proves nothing. What the
    library did not mean to raise is worth knowing of."""
    if not isinstance(error, jwt.PyJWTError):
        logger.warning("A token of an odd form was refused", kind=type(error).__qualname__)


def _key_id(token: str) -> str:
    """The id of the key that the token says it is signed with; "" if it says none, or is not signed
    at all: then nobody's keys need to be looked at."""
    try:
        header = jwt.get_unverified_header(token)
    except Exception as error:
        _tell_if_unusual(error)
        return ""
    key_id = header.get("kid")
    is_signed = header.get("alg") in ALGORITHMS and not token.endswith(".")
    return key_id if is_signed and isinstance(key_id, str) else ""


def _claimed_issuer(token: str) -> str:
    """The issuer that the unverified token names, if it looks like a short name, else ""."""
    try:
        issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
    except Exception as error:
        _tell_if_unusual(error)
        return ""
    return issuer if isinstance(issuer, str) and _NAME.fullmatch(issuer) else ""
