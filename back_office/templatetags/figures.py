"""Numbers and spans of time as people read them."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django import template
from django.utils.formats import get_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from back_office.wording import reasons
from back_office.wording.labels import CHANNEL_WORDS
from notifications.counting.period import Within
from notifications.models import HISTOGRAM_SECONDS

register = template.Library()

THIN_SPACE = "\N{NARROW NO-BREAK SPACE}"
MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@register.filter
def channel_name(channel: str) -> str:
    """Of an order or a notification."""
    return str(CHANNEL_WORDS[channel])


@register.filter
def told(reason: str) -> str:
    return reasons.told(reason)


@register.filter
def number(value: int) -> str:
    """In groups of three, also where a language would use commas: 1 234 567."""
    return f"{value:,}".replace(",", THIN_SPACE)


@register.filter
def percent(share: float) -> str:
    """With one digit, rounded down: what is not all is never shown as all."""
    return f"{decimal(int(share * 1_000) / 10, 1)} %"


@register.filter
def share(part: int, whole: int) -> str:
    """Of the whole; empty where there is none."""
    return percent(part / whole) if whole else ""


@register.filter
def kroner(amount: float) -> str:
    return _("NOK %(amount)s") % {"amount": decimal(amount, 2)}


def decimal(value: float, digits: int) -> str:
    separator = str(get_format("DECIMAL_SEPARATOR"))
    return f"{value:,.{digits}f}".replace(",", THIN_SPACE).replace(".", separator)


@register.filter
def change(now: float, before: float) -> str:
    """By how much there is more or less than before; empty where there was nothing before."""
    if not before:
        return ""
    difference = round((now - before) / before * 100)
    sign = "+" if difference > 0 else "\N{MINUS SIGN}" if difference < 0 else "±"
    return f"{sign}{number(abs(difference))} %"


@register.filter
def within(time: Within | None) -> str:
    """In what time a share of all was through."""
    if time is None:
        return "\N{EN DASH}"
    if time.seconds is None:
        return _("over %(span)s") % {"span": _round(HISTOGRAM_SECONDS[-1])}
    return _("under %(span)s") % {"span": _round(time.seconds)}


@register.filter
def within_short(time: Within | None) -> str:
    """For narrow columns."""
    if time is None:
        return "\N{EN DASH}"
    if time.seconds is None:
        return f"> {_round(HISTOGRAM_SECONDS[-1])}"
    return f"< {_round(time.seconds)}"


def _round(seconds: int) -> str:
    """In one unit: the classes of histograms begin at round numbers."""
    if seconds < MINUTE:
        return _("%(s)s s") % {"s": seconds}
    if seconds < HOUR:
        return _("%(min)s min") % {"min": seconds // MINUTE}
    return _("%(h)s h") % {"h": seconds // HOUR}


@register.filter
def item(values: Mapping[str, object], key: str) -> object:
    return values[key]


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
