"""Refuses a half-configured production: what is missing or wrong, and what to set."""

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

import structlog
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as Doubt
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from config.setting_rules import gateways
from config.setting_rules.judging import Judgement, judgements
from config.setting_rules.rule import Level
from dispatch.gateways.email import helo_name

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
)
NEEDED_BY_LINK_MOBILITY = (
    "SMS_GATEWAY_URL",
    "SMS_GATEWAY_CLIENT",
    "SMS_GATEWAY_PASSWORD",
    "SMS_REPORTS_USER",
    "SMS_REPORTS_PASSWORD",
)
_SMTP = "django.core.mail.backends.smtp.EmailBackend"
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
"""By what anymail's providers sign their events; any of them may be given a password instead."""
TOLD_WITH = {"OTEL_EXPORTER_OTLP_ENDPOINT": "opentelemetry", "SENTRY_DSN": "sentry_sdk"}
"""What is told to others needs libraries that are not always there."""
IDS = {Level.WRONG: "config.E007", Level.UNFIT: "config.E008", Level.DOUBTFUL: "config.W001"}
"""How far a judgement goes: everywhere, or in production only."""

if TYPE_CHECKING:
    from dispatch.gateways.gateway import Gateway

logger = structlog.get_logger(__name__)


def register_all() -> None:
    register(needed_settings_are_there)
    register(production_has_no_development_settings)
    register(production_trusts_nobody_unproven)
    register(mail_servers_can_take_our_name)
    register(libraries_to_tell_with_are_there)
    register(events_can_be_read)
    register(providers_can_be_used)
    register(every_setting_may_be_what_it_is)
    register(gateways_may_be_what_they_are)


def all_found() -> list[CheckMessage]:
    return [
        *needed_settings_are_there(),
        *production_has_no_development_settings(),
        *production_trusts_nobody_unproven(),
        *mail_servers_can_take_our_name(),
        *libraries_to_tell_with_are_there(),
        *events_can_be_read(),
        *providers_can_be_used(),
        *every_setting_may_be_what_it_is(),
        *gateways_may_be_what_they_are(),
    ]


def refuse_half_configured(**kwargs: object) -> None:
    """Called as the web process, a worker or beat starts: none of them runs Django's checks.

    Raises SystemExit, which Celery's signals let through, with everything that is missing or wrong
    and what to do about it. What is only doubtful is logged.
    """
    found = [message for message in all_found() if not message.is_silenced()]
    for message in found:
        if not message.is_serious():
            logger.warning("A setting is doubtful", says=message.msg, hint=message.hint)
    if serious := [message for message in found if message.is_serious()]:
        lines = [f"{message.msg} {message.hint}" for message in serious]
        raise SystemExit("This system is not fully configured:\n" + "\n".join(lines))


def needed_settings_are_there(**kwargs: object) -> list[CheckMessage]:
    """Without these some order could not be carried out."""
    return [
        Error(f"{name} is not set.", hint=f"Set {name} in the environment.", id="config.E001")
        for name in needed()
        if not is_set(name)
    ] + issuers_are_known()


def needed() -> list[str]:
    """A provider that django-anymail knows is reached in its own way, and needs no mail server;
    what GATEWAYS names has its settings there."""
    needs_server = settings.EMAIL_BACKEND == _SMTP and not _has_gateways("email")
    return [
        *NEEDED,
        *(() if _has_gateways("sms") else NEEDED_BY_LINK_MOBILITY),
        *(["EMAIL_URL"] if needs_server else []),
    ]


def _has_gateways(channel: str) -> bool:
    return bool(settings.GATEWAYS.get(channel))


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


def production_has_no_development_settings(**kwargs: object) -> list[CheckMessage]:
    """What a settings module may say, beyond the environment."""
    if not settings.DEBUG:
        return []
    return [
        Error(
            "DEBUG is on: every error would show settings and data.",
            hint="Remove DEBUG from the settings module.",
            id="config.E002",
        )
    ]


def production_trusts_nobody_unproven(**kwargs: object) -> list[CheckMessage]:
    """Who may post without proof could speak for a provider."""
    found: list[CheckMessage] = []
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


def libraries_to_tell_with_are_there(**kwargs: object) -> list[CheckMessage]:
    return [
        Error(
            f"{name} is set, and the library {library} is not installed.",
            hint="Install requirements-watching.txt.",
            id="config.E011",
        )
        for name, library in TOLD_WITH.items()
        if getattr(settings, name) and find_spec(library) is None
    ]


def events_can_be_read(**kwargs: object) -> list[CheckMessage]:
    """A library of a provider that is not there, or a key that is none, would make each event a
    500, and what arrived would be told as expired."""
    reports = [(one.name, view) for one in _gateways() for view in one.reports().values()]
    found = dict.fromkeys(
        (name, why)
        for name, view in reports
        if hasattr(view, "view_class") and (why := _why_not_made(view.view_class, view))
    )
    return [
        Error(
            f"The reports of gateway {name} cannot be read ({why}).",
            hint="See its keys, and what django-anymail wants installed for its provider.",
            id="config.E012",
        )
        for name, why in found
    ]


def providers_can_be_used(**kwargs: object) -> list[CheckMessage]:
    """One without its keys or its library would pause the channel with its first message."""
    backends = [(one.name, one.backend) for one in _gateways() if hasattr(one, "backend")]
    return [
        Error(
            f"Gateway {name} cannot be used ({why}).",
            hint="See its keys, and what its provider wants installed.",
            id="config.E013",
        )
        for name, backend in backends
        if (why := _why_not_made(backend))
    ]


def _gateways() -> Iterator["Gateway"]:
    """They stand on models, which are not there yet when this module is read."""
    found: Iterator[Gateway] = import_string("dispatch.gateways.configured.all_gateways")()
    return found


def _why_not_made(make: Callable[..., object], view: object = None) -> str:
    """The kind of error that each use would meet; "" if it can be made."""
    try:
        make(**getattr(view, "view_initkwargs", {}))
    except Exception as error:  # as any library, and somebody else's gateway, may raise
        return type(error).__name__
    return ""


def every_setting_may_be_what_it_is(**kwargs: object) -> list[CheckMessage]:
    """As the rules of settings have it, of all that the environment holds."""
    return [_message(found) for found in judgements()]


def gateways_may_be_what_they_are(**kwargs: object) -> list[CheckMessage]:
    """As their providers have it, whether the environment or a settings module names them."""
    return [_message(found) for found in gateways.judged(settings.GATEWAYS)]


def _message(found: Judgement) -> CheckMessage:
    kind = Doubt if found.level is Level.DOUBTFUL else Error
    return kind(found.says, hint=found.hint, id=IDS[found.level])


def proofs_of(provider: str) -> list[str]:
    """The settings, one of which proves where an event comes from, as django-anymail names them."""
    own = [f"{provider.upper()}_{name}" for name in SIGNATURES.get(provider, ())]
    return [*own, "WEBHOOK_SECRET"]


def mail_servers_can_take_our_name(**kwargs: object) -> list[CheckMessage]:
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
