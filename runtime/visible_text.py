"""Text as people see it: without what has no picture, hides, or turns words around."""

import re
import unicodedata

# Letters and signs without a picture: Unicode's Default_Ignorable_Code_Point beside the categories
# below (https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt), and the blank of
# the Braille patterns.
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)
_SPACES = re.compile(r"\s+")


def visible(text: str) -> str:
    """One line of what can be seen. Controls, marks of direction, what has no width, and code
    points that stand for nothing are left out; what is blank between words is one space."""
    plain = _BLANK.sub("", _SPACES.sub(" ", text))
    seen = "".join(one for one in plain if not unicodedata.category(one).startswith("C"))
    return _SPACES.sub(" ", seen).strip()


def says_nothing(text: str) -> bool:
    """Whether nothing of the text can be seen. Of a long one only as much is read as it takes."""
    return not any(map(_is_seen, text))


def _is_seen(char: str) -> bool:
    hidden = char.isspace() or unicodedata.category(char)[0] in "CZ" or _BLANK.match(char)
    return not hidden
