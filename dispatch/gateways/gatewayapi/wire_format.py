"""GatewayAPI's JSON: how a message is written, and what an answer means.

Outside sources: "Basic Use", "Advanced Use" and "Errors" of https://gatewayapi.com/docs/apis/rest/.
"""

import re
from datetime import datetime

import orjson

from dispatch.gateways.base import MAX_REFERENCE, Evidence, Message, Outcome, quoted
from dispatch.gateways.posting import Answer
from dispatch.gateways.sms import Sms
from notifications.models import NotificationStatus
from orders.texts.sms_length import Encoding

_MIN_SECONDS = 60  # "Every value under 60 will be set to 60."
# What it says of the account rather than of the message, at the beginning of its words.
_ACCOUNT_IS_EMPTY = re.compile(
    r"(?:insufficient|not enough|out of|no) (?:credits?|funds|balance)\b", re.IGNORECASE
)


def receiver(message: Message) -> str:
    """An MSISDN: digits with the country code, without a prefix."""
    return re.sub(r"[^0-9]", "", message.normalized_address)


def request(message: Message, sms: Sms, *, sender: str, now: datetime) -> bytes:
    """It tries for as long as is left to expiry. `userref` is ours, and comes back in reports."""
    seconds = max(_MIN_SECONDS, int((message.expires_at - now).total_seconds()))
    document: dict[str, object] = {
        "message": sms.text,
        "sender": sender,
        "recipients": [{"msisdn": int(receiver(message))}],
        "userref": str(message.notification_id),
        "validity_period": seconds,
    }
    if sms.length.encoding is Encoding.UCS_2:
        document["encoding"] = "UCS2"
    return orjson.dumps(document)


def meaning(answer: Answer, *, receiver: str) -> Outcome:
    """Of a request of one message. An answer that cannot be read leaves open what became of it."""
    said = _read(answer.body)
    if answer.status == 200:
        match said.get("ids"):
            case [int(number)] if not isinstance(number, bool):
                reference = str(number)[:MAX_REFERENCE]
                return Outcome.accepted(NotificationStatus.ACCEPTED, reference=reference)
        return Outcome.unknown("The SMS gateway's answer says nothing about the message.")
    words = quoted(_words(said), hiding=receiver) if said else ""
    if _ACCOUNT_IS_EMPTY.match(words):
        return Outcome.refused(f"The SMS gateway sends no more: {words}.", Evidence.CONNECTION)
    return answer.meaning(words)


def _read(body: bytes) -> dict[str, object]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _words(said: dict[str, object]) -> str:
    """Its message, with what its places %1, %2 stand for, and the code by which its page has it."""
    words, variables = str(said.get("message", "")), said.get("variables")
    for place, value in enumerate(variables if isinstance(variables, list) else (), start=1):
        words = words.replace(f"%{place}", str(value))
    code = said.get("code")
    return f"{words.rstrip('.')} ({code})" if code else words.rstrip(".")
