"""Tells the reasons that the pipeline wrote down: its own sentences in the reader's language."""

import re
from functools import cache, lru_cache

from django.utils.translation import get_language, gettext

from back_office.wording.system_sentences import SENTENCES

_PLACE = re.compile(r"%\((\w+)\)s")
_DIGITS = frozenset({"number", "status", "seconds", "most"})
_TOLD_TOO = frozenset({"why", "what"})
# More than one page shows of different ones.
_MAX_KEPT = 512


def told(reason: str) -> str:
    """What was quoted from gateways and registers stays as it came."""
    return _told(reason, get_language() or "")


@lru_cache(maxsize=_MAX_KEPT)
def _told(reason: str, language: str) -> str:
    if not reason or language.startswith("en"):
        return reason
    if (whole := gettext(reason)) != reason:
        return whole
    for sentence, pattern in _patterns():
        if found := pattern.fullmatch(reason):
            places = {
                name: _told(text, language) if name in _TOLD_TOO else text
                for name, text in found.groupdict().items()
            }
            return gettext(sentence) % places
    return reason


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Of the sentences with places."""
    return [(one, _pattern(one)) for one in SENTENCES if _PLACE.search(one)]


def _pattern(sentence: str) -> re.Pattern[str]:
    pieces = _PLACE.split(sentence)  # text, name, text, name, ..., text
    pieces[::2] = [re.escape(text) for text in pieces[::2]]
    pieces[1::2] = [
        rf"(?P<{name}>{'[0-9.]+?' if name in _DIGITS else '.+?'})" for name in pieces[1::2]
    ]
    return re.compile("".join(pieces), re.DOTALL)
