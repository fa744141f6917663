"""A complete production, as an environment."""

import os
from collections.abc import Mapping
from pathlib import Path

from script.launcher.system.shared_secrets import shared_secrets


def complete(folder: Path) -> Mapping[str, str]:
    """`folder` gets the keys."""
    keys = shared_secrets(folder)
    return {
        "SECRET_KEY": "long-and-random-0123456789-abcdefghijklmnopqrstuvwxyz",
        "ALLOWED_HOSTS": "notifications.example.no",
        "PUBLIC_BASE_URL": "https://notifications.example.no",
        "DATABASE_URL": os.environ["DATABASE_URL"],
        "REDIS_URL": os.environ["REDIS_URL"],
        "ALTINN_WELL_KNOWN": "https://altinn.example/.well-known/openid-configuration",
        "PLATFORM_TOKEN_KEY": keys["PLATFORM_TOKEN_KEY"],
        "PROFILE_URL": "https://altinn.example/profile/api/v1/",
        "REGISTER_URL": "https://altinn.example/register/api/v1/",
        "AUTHORIZATION_URL": "https://altinn.example/authorization/api/v1/",
        "AUTHORIZATION_KEY": "5bd07ff9c2a14e0f",
        "MASKINPORTEN_URL": "https://maskinporten.example/token",
        "MASKINPORTEN_CLIENT_ID": "b",
        "MASKINPORTEN_KEY": keys["MASKINPORTEN_KEY"],
        "SMS_GATEWAY_URL": "https://gateway.example",
        "SMS_GATEWAY_CLIENT": "c",
        "SMS_GATEWAY_PASSWORD": "kaffe-og-vafler",
        "SMS_REPORTS_USER": "e",
        "SMS_REPORTS_PASSWORD": "vafler-med-brunost",
        "EMAIL_URL": "smtp://mail.example:25",
        "METRICS_TOKEN": "7c0ffee1d2b3a4958607",
    }
