"""Passwords and keys that the simulated world and our service must both know."""

import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

KEYS = ("DEVELOPMENT_TOKEN_KEY", "PLATFORM_TOKEN_KEY", "MASKINPORTEN_KEY")


def shared_secrets(folder: Path) -> dict[str, str]:
    """By the names of their settings; keys are files in `folder`, generated where it has none."""
    for name in KEYS:
        path = folder / f"{name.lower()}.pem"
        if not path.exists():
            key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            path.touch(mode=0o600)
            path.write_bytes(pem)
    return {name: str(folder / f"{name.lower()}.pem") for name in KEYS} | {
        "SMS_GATEWAY_CLIENT": "notifications",
        "SMS_GATEWAY_PASSWORD": "gateway-password",
        "SMS_REPORTS_USER": "gateway",
        "SMS_REPORTS_PASSWORD": "reports-password",
        "ANYMAIL_MAILGUN_WEBHOOK_SIGNING_KEY": secrets.token_hex(16),
        "AUTHORIZATION_KEY": "subscription-key",
        "MASKINPORTEN_CLIENT_ID": "notifications-client",
    }
