"""E-mail through any other backend, above all django-anymail's: what its errors mean."""

import ssl
import time
from collections.abc import Iterator

import structlog
from anymail.exceptions import (
    AnymailAPIError,
    AnymailError,
    AnymailInvalidAddress,
    AnymailRecipientsRefused,
)
from django.core.exceptions import ImproperlyConfigured
from django.core.mail.backends.base import BaseEmailBackend
from urllib3.exceptions import ConnectTimeoutError, ProxyError

from dispatch.gateways.base import MAX_REFERENCE, Evidence, Outcome, quoted
from dispatch.gateways.email.mail import Mail
from dispatch.gateways.http_status import meaning_of_status
from notifications.models import NotificationStatus
from runtime import clock

S = NotificationStatus

logger = structlog.get_logger(__name__)


class ProviderConnection:
    """One instance of a backend, kept open between mails."""

    def __init__(self, backend: BaseEmailBackend) -> None:
        self._backend = backend

    def send(self, mail: Mail, *, begin_by: float) -> Outcome:
        """Hand over the mail. Raises nothing.

        Its reference is used where the backend gives none of its own. Nothing is sent after
        `begin_by`, on the monotonic clock.
        """
        try:
            self._backend.open()
            if time.monotonic() > begin_by:
                return Outcome.channel_error(
                    "The e-mail backend took too long to open.", Evidence.CONNECTION
                )
            if not self._backend.send_messages([mail]):
                return Outcome.failed("The e-mail backend sent nothing.")
        except ImproperlyConfigured as error:
            return misconfigured(error)
        except AnymailError as error:
            return _meaning(error, mail)
        except Exception as error:
            # A backend may raise anything, at any time: before the message left, or after. Its
            # words are left out of the log, since they may hold the address.
            logger.error("an e-mail backend failed", error=type(error).__name__)
            return Outcome.unknown(
                f"The e-mail backend failed ({type(error).__name__}).", evidence=Evidence.NONE
            )
        return Outcome.accepted(S.SUCCEEDED, reference=_reference_of(mail) or mail.reference)

    def close(self) -> None:
        """Raises nothing."""
        try:
            self._backend.close()
        except Exception as error:
            logger.warning("an e-mail backend could not be closed", error=type(error).__name__)


def misconfigured(error: Exception) -> Outcome:
    """There is no backend to send with. Only words that are about settings are told; others may
    hold secrets."""
    is_about_settings = isinstance(error, ImproperlyConfigured | ImportError)
    words = quoted(str(error), hiding="") if is_about_settings else type(error).__name__
    return Outcome.refused(f"The e-mail settings are incomplete: {words}.", Evidence.CONNECTION)


def bare(message_id: str) -> str:
    """A message id without angle brackets, which some providers add and some leave out."""
    return message_id.strip().removeprefix("<").removesuffix(">")


def _reference_of(mail: Mail) -> str:
    """The id that an anymail backend left on the message; its delivery reports will carry it."""
    message_id = getattr(getattr(mail, "anymail_status", None), "message_id", None)
    return bare(message_id)[:MAX_REFERENCE] if isinstance(message_id, str) else ""


def _meaning(error: AnymailError, mail: Mail) -> Outcome:
    words = quoted(str(error), hiding=mail.to[0])
    match error:
        case AnymailRecipientsRefused():
            found = getattr(getattr(mail, "anymail_status", None), "status", None)
            invalid = found == {"invalid"}
            status = S.FAILED_INVALID_EMAIL_FORMAT if invalid else S.FAILED_SUPRESSED_RECIPIENT
            return Outcome.failed("The e-mail provider refuses the recipient.", status)
        case AnymailInvalidAddress():
            # The sender's has been read as a mailbox.
            return Outcome.failed(
                "The e-mail provider cannot write to the address.", S.FAILED_INVALID_EMAIL_FORMAT
            )
        case AnymailAPIError(status_code=413) if mail.has_files:
            return Outcome.failed(
                "The attachments are larger than the e-mail provider takes.",
                S.FAILED_PAYLOAD_TOO_LARGE,
            )
        case AnymailAPIError(status_code=int(status), response=response):
            return meaning_of_status(
                status,
                of="The e-mail provider",
                retry_after=getattr(response, "headers", {}).get("Retry-After"),
                now=clock.now(),
                words=words,
            )
        case AnymailAPIError() if _never_left(error):
            return Outcome.channel_error(
                "The e-mail provider cannot be reached.", Evidence.CONNECTION
            )
        case AnymailAPIError():
            return Outcome.unknown("The e-mail provider's answer did not come.")
    return Outcome.failed(f"The e-mail provider cannot take the message: {words}.")


def _never_left(error: BaseException) -> bool:
    """Whether no connection was made (urllib3 calls a refused one a kind of connect time-out, and
    has an error of its own for a proxy that opens no tunnel)."""
    return any(
        isinstance(cause, ConnectTimeoutError | ProxyError | ssl.SSLCertVerificationError)
        for cause in _causes(error)
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
