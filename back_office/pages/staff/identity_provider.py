"""The identity provider that vouches for staff: where it is found, and what its ID tokens prove.

Asked over the loop of outgoing calls, each time within SSO_TIMEOUT seconds in all.
"""

import hmac
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import aiohttp
import jwt
from django.conf import settings

from config.tokens.times import why_not_in_force
from runtime import clock
from runtime.web import outgoing
from runtime.web.outgoing_proxy import proxy_for

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signed with the provider's own key: never by the secret that we share, and never not at all."""
MAX_BYTES = 1_000_000
LIFESPAN = 600.0
"""How long the provider's addresses are remembered, in seconds."""
RETRY_AFTER = 5.0
"""How soon a provider is asked again that did not tell its addresses."""
_SUBJECT = re.compile(r"[ -~]{1,255}")
"""https://openid.net/specs/openid-connect-core-1_0.html#IDToken"""
_WELL_KNOWN = "/.well-known/openid-configuration"


class ProviderAway(Exception):
    """The identity provider does not answer, or with something that nobody can use."""


class NotProven(Exception):
    """The provider does not vouch for whoever came back from it; the text says why."""


@dataclass(frozen=True, slots=True)
class Provider:
    """Its addresses, as it publishes them (OpenID Connect Discovery 1.0, section 3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class _Known:
    provider: Provider | None = None
    asked_for = ""
    until = 0.0


def is_on() -> bool:
    return bool(settings.SSO_ISSUER)


def provider() -> Provider:
    """Remembered for LIFESPAN. Raises ProviderAway."""
    now = time.monotonic()
    if _Known.asked_for != settings.SSO_ISSUER or now >= _Known.until:
        _Known.asked_for, _Known.until = settings.SSO_ISSUER, now + RETRY_AFTER
        _Known.provider = None
        _Known.provider = _discovered(settings.SSO_ISSUER)
        _Known.until = now + LIFESPAN
    if _Known.provider is None:
        raise ProviderAway("It did not tell its addresses a moment ago.")
    return _Known.provider


def _discovered(issuer: str) -> Provider:
    document = _asked("GET", issuer + _WELL_KNOWN)
    names = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
    found = {name: document.get(name) for name in names}
    if str(found["issuer"]).rstrip("/") != issuer:
        raise ProviderAway("It speaks for another issuer.")
    scheme = issuer.partition("://")[0]
    if not all(str(found[name]).startswith((f"{scheme}://", "https://")) for name in names):
        raise ProviderAway("One of its addresses is missing, or is none.")
    return Provider(**{name: str(value) for name, value in found.items()})


def redeem(form: Mapping[str, str]) -> str:
    """The ID token for a code (RFC 6749, section 4.1.3). Raises NotProven or ProviderAway."""
    answer = _asked("POST", provider().token_endpoint, form)
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise NotProven("The identity provider gave no ID token.")
    return token


def verified(token: str, *, nonce: str) -> Mapping[str, object]:
    """The claims of an ID token that was made for us, for this log-in, and is in force (OpenID
    Connect Core 1.0, section 3.1.3.7). Raises NotProven or ProviderAway."""
    known = provider()
    try:
        header = jwt.get_unverified_header(token)
        claims: dict[str, object] = jwt.decode(
            token,
            _key(known, header),
            algorithms=list(ALGORITHMS),
            audience=settings.SSO_CLIENT_ID,
            issuer=known.issuer,
            # The times are compared with the one clock, below.
            options={
                "require": ["iss", "sub", "aud", "exp", "iat"],
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
            },
        )
    except ProviderAway:
        raise
    except Exception as error:  # whatever the library makes of a token, it proves nothing
        raise NotProven(f"The ID token cannot be verified: {type(error).__name__}.") from None
    if reason := why_not_in_force(claims, now=clock.seconds()):
        raise NotProven(f"The ID token is not in force: {reason}")
    if claims.get("azp", settings.SSO_CLIENT_ID) != settings.SSO_CLIENT_ID:
        raise NotProven("The ID token was given to somebody else.")
    if not _SUBJECT.fullmatch(str(claims["sub"])):
        raise NotProven("The ID token names nobody.")
    if not nonce or not hmac.compare_digest(
        str(claims.get("nonce")).encode(errors="replace"), nonce.encode()
    ):
        raise NotProven("The ID token belongs to another log-in.")
    return claims


def _key(known: Provider, header: Mapping[str, object]) -> jwt.PyJWK:
    """Read anew each time: log-ins are few, and a key that was withdrawn opens nothing more."""
    published = jwt.PyJWKSet.from_dict(_asked("GET", known.jwks_uri))
    keys = [key for key in published.keys if key.public_key_use in ("sig", None)]
    for key in keys:
        if key.key_id == header.get("kid"):
            return key
    raise LookupError("No such key is published.")


def _asked(method: str, url: str, form: Mapping[str, str] | None = None) -> dict[str, object]:
    """The JSON object at an address. Raises ProviderAway; NotProven where a form is refused."""

    async def ask() -> tuple[int, bytes]:
        async with outgoing.session().request(
            method,
            url,
            data=form,
            allow_redirects=False,
            headers={"Accept": "application/json"},
            timeout=aiohttp.ClientTimeout(total=settings.SSO_TIMEOUT),
            proxy=proxy_for(url),
        ) as answer:
            return answer.status, await outgoing.bounded(answer, most=MAX_BYTES)

    try:
        status, body = outgoing.run(ask())
    except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
        raise ProviderAway(f"No answer: {type(error).__name__}.") from error
    if form is not None and status in (400, 401, 403):
        raise NotProven(f"The identity provider refused the code with status {status}.")
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    if status != 200 or not isinstance(document, dict):
        raise ProviderAway(f"Status {status}, or no JSON object.")
    return cast("dict[str, object]", document)
