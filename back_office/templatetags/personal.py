"""Shows personal data on a page: masked, unless the page is one that was opened unmasked.

Each tag looks for `unmasked` in the page's context; a page that forgets to say shows nothing.
"""

from collections.abc import Iterable
from typing import Any

from django import template
from django.template import Context

from back_office import masking

register = template.Library()


@register.simple_tag(takes_context=True)
def identity_number(context: Context, number: str) -> str:
    return number if is_unmasked(context) else masking.mask_identity_number(number)


@register.simple_tag(takes_context=True)
def mobile_number(context: Context, number: str) -> str:
    return number if is_unmasked(context) else masking.mask_mobile_number(number)


@register.simple_tag(takes_context=True)
def email_address(context: Context, address: str) -> str:
    return address if is_unmasked(context) else masking.mask_email_address(address)


@register.simple_tag(takes_context=True)
def address(context: Context, channel: str, address: str) -> str:
    """An address of a notification, by the notification's channel."""
    return address if is_unmasked(context) else masking.mask_address(channel, address)


@register.simple_tag(takes_context=True)
def free_text(context: Context, text: str, known: Iterable[str] = ()) -> str:
    """A reason or another text that may quote the recipient's data."""
    return text if is_unmasked(context) else masking.mask_text(text, known)


@register.simple_tag(takes_context=True)
def raw_report(context: Context, report: Any, known: Iterable[str] = ()) -> Any:
    """A delivery report as received, for use with `as`."""
    return report if is_unmasked(context) else masking.mask_report(report, known)


def is_unmasked(context: Context) -> bool:
    return context.get("unmasked") is True
