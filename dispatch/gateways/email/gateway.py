"""Accounts for e-mail: the backend of Django's settings, a mail server, or a provider that
django-anymail knows."""

from abc import abstractmethod
from collections.abc import Mapping

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend
from django.utils.module_loading import import_string
from environ import Env

from dispatch.gateways.email import transport
from dispatch.gateways.email.composed import ComposedEmail
from dispatch.gateways.email.event_providers import PROVIDERS
from dispatch.gateways.email.examining import mail_server
from dispatch.gateways.email.reports import tracking_view
from dispatch.gateways.email.smtp import SmtpBackend
from dispatch.gateways.email.transport import Email
from dispatch.gateways.gateway import Gateway, View
from dispatch.gateways.option import Kind, Option
from notifications.models import NotificationChannel
from runtime.findings import LIMIT, Finding, failed, not_set, ok

_SMTP = "smtp.EmailBackend"


class MailGateway(Gateway):
    """What those below have in common."""

    channel = NotificationChannel.EMAIL

    @abstractmethod
    def backend(self, *, timeout: float | None = None) -> BaseEmailBackend:
        """A new one, with the time-out of the settings or another, in seconds. Raises
        ImproperlyConfigured, ImportError and TypeError."""

    @property
    def events_of(self) -> str:
        """The provider that reports, by django-anymail's name for it; empty where none does."""
        return ""

    @property
    def event_keys(self) -> Mapping[str, str]:
        """By which its events are proven, where they are none of django-anymail's settings."""
        return {}

    def transport(self) -> Email:
        return self._email(self.number("in_flight", settings.EMAIL_IN_FLIGHT))

    def transport_with_files(self) -> ComposedEmail:
        return ComposedEmail(self._email(settings.COMPOSED_EMAIL_IN_FLIGHT))

    def _email(self, max_in_flight: int) -> Email:
        return Email(
            default_sender=settings.DEFAULT_EMAIL_FROM,
            max_in_flight=max_in_flight,
            reports_delivery=bool(self.events_of),
            backend=self.backend,
        )

    def reports(self) -> Mapping[str, View]:
        """A provider that nobody knows is refused by `config.checks` in a sentence."""
        if self.events_of not in PROVIDERS:
            return {}
        view = tracking_view(self.events_of, gateway=self.name, keys=self.event_keys)
        # Providers are told either.
        of_settings = "" if self.folder else f"{self.events_of}/"
        return {f"{of_settings}tracking{slash}": view for slash in ("", "/")}

    def examine(self) -> list[Finding]:
        name = self.finding_name("mail")
        try:
            backend = self.backend(timeout=LIMIT)
        except (ImproperlyConfigured, ImportError, TypeError):
            return [self._unusable(name)]
        if not isinstance(backend, EmailBackend):
            return [ok(name, f"Goes through {type(backend).__module__}; it is not asked.")]
        return [mail_server(name, backend, setting=self.setting("url"))]

    def _unusable(self, name: str) -> Finding:
        return failed(name, "The mail provider cannot be used.", f"See {self.setting('keys')}.")


class DjangoMail(MailGateway):
    """As the settings for one provider have it."""

    @property
    def events_of(self) -> str:
        return self.option("reports_from")

    def backend(self, *, timeout: float | None = None) -> BaseEmailBackend:
        return transport.backend(timeout=timeout) if timeout else transport.backend()

    def examine(self) -> list[Finding]:
        is_smtp = settings.EMAIL_BACKEND.endswith(_SMTP)
        if is_smtp and not self.option("url"):
            return [not_set("mail", self.setting("url"))]
        return super().examine()

    def _unusable(self, name: str) -> Finding:
        remedy = "See EMAIL_BACKEND and the provider's ANYMAIL_ settings."
        return failed(name, f"{settings.EMAIL_BACKEND} cannot be used.", remedy)


class SmtpGateway(MailGateway):
    """A mail server; it tells nothing of what became of what it took."""

    options = {
        "url": Option(Kind.MAIL_SERVER, is_needed=True),
        "in_flight": Option(Kind.NUMBER),
    }

    def backend(self, *, timeout: float | None = None) -> BaseEmailBackend:
        found = Env.email_url_config(self.option("url"))
        return SmtpBackend(
            host=found["EMAIL_HOST"],
            port=found["EMAIL_PORT"],
            username=found["EMAIL_HOST_USER"] or "",
            password=found["EMAIL_HOST_PASSWORD"] or "",
            use_tls=found.get("EMAIL_USE_TLS", False),
            use_ssl=found.get("EMAIL_USE_SSL", False),
            timeout=timeout or settings.EMAIL_TIMEOUT,
        )


class AnymailGateway(MailGateway):
    """A provider that django-anymail knows. `keys` are handed to its backend, `event_keys` prove
    where events come from, both by django-anymail's names without the provider's before them."""

    options = {
        "provider": Option(Kind.EVENTS_OF, is_needed=True),
        "keys": Option(Kind.KEYS, is_needed=True),
        "event_keys": Option(Kind.PROOFS),
        "in_flight": Option(Kind.NUMBER),
    }

    @property
    def events_of(self) -> str:
        """Without a proof nobody is believed, so nothing is served."""
        return self.option("provider") if self.event_keys else ""

    @property
    def event_keys(self) -> Mapping[str, str]:
        return self.texts("event_keys")

    def backend(self, *, timeout: float | None = None) -> BaseEmailBackend:
        """Providers have time-outs of their own: `timeout` counts for nothing."""
        path = f"anymail.backends.{self.option('provider')}.EmailBackend"
        made: BaseEmailBackend = import_string(path)(**self.texts("keys"))
        return made
