"""What proves that a provider posted its events, each proof being good for one post.

Mailgun signs a moment and a token, but not the event: who has seen one signature could put any
event under it. "Securing webhooks" (https://documentation.mailgun.com/docs/mailgun/user-manual/tracking-messages/)
therefore asks receivers to refuse old signatures and to remember the tokens. Other providers sign
what they post, or give a password: of these the same post counts once.
"""

import hashlib
import json
from datetime import UTC, datetime, timedelta

from anymail.exceptions import AnymailWebhookValidationFailure
from django.conf import settings
from django.http import HttpRequest

MAILGUN = "mailgun"


def proof_of(request: HttpRequest, *, provider: str, now: datetime) -> str:
    """A digest of the proof, which anymail has found to be the provider's.

    Raises AnymailWebhookValidationFailure where it is too old, or of the future.
    """
    if provider != MAILGUN:
        return _digest(request.body)
    moment, token = _mailguns(request)
    if abs(now - datetime.fromtimestamp(float(moment), UTC)) > freshness():
        raise AnymailWebhookValidationFailure("Mailgun's signature is not of these minutes")
    return _digest(f"{moment} {token}".encode())


def freshness() -> timedelta:
    """How far a signature's moment may lie from now."""
    return timedelta(minutes=settings.EMAIL_REPORTS_FRESH_MINUTES)


def _mailguns(request: HttpRequest) -> tuple[str, str]:
    """Mailgun's moment, in seconds since 1970, and token: from the places that anymail looks at."""
    if request.content_type == "application/json":
        signature = json.loads(request.body)["signature"]
        return str(signature["timestamp"]), str(signature["token"])
    return request.POST["timestamp"], request.POST["token"]


def _digest(proof: bytes) -> str:
    return hashlib.sha256(proof).hexdigest()
