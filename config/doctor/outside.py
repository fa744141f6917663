"""Registers and gateways: asked whether they are there, and for nothing else."""

from collections.abc import Callable, Mapping

from django.conf import settings

from dispatch.gateways import configured
from notifications.models import NotificationChannel
from recipients.registers.tokens import TokenUnavailable, platform_token
from runtime.findings import Check, Finding
from runtime.web.reaching import reached


def profile() -> list[Finding]:
    return [_reached("Profile", "PROFILE_URL")]


def register() -> list[Finding]:
    try:
        token = platform_token()
    except TokenUnavailable:
        # The keys have a finding of their own.
        token = ""
    key = {"PlatformAccessToken": token} if token else {}
    return [_reached("Register", "REGISTER_URL", headers=key, key="PLATFORM_TOKEN_KEY")]


def authorization() -> list[Finding]:
    key = {"Ocp-Apim-Subscription-Key": settings.AUTHORIZATION_KEY}
    return [_reached("Authorization", "AUTHORIZATION_URL", headers=key, key="AUTHORIZATION_KEY")]


def dialogporten() -> list[Finding]:
    """Not everybody needs it."""
    return [_reached("Dialogporten", "DIALOGPORTEN_URL")] if settings.DIALOGPORTEN_URL else []


def sms_gateway() -> list[Finding]:
    return _examined(NotificationChannel.SMS)


def mail() -> list[Finding]:
    return _examined(NotificationChannel.EMAIL)


def _examined(channel: NotificationChannel) -> list[Finding]:
    """Each gateway as its provider's own check has it; no message is begun."""
    return [found for gateway in configured.gateways(channel) for found in gateway.examine()]


def _reached(
    name: str, setting: str, *, headers: Mapping[str, str] | None = None, key: str = ""
) -> Finding:
    return reached(name, getattr(settings, setting), setting=setting, headers=headers, key=key)


_ALL: Mapping[str, Callable[[], list[Finding]]] = {
    "Profile": profile,
    "Register": register,
    "Authorization": authorization,
    "Dialogporten": dialogporten,
    "SMS gateway": sms_gateway,
    "mail": mail,
}
CHECKS = [Check(name, examine) for name, examine in _ALL.items()]
