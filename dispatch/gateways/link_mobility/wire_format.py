"""Link Mobility's XML: how a message is written, and what the gateway's answer means.

Outside source: Link Mobility, "PSWinCom Gateway XML SMS API" and "Verify that message has been
sent" (wiki.pswin.com).
"""

import re
from collections.abc import Mapping
from datetime import datetime
from xml.parsers import expat
from xml.sax.saxutils import escape

from dispatch.gateways.base import MAX_REFERENCE, Evidence, Message, Outcome, quoted
from dispatch.gateways.http_status import USUAL_PAUSE
from dispatch.gateways.link_mobility import xml_characters
from dispatch.gateways.sms import shown_sender
from notifications.models import NotificationStatus
from orders.senders.sms_senders import NO_NUMBERS
from orders.texts.sms_length import Encoding, SmsLength

_UNICODE_TEXT = 9  # a value of OP

_NOT_A_DIGIT = re.compile(r"[^0-9]")

# The gateway's words (INFO) for what concerns more than the one message. They must be all that it
# says, or begin it: what it quotes of a message may hold any words.
_ACCOUNT_IS_EMPTY = re.compile(
    r"(?:no|insufficient|not enough|out of) credits?\b"
    r"|(?:account |client )?quota (?:is )?exceeded\b"
    r"|(?:account|client) (?:is )?(?:blocked|closed|suspended|disabled)\b",
    re.IGNORECASE,
)
_TOO_FAST = re.compile(
    r"throttl(?:ed|ing)\b|(?:rate|throughput) limit (?:is )?(?:exceeded|reached)\b"
    r"|too many (?:messages|requests)\b",
    re.IGNORECASE,
)
_REFUSED = re.compile(r"fail|error|invalid|reject|refuse|denied|blocked|barred", re.IGNORECASE)
_WILL_PASS = re.compile(
    r"(?:service|system|gateway|billing platform|operator) (?:is )?(?:temporarily )?unavailable\b"
    r"|temporar(?:y|ily)\b|internal (?:server )?error\b|(?:please )?try again\b",
    re.IGNORECASE,
)


class Writer:
    """Writes requests of one account. Keep it out of logs: it holds the password."""

    def __init__(
        self,
        *,
        client: str,
        password: str,
        default_sender: str,
        numbers_by_country: Mapping[str, str] = NO_NUMBERS,
    ) -> None:
        self._default_sender = default_sender
        self._numbers_by_country = numbers_by_country
        self._opening = (
            '<?xml version="1.0" encoding="UTF-8"?>'
            f"<SESSION><CLIENT>{escape(client)}</CLIENT><PW>{escape(password)}</PW><SD>"
        )

    def request(self, message: Message, text: str, length: SmsLength, *, now: datetime) -> bytes:
        """`text` is as it is sent, `length` is its own, and the sender can be shown.

        The gateway tries for as long as is left to expiry, in whole minutes; it reads 0 as a
        default of its own.
        """
        minutes = max(1, int((message.expires_at - now).total_seconds()) // 60)
        operation = ""
        if length.encoding is Encoding.UCS_2:
            text = text.encode("utf-16-be").hex().upper()
            operation = f"<OP>{_UNICODE_TEXT}</OP>"
        sender = shown_sender(
            message, default=self._default_sender, numbers=self._numbers_by_country
        )
        return (
            f"{self._opening}{message.notification_id}</SD><MSGLST><MSG><ID>1</ID>"
            f"<TEXT>{escape(text)}</TEXT><SND>{sender}</SND><RCV>{receiver(message)}</RCV>"
            f"{operation}<TTL>{minutes}</TTL></MSG></MSGLST></SESSION>"
        ).encode()


def receiver(message: Message) -> str:
    """Digits with the country code, without a prefix; from E.164."""
    return _NOT_A_DIGIT.sub("", message.normalized_address)


def meaning(answer: bytes, *, receiver: str) -> Outcome:
    """What became of a request of one message. An answer that cannot be read leaves that open."""
    try:
        said = _elements(answer)
    except (expat.ExpatError, ValueError, LookupError):
        return Outcome.unknown("The SMS gateway's answer cannot be read.")
    logon = said.get("LOGON", "").upper()
    if logon.startswith("FAIL"):
        reason = quoted(said.get("REASON", ""), hiding=receiver)
        return Outcome.refused(
            f"The SMS gateway refuses our log-in: {reason}.", Evidence.CONNECTION
        )
    status = said.get("STATUS", "")
    if logon != "OK" or not status:
        return Outcome.unknown("The SMS gateway's answer says nothing about the message.")
    if status.upper() == "OK":
        reference = said.get("REF", "")[:MAX_REFERENCE]
        return Outcome.accepted(NotificationStatus.ACCEPTED, reference=reference)
    words = said.get("INFO") or status
    if not _is_refusal(status):
        return Outcome.unknown(
            "The SMS gateway uses a word for what became of the message that is not known here:"
            f" {quoted(words, hiding=receiver)}.",
            reference=said.get("REF", "")[:MAX_REFERENCE],
        )
    return _refusal(words, receiver=receiver)


def _is_refusal(status: str) -> bool:
    """Of a word that is neither the manual's FAIL nor a reason why, as QUEUED, nobody knows whether
    the gateway has taken the message."""
    phrases = (_REFUSED, _ACCOUNT_IS_EMPTY, _TOO_FAST, _WILL_PASS)
    return any(phrase.match(status) for phrase in phrases)


def _refusal(words: str, *, receiver: str) -> Outcome:
    reason = f"The SMS gateway refuses the message: {quoted(words, hiding=receiver)}."
    if words.lower().startswith("invalid rcv"):
        return Outcome.failed(reason, NotificationStatus.FAILED_INVALID_RECIPIENT)
    words = words.strip()
    if _ACCOUNT_IS_EMPTY.match(words):
        return Outcome.refused(f"The SMS gateway sends no more: {quoted(words, hiding=receiver)}.")
    if _TOO_FAST.match(words):
        return Outcome.rate_limited(reason, retry_after=USUAL_PAUSE, evidence=Evidence.MESSAGE)
    if _WILL_PASS.match(words):
        return Outcome.retry(reason)
    return Outcome.failed(reason)


def _elements(answer: bytes) -> dict[str, str]:
    """The text of each element of a SESSION with one MSG, where no name occurs twice.

    Straight from the parser, since this runs once a message and a tree takes three times as long.
    Raises ExpatError, and ValueError for an answer that declares entities or has a second MSG: it
    is not clear then which is about ours.

    White space may precede a declaration, though XML forbids it.
    """
    texts: dict[str, str] = {}
    parts: list[str] = []
    messages = 0

    def begin(name: str, _attributes: dict[str, str]) -> None:
        nonlocal messages
        parts.clear()
        messages += name == "MSG"

    def end(name: str) -> None:
        if parts:
            texts.setdefault(name, "".join(parts).strip())
            parts.clear()

    parser = expat.ParserCreate()
    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.CharacterDataHandler = parts.append
    parser.EntityDeclHandler = _refuse_entities
    parser.Parse(_as_text(answer), True)
    if messages > 1:
        raise ValueError("The answer is about several messages.")
    return texts


def _as_text(answer: bytes) -> str:
    """Whatever can be UTF-8 is, whatever it declares; else its own word counts, or Latin-1."""
    if b"\x00" not in answer:
        try:
            return answer.decode("utf-8-sig").lstrip()
        except UnicodeDecodeError:
            pass
    return xml_characters.decoded(answer, encoding="")


def _refuse_entities(*_declaration: object) -> None:
    raise ValueError("The answer declares entities.")
