"""Refuses a half-configured production: what is missing, and what to set."""

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as Doubt
from django.core.exceptions import ImproperlyConfigured

from dispatch import helo_name

NEEDED = (
    "ALLOWED_HOSTS",
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
# Where the simulators would be. A mail relay may well stand beside us.
OUTSIDE = (
    "ALTINN_WELL_KNOWN",
    "ALTINN_JWKS",
    "PLATFORM_TOKEN_JWKS",
    "MASKINPORTEN_URL",
    "PROFILE_URL",
    "REGISTER_URL",
    "AUTHORIZATION_URL",
    "SMS_GATEWAY_URL",
)
# By what anymail's providers sign their events; any of them may be given a password instead.
SIGNATURES = {
    "mailersend": ("SIGNING_SECRET",),
    "mailgun": ("WEBHOOK_SIGNING_KEY", "API_KEY"),
    "mailtrap": ("SIGNING_SECRET",),
    "mandrill": ("WEBHOOK_KEY",),
    "postal": ("WEBHOOK_KEY",),
    "resend": ("SIGNING_SECRET",),
    "sendgrid": ("TRACKING_WEBHOOK_VERIFICATION_KEY",),
    "unisender_go": ("API_KEY",),
}
SHORTEST_SECRET_KEY = 32


def register_all() -> None:
    register(needed_settings_are_there)
    register(production_has_no_development_settings)
    register(production_trusts_nobody_unproven)
    register(mail_servers_can_take_our_name)


def all_found() -> list[CheckMessage]:
    return [
        *needed_settings_are_there(),
        *production_has_no_development_settings(),
        *production_trusts_nobody_unproven(),
        *mail_servers_can_take_our_name(),
    ]


def refuse_half_configured(**kwargs: Any) -> None:
    """Called as the web process or a worker starts: neither runs Django's checks.

    Raises SystemExit, which Celery's signals let through, with everything that is missing and what
    to do about it.
    """
    found = [error for error in all_found() if not error.is_silenced()]
    if serious := [error for error in found if error.is_serious()]:
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
    """Development keys would let anybody print a token, and simulators send nothing to anybody."""
    found: list[CheckMessage] = []
    if settings.DEBUG:
        found.append(
            Error(
                "DEBUG is on: every error would show settings and data.",
                hint="Remove DEBUG from the settings module.",
                id="config.E002",
            )
        )
    if settings.DEVELOPMENT_TOKEN_KEY:
        found.append(
            Error(
                "DEVELOPMENT_TOKEN_KEY is set: `manage.py token` could speak for anybody.",
                hint="Remove DEVELOPMENT_TOKEN_KEY from the environment.",
                id="config.E002",
            )
        )
    if settings.SEND_CONDITION_TOKEN_OVER_HTTP:
        found.append(
            Error(
                "SEND_CONDITION_TOKEN_OVER_HTTP is on: anybody on the way could read the token.",
                hint="Remove SEND_CONDITION_TOKEN_OVER_HTTP from the environment.",
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
    return found + [
        Error(
            f"{name} leads to this machine, where only simulators are.",
            hint=f"Set {name} to the address of the service itself.",
            id="config.E004",
        )
        for name in OUTSIDE
        if is_loopback(getattr(settings, name))
    ]


def is_loopback(url: str) -> bool:
    """Whether an address, or a path of a file, is the address of this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback or ip_address(host).is_unspecified
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def production_trusts_nobody_unproven(**kwargs: Any) -> list[CheckMessage]:
    """Who guesses a key, or may post without proof, could speak for staff or for a provider."""
    found: list[CheckMessage] = []
    if is_set("SECRET_KEY") and len(settings.SECRET_KEY) < SHORTEST_SECRET_KEY:
        found.append(
            Error(
                f"SECRET_KEY is shorter than {SHORTEST_SECRET_KEY} characters.",
                hint="Set SECRET_KEY to something long and random.",
                id="config.E005",
            )
        )
    provider = settings.EMAIL_REPORTS_FROM
    if provider and not any(settings.ANYMAIL.get(name) for name in proofs_of(provider)):
        wanted = " or ".join(f"ANYMAIL_{name}" for name in proofs_of(provider))
        found.append(
            Error(
                f"Anybody could report for {provider}, from which EMAIL_REPORTS_FROM takes events.",
                hint=f"Set {wanted}.",
                id="config.E006",
            )
        )
    return found


def proofs_of(provider: str) -> list[str]:
    """The settings, one of which proves where an event comes from, as django-anymail names them."""
    own = [f"{provider.upper()}_{name}" for name in SIGNATURES.get(provider, ())]
    return [*own, "WEBHOOK_SECRET"]


def mail_servers_can_take_our_name(**kwargs: Any) -> list[CheckMessage]:
    """Servers refuse all mail of whoever greets them by an odd name; some insist on a full one."""
    name = settings.EMAIL_HELO_NAME
    hint = "Set EMAIL_HELO_NAME to this system's name in the public DNS."
    if not helo_name.is_usable(name):
        said = f"EMAIL_HELO_NAME, {name!r}, is no host name and no address in brackets."
        return [Error(said, hint=hint, id="config.E010")]
    if not helo_name.is_public(name):
        said = f"EMAIL_HELO_NAME, {name!r}, has no dot: mail servers may refuse us for it."
        return [Doubt(said, hint=hint, id="config.W010")]
    return []
