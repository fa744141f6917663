"""Events are signed as receivers' libraries expect; secrets are kept sealed."""

from datetime import UTC, datetime

import pytest
from django.conf import LazySettings
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from events import signing

BODY = '{"type":"webhook.test"}'


def headers(*secrets: str) -> dict[str, str]:
    at = datetime.now(UTC)
    return {
        "webhook-id": "one",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signing.signature(secrets, message_id="one", at=at, body=BODY),
    }


def test_a_receiver_verifies_with_either_secret_during_rotation() -> None:
    new, old = signing.new_secret(), signing.new_secret()
    for secret in (new, old):
        assert Webhook(secret).verify(BODY, headers(new, old)) == {"type": "webhook.test"}
    with pytest.raises(WebhookVerificationError):
        Webhook(signing.new_secret()).verify(BODY, headers(new, old))
    with pytest.raises(WebhookVerificationError):
        Webhook(new).verify(BODY + " ", headers(new, old))


def test_a_kept_secret_does_not_show_itself_and_outlives_a_new_key(settings: LazySettings) -> None:
    secret = signing.new_secret()
    settings.WEBHOOK_KEYS = ["old"]
    kept = signing.sealed(secret)
    assert secret.removeprefix(signing.PREFIX) not in kept
    settings.WEBHOOK_KEYS = ["new", "old"]
    assert signing.opened(kept) == secret
    settings.WEBHOOK_KEYS = ["new"]
    with pytest.raises(signing.WrongKeys):
        signing.opened(kept)
    settings.WEBHOOK_KEYS = []
    with pytest.raises(signing.NoKeys):
        signing.sealed(secret)
