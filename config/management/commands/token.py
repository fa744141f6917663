"""Prints a token for development, for pasting into curl: `manage.py token ttd` for a service owner,
`manage.py token --person 01838510058` for somebody who has logged in."""

import secrets
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.api.permissions import CREATE_SCOPE
from config.tokens import jwks
from config.tokens.verification import ORG_CLAIM, SCOPE_CLAIM
from events.api.base import EVENTS_SCOPE
from notifications.api.future.log import END_USER_SCOPE
from orders.api.future.compose import COMPOSE_SCOPE
from recipients.registers.tokens import key_id
from runtime import clock

HOUR = 3600
_METADATA = ".well-known/openid-configuration"


class Command(BaseCommand):
    help = (
        "Prints a token for development, signed with DEVELOPMENT_TOKEN_KEY."
        " Example: manage.py token ttd"
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "org", nargs="?", help="Short name of the service owner to speak for, as ttd."
        )
        parser.add_argument(
            "--person", help="In its place, the national identity number of an end user."
        )
        parser.add_argument(
            "--platform", action="store_true", help="A PlatformAccessToken, no bearer token."
        )
        parser.add_argument("--lifetime", type=int, default=8 * HOUR, help="In seconds.")
        parser.add_argument("--scope", help="Space separated.")

    def handle(
        self,
        *,
        org: str | None,
        person: str | None,
        platform: bool,
        lifetime: int,
        scope: str | None,
        **options: object,
    ) -> str:
        if bool(org) == bool(person):
            raise CommandError("Give the short name of a service owner, or --person.")
        key = _development_key()
        now = int(clock.seconds())
        claims = {"iat": now, "exp": now + lifetime, "jti": secrets.token_hex(8)}
        if platform:
            claims |= {"iss": org, "urn:altinn:app": "development"}
        elif person:
            claims |= {"iss": _issuer(), "pid": person, SCOPE_CLAIM: scope or END_USER_SCOPE}
        else:
            claims |= {
                "iss": _issuer(),
                ORG_CLAIM: org,
                SCOPE_CLAIM: scope or f"{CREATE_SCOPE} {COMPOSE_SCOPE} {EVENTS_SCOPE}",
                "urn:altinn:authenticatemethod": "maskinporten",
                "urn:altinn:authlevel": 3,
            }
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": key_id(key)})


def _development_key() -> RSAPrivateKey:
    path = settings.DEVELOPMENT_TOKEN_KEY
    if not path:
        raise CommandError(
            "DEVELOPMENT_TOKEN_KEY is not set. Set it to a PEM file with a private RSA key whose"
            " public half is published where ALTINN_WELL_KNOWN or ALTINN_JWKS points."
        )
    try:
        key = load_pem_private_key(Path(path).read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise CommandError(f"DEVELOPMENT_TOKEN_KEY cannot be read: {error}") from error
    if not isinstance(key, RSAPrivateKey):
        raise CommandError(f"DEVELOPMENT_TOKEN_KEY is no RSA key: {path}")
    return key


def _issuer() -> str:
    """As set, else as the OpenID metadata says, else the address that the metadata hangs under."""
    if settings.DEVELOPMENT_TOKEN_ISSUER:
        return str(settings.DEVELOPMENT_TOKEN_ISSUER)
    address = settings.ALTINN_WELL_KNOWN
    if not address and settings.ALTINN_ISSUERS:
        return str(settings.ALTINN_ISSUERS[0])
    if not address:
        raise CommandError(
            "No issuer is known. Set DEVELOPMENT_TOKEN_ISSUER, ALTINN_ISSUERS or ALTINN_WELL_KNOWN."
        )
    try:
        return jwks.read(address).issuer
    except jwks.READING_ERRORS:
        return str(address).removesuffix(_METADATA)
