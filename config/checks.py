"""Refuses a half-configured production: what is missing, and what to set."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

NEEDED = (
    "DATABASE_URL",
    "SECRET_KEY",
    "PLATFORM_TOKEN_KEY",
    "PROFILE_URL",
    "REGISTER_URL",
    "AUTHORIZATION_URL",
    "AUTHORIZATION_KEY",
    "MASKINPORTEN_URL",
    "MASKINPORTEN_CLIENT_ID",
    "MASKINPORTEN_KEY",
    "SMS_GATEWAY_URL",
    "SMS_GATEWAY_CLIENT",
    "SMS_GATEWAY_PASSWORD",
    "SMS_REPORTS_USER",
    "SMS_REPORTS_PASSWORD",
    "EMAIL_URL",
)


def register_all() -> None:
    register(needed_settings_are_there)
    register(production_has_no_development_settings)


def refuse_half_configured(**kwargs: Any) -> None:
    """Called as the web process or a worker starts: neither runs Django's checks.

    Raises SystemExit, which Celery's signals let through, with everything that is missing and what
    to do about it.
    """
    found = needed_settings_are_there() + production_has_no_development_settings()
    if serious := [error for error in found if not error.is_silenced()]:
        lines = [f"{error.msg} {error.hint}" for error in serious]
        raise SystemExit("This system is not fully configured:\n" + "\n".join(lines))


def needed_settings_are_there(**kwargs: Any) -> list[CheckMessage]:
    """Without these some order could not be carried out."""
    return [
        Error(f"{name} is not set.", hint=f"Set {name} in the environment.", id="config.E001")
        for name in NEEDED
        if not is_set(name)
    ] + issuers_are_known()


def is_set(name: str) -> bool:
    """Django itself refuses to tell an empty SECRET_KEY."""
    try:
        return bool(getattr(settings, name))
    except ImproperlyConfigured:
        return False


def issuers_are_known() -> list[CheckMessage]:
    """A key set alone says nothing of who may issue tokens."""
    if not (settings.ALTINN_WELL_KNOWN or settings.ALTINN_JWKS):
        return [
            Error(
                "No keys for bearer tokens.",
                hint="Set ALTINN_WELL_KNOWN, or ALTINN_JWKS and ALTINN_ISSUERS.",
                id="config.E001",
            )
        ]
    if settings.ALTINN_JWKS and not (settings.ALTINN_WELL_KNOWN or settings.ALTINN_ISSUERS):
        return [
            Error(
                "ALTINN_JWKS is set without ALTINN_ISSUERS: any issuer's token would pass.",
                hint="Set ALTINN_ISSUERS to the issuers whose tokens are accepted.",
                id="config.E003",
            )
        ]
    return []


def production_has_no_development_settings(**kwargs: Any) -> list[CheckMessage]:
    """Development keys would let anybody print a token."""
    found: list[CheckMessage] = []
    if settings.DEVELOPMENT_TOKEN_KEY:
        found.append(
            Error(
                "DEVELOPMENT_TOKEN_KEY is set: `manage.py token` could speak for anybody.",
                hint="Remove DEVELOPMENT_TOKEN_KEY from the environment.",
                id="config.E002",
            )
        )
    if settings.PLATFORM_TOKEN_JWKS and "{issuer}" not in settings.PLATFORM_TOKEN_JWKS:
        found.append(
            Error(
                "PLATFORM_TOKEN_JWKS holds no {issuer}: one key could speak for anybody.",
                hint="Give an address per issuer, such as https://keys.example/{issuer}.json.",
                id="config.E002",
            )
        )
    return found
