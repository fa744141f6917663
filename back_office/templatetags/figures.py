"""Numbers and spans of time as people read them."""

from datetime import datetime, timedelta

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from back_office.wording.labels import CHANNEL_WORDS

register = template.Library()

THIN_SPACE = "\N{NARROW NO-BREAK SPACE}"
MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@register.filter
def channel_name(channel: str) -> str:
    """Of an order or a message."""
    return str(CHANNEL_WORDS[channel])


@register.filter
def number(value: int) -> str:
    """In groups of three, also where a language would use commas: 1 234 567."""
    return f"{value:,}".replace(",", THIN_SPACE)


@register.filter
def span(value: timedelta) -> str:
    """In one or two units: 45 s, 3 min 20 s, 2 h 5 min, 3 days."""
    seconds = max(0, int(value.total_seconds()))
    if seconds < MINUTE:
        return _("%(s)s s") % {"s": seconds}
    if seconds < HOUR:
        minutes, rest = divmod(seconds, MINUTE)
        return _("%(min)s min %(s)s s") % {"min": minutes, "s": rest}
    if seconds < 2 * DAY:
        hours, rest = divmod(seconds, HOUR)
        return _("%(h)s h %(min)s min") % {"h": hours, "min": rest // MINUTE}
    days = seconds // DAY
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": days}


@register.filter
def until(moment: datetime, now: datetime) -> str:
    """How long it is from now to the moment."""
    return span(moment - now)


@register.filter
def ago(moment: datetime, now: datetime) -> str:
    """How long it is since the moment."""
    return span(now - moment)
