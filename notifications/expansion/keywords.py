"""Personal words in a text: $recipientName$ and $recipientNumber$, case-sensitive."""

from dataclasses import dataclass
from html import escape

from orders.texts.keywords import NAME, NUMBER


@dataclass(frozen=True, slots=True)
class Values:
    """What the keywords stand for. `name` is "" where Register knows none; `number` is the
    organisation number, "" for a person: identity numbers are never printed."""

    name: str
    number: str


def has_keywords(*texts: str | None) -> bool:
    return any(text is not None and (NAME in text or NUMBER in text) for text in texts)


def has_name(*texts: str | None) -> bool:
    return any(text is not None and NAME in text for text in texts)


def fill(text: str, values: Values, *, html: bool = False) -> str:
    """Replace every keyword; in HTML the values are escaped, so that a name cannot be markup."""
    name, number = values.name, values.number
    if html:
        name, number = escape(name), escape(number)
    # Split first, so that a value is never searched for keywords itself.
    return number.join(part.replace(NAME, name) for part in text.split(NUMBER))
