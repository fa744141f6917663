"""What staff give as their reason, and as the reference of the case: words that can be seen, and
that name no person. Pages and commands alike ask here."""

import re

from django.conf import settings
from django.utils.translation import gettext as _

from recipients.masking import looks_personal
from runtime.visible_text import visible

_WORD = re.compile(r"\w")


class Unfit(Exception):
    """The text says what to write instead."""


def reason(text: str) -> str:
    """The reason as it is kept. Raises Unfit."""
    seen = visible(text)
    if not _WORD.search(seen):
        raise Unfit(_("Give a reason, in words."))
    return _naming_nobody(seen)


def case_reference(text: str, *, needed: bool = False) -> str:
    """The reference as it is kept, in the form that the installation's cases have; "" for none.
    Raises Unfit."""
    seen = _naming_nobody(visible(text))
    if not seen and not needed and not text.strip():
        return ""
    if not seen:
        raise Unfit(_("Give the reference of the case that this is for."))
    if not re.fullmatch(settings.CASE_REFERENCE_PATTERN, seen):
        raise Unfit(
            _("This is not how our cases are called. Write it as the case system shows it.")
        )
    return seen


def _naming_nobody(text: str) -> str:
    if looks_personal(text):
        raise Unfit(_("Name the case, not the person: what you write is kept."))
    return text
