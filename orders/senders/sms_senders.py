"""Whom an SMS is from, as phones show it: what a gateway can carry of the name that was wanted."""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

# Of a number, and of a name (Link Mobility, "PSWinCom Gateway XML SMS API", element SND).
MAX_DIGITS = 15
MAX_CHARACTERS = 11
# Where names may be senders everywhere.
NO_NUMBERS: Mapping[str, str] = MappingProxyType({})
# Where one is looked at for each message; what phones show is far shorter.
MAX_READ = 200

_NUMBER = re.compile(r"\+?(?:00)*([0-9]+)")
_RULE = re.compile(
    r"(?P<where>[1-9][0-9]{0,6}(/[A-Za-z0-9][A-Za-z0-9_-]{0,49})?)=(?P<number>[0-9]{3,15})"
)
_BETWEEN_DIGITS = re.compile(r"[\s()-]")
_LETTERS = str.maketrans({"æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ß": "ss"})
# What stands around words and is no part of a name.
_AROUND_WORDS = frozenset("()[]<>\"'\u00ab\u00bb\u2018\u2019\u201c\u201d")
_ASCII_NAME = re.compile(r"[A-Za-z0-9 ]*")


def sender_name(wanted: str) -> str:
    """The nearest that a phone can show: the digits of a number, or letters, digits and spaces.

    Accents go, brackets and quotation marks are left out, and what is longer than eleven
    characters is cut. "" where nothing is left, or where another's name could be: a number that is
    too long, a name with a character that would have to be dropped (`A&B` is not `AB`), or one that
    would be cut to a number. Of an endless one only the beginning is read.
    """
    return _sender_name(wanted[:MAX_READ])


@lru_cache(maxsize=1024)
def _sender_name(wanted: str) -> str:
    digits = _number(wanted)
    if digits is not None:
        return digits if len(digits) <= MAX_DIGITS else ""
    name = _name(wanted)
    shown = name[:MAX_CHARACTERS].strip()
    return "" if shown.replace(" ", "").isdigit() else shown


def can_be_shown(wanted: str) -> bool:
    """Whether a phone can show whom the SMS is from without showing somebody else."""
    return bool(sender_name(wanted)) and (len(wanted) <= MAX_READ or bool(_name(wanted)))


def is_shown_as_written(wanted: str) -> bool:
    """Whether a phone shows just what is written, but for the plus of a number."""
    return can_be_shown(wanted) and sender_name(wanted) in (wanted, wanted.removeprefix("+"))


def is_shown_whole(wanted: str) -> bool:
    """Whether nothing of the name is cut off."""
    return _number(wanted) is not None or len(_name(wanted)) <= MAX_CHARACTERS


def sender_to(receiver: str, *, shown: str, creator_name: str, numbers: Mapping[str, str]) -> str:
    """Whom an SMS to the receiver (in E.164) is from: `shown`, or a number in place of a name where
    the country forbids names. `numbers` are by country code, `358` or `358/ttd` for one service
    owner only, which comes first; the longest code that fits counts.

    Finland, Spain and Thailand are such countries: https://docs.altinn.studio/notifications/
    """
    if not numbers or shown.isdigit():
        return shown
    digits = receiver.removeprefix("+")
    for length in range(len(digits), 0, -1):
        code = digits[:length]
        found = numbers.get(f"{code}/{creator_name}") or numbers.get(code)
        if found:
            return found
    return shown


def numbers_by_country(text: str) -> dict[str, str]:
    """As a setting spells them: `358=4759440000,34/ttd=34600000000`. Raises ValueError."""
    numbers = {}
    for part in filter(None, map(str.strip, text.split(","))):
        rule = _RULE.fullmatch(part)
        if rule is None:
            raise ValueError(part)
        numbers[rule["where"]] = rule["number"]
    return numbers


def _number(wanted: str) -> str | None:
    """None for what is no number, however long."""
    found = _NUMBER.fullmatch(_BETWEEN_DIGITS.sub("", wanted))
    return found[1] if found else None


def _name(wanted: str) -> str:
    """In ASCII, words separated by one space; "" if a character has no place in it."""
    kept = []
    for char in unicodedata.normalize("NFKD", wanted.translate(_LETTERS)):
        category = unicodedata.category(char)
        if category == "Zs":
            kept.append(" ")
        elif category not in ("Cf", "Mn") and char not in _AROUND_WORDS:
            kept.append(char)
    name = " ".join(filter(None, "".join(kept).split(" ")))
    return name if _ASCII_NAME.fullmatch(name) else ""
