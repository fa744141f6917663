"""What is valid in a text or number, and hardly ever meant: told to senders who want to hear it."""

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from orders.texts.keywords import NAME, NUMBER
from recipients.identifiers import (
    has_control_digit_of_an_organization,
    has_control_digits_of_a_person,
    is_national_identity_number,
    is_organization_number,
)

KEYWORDS = (NAME, NUMBER)

MAX_QUOTED = 100
"""Characters of the sender's own that an error repeats."""
MAX_UNKNOWN = 10
"""Keywords that are told of one text."""

# As ours are written; what stands between two prices is none.
_KEYWORD = re.compile(r"\$[^\W\d]\w*\$")
_HTML = re.compile(
    r"</?(?:a|b|body|br|div|em|font|h[1-6]|head|hr|html|i|img|li|ol|p|span|strong|style|table|tbody"
    r"|td|th|tr|u|ul)(?=[\s/>])[^<>]*>"
    r"|&(?:amp|apos|gt|lt|nbsp|quot|aring|oslash|aelig|#[0-9]{1,7}|#x[0-9a-f]{1,6});",
    re.IGNORECASE,
)


def in_email(text: str) -> Iterator[str]:
    """Of its subject or its body."""
    unknown = dict.fromkeys(one for one in _KEYWORD.findall(text) if one not in KEYWORDS)
    for keyword in list(unknown)[:MAX_UNKNOWN]:
        hint = did_you_mean(keyword, KEYWORDS)
        yield f"{quoted(keyword)} is no keyword and would be sent as it is written.{hint}"


def in_sms(text: str) -> Iterator[str]:
    """Of its body."""
    yield from in_email(text)
    if found := _HTML.search(text):
        yield f"An SMS is plain text; phones would show {quoted(found[0])} as it is written."


def in_national_identity_number(number: str) -> Iterator[str]:
    """Of another length it is refused anyway."""
    if is_national_identity_number(number) and not has_control_digits_of_a_person(number):
        yield "The control digits of the national identity number are wrong."


def in_organization_number(number: str) -> Iterator[str]:
    """Of another length it is refused anyway."""
    if is_organization_number(number) and not has_control_digit_of_an_organization(number):
        yield "The control digit of the organization number is wrong."


def quoted(text: str) -> str:
    """Its beginning, where it is long."""
    return f"'{text}'" if len(text) <= MAX_QUOTED else f"'{text[:MAX_QUOTED]}…'"


def did_you_mean(written: str, known: Iterable[str]) -> str:
    """A sentence with the nearest of the known words, in any case of letters; "" without one."""
    by_lower = {word.lower(): word for word in known}
    nearest = get_close_matches(written[:MAX_QUOTED].lower(), by_lower, n=1, cutoff=0.65)
    return f" Did you mean '{by_lower[nearest[0]]}'?" if nearest else ""
