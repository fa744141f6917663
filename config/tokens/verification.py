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

from config.tokens.cache import TokenMemory
from config.tokens.jwks import KeysByIssuer, KeysUnavailable, Published, PublishedKeys
from config.tokens.times import why_not_in_force
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
"""The times are judged by `why_not_in_force`."""
_REASONS: Mapping[type[Exception], str] = {
    jwt.InvalidSignatureError: "Its signature is not valid.",
    jwt.InvalidIssuerError: "Its issuer is not trusted here.",
    jwt.MissingRequiredClaimError: "It lacks exp or iss.",
}
_NOT_SIGNED = "It is no signed JWT (RS256 or ES256, with a key id)."
_UNKNOWN_KEY = "Its issuer has published no such key as it is signed with."
_NOBODY_TRUSTED = "No issuer of such tokens is trusted here."


class NotProven(Exception):
    """A token proves nothing. The text says why, and holds nothing of the token."""


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


def bearer_token(token: str) -> BearerToken:
    """What an Altinn token proves. Raises NotProven; KeysUnavailable when that cannot be told,
    since nobody's keys are known yet."""
    return _bearer_tokens.recall_or(_verify_bearer, token)


def platform_token(token: str) -> PlatformToken:
    """What a platform access token proves. Raises NotProven."""
    return _platform_tokens.recall_or(_verify_platform, token)


def _verify_bearer(token: str) -> BearerToken:
    key_id = _key_id(token)
    address = settings.ALTINN_JWKS or settings.ALTINN_WELL_KNOWN
    if not address:
        raise NotProven(_NOBODY_TRUSTED)
    issuers = set(settings.ALTINN_ISSUERS)
    if settings.ALTINN_WELL_KNOWN:
        issuers.add(_keys_at(settings.ALTINN_WELL_KNOWN).with_key(key_id).issuer)
    claims = _verified(token, key_id, _keys_at(address).with_key(key_id), issuers - {""})
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


def _verify_platform(token: str) -> PlatformToken:
    key_id, issuer = _key_id(token), _claimed_issuer(token)
    if not settings.PLATFORM_TOKEN_JWKS:
        raise NotProven(_NOBODY_TRUSTED)
    address = settings.PLATFORM_TOKEN_JWKS.replace("{issuer}", issuer)
    try:
        claims = _verified(token, key_id, _platform_keys.with_key(address, key_id), [issuer])
    except KeysUnavailable:
        raise NotProven(_UNKNOWN_KEY) from None
    return PlatformToken(issuer, float(claims["exp"]))


def _verified(
    token: str, key_id: str, published: Published, issuers: Collection[str]
) -> Mapping[str, Any]:
    key = published.keys.get(key_id)
    if key is None:
        raise NotProven(_UNKNOWN_KEY)
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
        raise NotProven(_REASONS.get(type(error), "It cannot be verified.")) from None
    if reason := why_not_in_force(claims, now=clock.seconds()):
        raise NotProven(reason)
    return claims


def _tell_if_unusual(error: Exception) -> None:
    """Anybody may write a token, and whatever the library makes of one, it proves nothing. What the
    library did not mean to raise is worth knowing of."""
    if not isinstance(error, jwt.PyJWTError):
        logger.warning("A token of an odd form was refused", kind=type(error).__qualname__)


def _key_id(token: str) -> str:
    """The id of the key that the token says it is signed with. Raises NotProven if it says none, or
    is not signed at all: then nobody's keys need to be looked at."""
    try:
        header = jwt.get_unverified_header(token)
    except Exception as error:
        _tell_if_unusual(error)
        raise NotProven(_NOT_SIGNED) from None
    key_id = header.get("kid")
    is_signed = header.get("alg") in ALGORITHMS and not token.endswith(".")
    if not (is_signed and isinstance(key_id, str) and key_id):
        raise NotProven(_NOT_SIGNED)
    return key_id


def _claimed_issuer(token: str) -> str:
    """The issuer that the unverified token names. Raises NotProven unless it looks like a short
    name."""
    try:
        issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
    except Exception as error:
        _tell_if_unusual(error)
        raise NotProven(_NOT_SIGNED) from None
    if not (isinstance(issuer, str) and _NAME.fullmatch(issuer)):
        raise NotProven("Its issuer is no short name.")
    return issuer
