"""Numbers in sentences."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _


def number(count: int) -> str:
    return number_format(count, use_l10n=True, force_grouping=True)


def and_others(sentence: str, others: int) -> str:
    """The sentence, and how many rows were left alone."""
    if not others:
        return sentence
    return f"{sentence} " + _("Left alone: %(count)s.") % {"count": number(others)}
