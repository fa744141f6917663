"""Registers, SMS gateway and mail server: asked whether they are there, and for nothing else."""

import smtplib
from collections.abc import Callable, Mapping

import aiohttp
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail.backends.smtp import EmailBackend as SmtpBackend

from config.doctor.findings import LIMIT, Check, Finding, failed, host_of, not_set, ok, warning
from dispatch.gateways.email.transport import backend as backend_of_settings
from recipients.registers.tokens import TokenUnavailable, platform_token
from runtime import outgoing

_TIMEOUT = aiohttp.ClientTimeout(total=LIMIT)
_NOT_WELCOME = (401, 403)


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
    """Only a message would show whether its log-in is right, and none is sent."""
    return [_reached("SMS gateway", "SMS_GATEWAY_URL")]


def _reached(
    name: str, setting: str, *, headers: Mapping[str, str] | None = None, key: str = ""
) -> Finding:
    """Any answer will do: who says that there is nothing to see here is there."""
    address: str = getattr(settings, setting)
    if not address:
        return not_set(name, setting)
    where = host_of(address)
    try:
        status = status_of(address, headers=headers)
    except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError):
        return failed(name, f"{setting} is no http address.", f"Set {setting}.")
    except (aiohttp.ClientError, OSError) as error:  # a time-out is an OSError
        says = f"{where} cannot be reached ({type(error).__name__})."
        return failed(name, says, f"See whether it is up, and {setting}.")
    if status in _NOT_WELCOME:
        remedy = f"See {key}, and {setting}." if key else f"See our access to it, and {setting}."
        return failed(name, f"{where} refuses us (status {status}).", remedy)
    if status >= 500:
        says = f"{where} is there, but in trouble (status {status})."
        return warning(name, says, "Ask those who run it.")
    return ok(name, f"{where} answers.")


def status_of(address: str, *, headers: Mapping[str, str] | None = None) -> int:
    """What a HEAD is answered with; redirects are not followed. Raises ClientError or OSError."""

    async def ask() -> int:
        async with outgoing.session().head(
            address, headers=headers, allow_redirects=False, timeout=_TIMEOUT
        ) as response:
            return response.status

    return outgoing.run(ask())


def mail() -> list[Finding]:
    """As far as the log-in, where there is one; no mail is begun."""
    if not settings.EMAIL_URL and settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        return [not_set("mail", "EMAIL_URL")]
    try:
        backend = backend_of_settings(timeout=LIMIT)
    except (ImproperlyConfigured, ImportError, TypeError):
        remedy = "See EMAIL_BACKEND and the provider's ANYMAIL_ settings."
        return [failed("mail", f"{settings.EMAIL_BACKEND} cannot be used.", remedy)]
    if not isinstance(backend, SmtpBackend):
        return [ok("mail", f"Goes through {type(backend).__module__}; it is not asked.")]
    return [_mail_server(backend)]


def _mail_server(backend: SmtpBackend) -> Finding:
    where = f"{backend.host}:{backend.port}"
    try:
        backend.open()
        if backend.connection is not None:
            backend.connection.ehlo_or_helo_if_needed()
    except smtplib.SMTPAuthenticationError as error:
        says = f"{where} refuses our log-in ({error.smtp_code})."
        return failed("mail", says, "See user and password in EMAIL_URL.")
    except smtplib.SMTPNotSupportedError:
        says = f"{where} offers no log-in or TLS as the settings want it."
        return failed("mail", says, "See EMAIL_URL: smtp://, smtp+tls:// or smtp+ssl://.")
    except OSError as error:  # SMTPException is one
        says = f"{where} cannot be reached ({type(error).__name__})."
        return failed("mail", says, "See whether it is up, and EMAIL_URL.")
    except Exception as error:  # smtplib raises what it cannot write, such as a password
        says = f"{where} cannot be opened with the settings as they are ({type(error).__name__})."
        return failed("mail", says, "See user, password and host in EMAIL_URL.")
    finally:
        backend.fail_silently = True
        backend.close()
    return ok("mail", f"{where} answers{' and lets us in' * bool(backend.username)}.")


_ALL: Mapping[str, Callable[[], list[Finding]]] = {
    "Profile": profile,
    "Register": register,
    "Authorization": authorization,
    "Dialogporten": dialogporten,
    "SMS gateway": sms_gateway,
    "mail": mail,
}
CHECKS = [Check(name, examine) for name, examine in _ALL.items()]
