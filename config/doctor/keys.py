"""The keys that we sign with, and those that others publish for their tokens."""

from pathlib import Path

import aiohttp
from django.conf import settings

from config.tokens import jwks
from recipients.registers.tokens import TokenUnavailable, condition_check_token, platform_token
from runtime.findings import LIMIT, Check, Finding, failed, host_of, not_set, ok, warning
from runtime.web import outgoing
from runtime.web.reaching import status_of


def platform_key() -> list[Finding]:
    name = "platform key"
    if not settings.PLATFORM_TOKEN_KEY:
        return [not_set(name, "PLATFORM_TOKEN_KEY")]
    try:
        platform_token()
    except TokenUnavailable as error:
        remedy = "Set PLATFORM_TOKEN_KEY to a PEM file with our private RSA key."
        return [failed(name, str(error), remedy)]
    return [ok(name, "Signs tokens.")]


def maskinporten() -> list[Finding]:
    """Asks for a token: nothing else shows whether Maskinporten still knows client and key."""
    name = "Maskinporten"
    for setting in ("MASKINPORTEN_URL", "MASKINPORTEN_CLIENT_ID", "MASKINPORTEN_KEY"):
        if not getattr(settings, setting):
            return [not_set(name, setting)]
    try:
        outgoing.run(condition_check_token(renew=True), timeout=LIMIT)
    except TimeoutError:
        says = f"{host_of(settings.MASKINPORTEN_URL)} gives no answer within {LIMIT:g} seconds."
        return [failed(name, says, "See MASKINPORTEN_URL.")]
    except TokenUnavailable as error:
        remedy = "See MASKINPORTEN_URL, and whether client and key are registered and in force."
        return [failed(name, str(error), remedy)]
    return [ok(name, "Gives us tokens.")]


def bearer_tokens() -> list[Finding]:
    setting = "ALTINN_WELL_KNOWN" if settings.ALTINN_WELL_KNOWN else "ALTINN_JWKS"
    return [_published("keys of bearer tokens", setting)]


def platform_tokens() -> list[Finding]:
    """Where each issuer has an address of its own, none is known before a token comes: of those
    that lie on the web, only the server is asked."""
    name, setting = "keys of platform tokens", "PLATFORM_TOKEN_JWKS"
    address = settings.PLATFORM_TOKEN_JWKS
    if not address:
        return [ok(name, f"{setting} is not set: platform tokens are not accepted.")]
    if "{issuer}" not in address:
        return [_published(name, setting)]
    if not _is_on_the_web(address):
        if Path(address).parent.is_dir():
            return [ok(name, "Their folder is there.")]
        return [failed(name, "Their folder is not there.", f"See {setting}.")]
    try:
        status = status_of(address.replace("{issuer}", "platform"))
    except (aiohttp.ClientError, OSError) as error:  # a time-out is an OSError
        says = f"{host_of(address)} cannot be reached ({type(error).__name__})."
        return [failed(name, says, f"See {setting}.")]
    if status >= 500:
        says = f"{host_of(address)} is there, but in trouble (status {status})."
        return [warning(name, says, "Ask those who run it.")]
    return [ok(name, f"{host_of(address)} answers.")]


def _published(name: str, setting: str) -> Finding:
    address: str = getattr(settings, setting)
    if not address:
        return not_set(name, setting)
    try:
        published = jwks.read(address)
    except jwks.READING_ERRORS as error:
        where = host_of(address) if _is_on_the_web(address) else address
        says = f"Cannot be read from {where} ({type(error).__name__})."
        return failed(name, says, f"See {setting}: every such token is refused.")
    if not published.keys:
        return failed(name, "None is published.", f"See {setting}: every such token is refused.")
    return ok(name, f"{len(published.keys)} known.")


def _is_on_the_web(address: str) -> bool:
    return address.startswith(("http://", "https://"))


CHECKS = [
    Check("platform key", platform_key),
    Check("Maskinporten", maskinporten),
    Check("keys of bearer tokens", bearer_tokens),
    Check("keys of platform tokens", platform_tokens),
]
