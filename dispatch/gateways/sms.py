"""What any SMS gateway is handed: the text as it is sent, if phones can show all of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from dispatch.gateways.base import Message, Outcome, unwritable
from orders.senders.sms_senders import sender_name, sender_to
from orders.texts.sms_length import MAX_SEGMENTS, SmsLength, count_segments
from orders.texts.sms_text import as_sent


@dataclass(frozen=True, slots=True)
class Sms:
    text: str
    length: SmsLength


def readable(message: Message) -> Sms | Outcome:
    """The outcome of a message that no gateway could take."""
    if message.sender.strip() and not sender_name(message.sender):
        return Outcome.unwritable("Phones cannot show the order's SMS sender.")
    try:
        text = as_sent(message.body)
        length = count_segments(text)
    except Exception as error:
        return unwritable(message, error)
    if length.is_too_long:
        return Outcome.unwritable(
            f"The text is too long for an SMS: it takes {length.segments} parts,"
            f" and {MAX_SEGMENTS} is the most."
        )
    return Sms(text, length)


def shown_sender(message: Message, *, default: str, numbers: Mapping[str, str]) -> str:
    """Who the message is from, as phones in its receiver's country may show it. `default` is for
    orders that name nobody, `numbers` for countries that forbid names."""
    return sender_to(
        message.normalized_address,
        shown=sender_name(message.sender if message.sender.strip() else default),
        creator_name=message.creator_name,
        numbers=numbers,
    )
