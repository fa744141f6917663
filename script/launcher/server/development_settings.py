"""The settings script/server runs with, kept in var/dev.env for commands from another shell.

The file has one NAME=value a line, without quotes: manage.py reads it when DATABASE_URL is not set.
"""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from script.launcher.console import Refusal
from script.launcher.server.keys import Keys
from script.launcher.services.ports import HOST, Ports

ADMIN = "admin"
"""The user name of the one member of staff; ADMIN_PASSWORD is in the file."""

SECRETS = (
    "SECRET_KEY",
    "ADMIN_PASSWORD",
    "SMS_GATEWAY_PASSWORD",
    "SMS_REPORTS_PASSWORD",
    "AUTHORIZATION_KEY",
    "WEBHOOK_KEYS",
    "ANYMAIL_MAILGUN_WEBHOOK_SIGNING_KEY",
)
"""Drawn once, then kept from start to start."""


def compose(
    *,
    environment: Mapping[str, str],
    kept: Mapping[str, str],
    ports: Ports,
    keys: Keys,
    services: Mapping[str, str],
) -> dict[str, str]:
    """Every setting of the product and of the simulators; what the caller has set wins."""
    settings = {
        "DJANGO_SETTINGS_MODULE": "config.settings.local",
        **services,
        **{name: kept.get(name) or secrets.token_hex(16) for name in SECRETS},
        **_ours(ports, keys),
        **_outside_world(ports),
    }
    return settings | {name: environment[name] for name in settings if environment.get(name)}


def _ours(ports: Ports, keys: Keys) -> dict[str, str]:
    return {
        "PUBLIC_BASE_URL": f"http://{HOST}:{ports.web}",
        # A newcomer wants to see the message now, also at night.
        "SMS_SEND_WINDOW": "00:00-24:00",
        # Here, and only here, a condition endpoint or a file may lie on this machine.
        "SEND_CONDITION_ALLOWED_HOSTS": "127.0.0.1,localhost",
        "ATTACHMENT_ALLOWED_HOSTS": "127.0.0.1",
        "WEBHOOK_ALLOWED_HOSTS": "127.0.0.1,localhost",
        "SEND_CONDITION_TEST_ENDPOINT": "true",
        "SMS_GATEWAY_CLIENT": "notifications",
        "SMS_REPORTS_USER": "gateway",
        "MASKINPORTEN_CLIENT_ID": "notifications",
        "PLATFORM_TOKEN_KEY": str(keys.platform_token),
        "MASKINPORTEN_KEY": str(keys.maskinporten),
        "DEVELOPMENT_TOKEN_KEY": str(keys.development_token),
    }


def _outside_world(ports: Ports) -> dict[str, str]:
    """The simulators, in the places of the services they stand for."""
    outside = f"http://{HOST}:{ports.simulators}"
    return {
        "ALTINN_WELL_KNOWN": f"{outside}/authentication/.well-known/openid-configuration",
        "DEVELOPMENT_TOKEN_ISSUER": f"{outside}/authentication/",
        "PLATFORM_TOKEN_JWKS": f"{outside}/platform-keys/{{issuer}}",
        "MASKINPORTEN_URL": f"{outside}/maskinporten/token",
        "PROFILE_URL": f"{outside}/profile/api/v1/",
        "DIALOGPORTEN_URL": f"{outside}/dialogporten/api/v1/",
        "REGISTER_URL": f"{outside}/register/api/v1/",
        "AUTHORIZATION_URL": f"{outside}/authorization/api/v1/",
        "SMS_GATEWAY_URL": f"{outside}/gateway",
        "EMAIL_URL": f"smtp://{HOST}:{ports.smtp}",
        "EMAIL_REPORTS_FROM": "mailgun",
        "SIMULATORS_PORT": str(ports.simulators),
        "SIMULATORS_SMTP_PORT": str(ports.smtp),
        "NOTIFICATIONS_URL": f"http://{HOST}:{ports.web}",
    }


def read(file: Path) -> dict[str, str]:
    """The settings of the start before; none if there was none."""
    if not file.exists():
        return {}
    lines = file.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def write(file: Path, settings: Mapping[str, str]) -> None:
    """Replace the file in one step; only its owner may read it."""
    for name, value in settings.items():
        if len(value.splitlines()) > 1:
            raise Refusal(f"{name} has several lines: put them in a file and give its path.")
    unfinished = file.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
        new.write("# Written by script/server at every start; secrets are kept.\n")
        new.writelines(f"{name}={value}\n" for name, value in settings.items())
    unfinished.rename(file)
