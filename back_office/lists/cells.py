"""What the lists have in their cells: times, channels, and links to orders and notifications."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from back_office.wording import labels, local_time
from back_office.wording.labels import Label
from orders.models import Channel, Order

_COLOURS = {colour: colour for colour in ("", "info", "success", "warning", "danger")}
Cell = str | tuple[str, str | Promise]
"""A text or, of a label, its colour and its text."""
Method = TypeVar("Method", bound=Callable[..., Cell])

_SHOWN = 90
_ICONS = {
    Channel.SMS: "sms",
    Channel.EMAIL: "mail",
    Channel.SMS_PREFERRED: "sms",
    Channel.EMAIL_PREFERRED: "mail",
    Channel.EMAIL_AND_SMS: "forward_to_inbox",
}


def column(name: str | Promise, *, is_label: bool = False) -> Callable[[Method], Method]:
    """Heads the column of a method; a label's method returns its colour and its text."""

    def headed(method: Method) -> Method:
        headings: dict[str, object] = {"short_description": name}
        vars(method).update(headings | ({"label": _COLOURS} if is_label else {}))
        return method

    return headed


def coloured(label: Label) -> tuple[str, str]:
    return label.colour, label.text


def time(moment: datetime | None) -> str:
    """To the second, by Norwegian clocks."""
    return unbroken(local_time.to_the_second(moment)) if moment else ""


def unbroken(text: str) -> SafeString:
    """In one line, however narrow the column."""
    return format_html('<span class="whitespace-nowrap">{}</span>', text)


def order_status(status: str) -> tuple[str, str]:
    """Of an order that has reached its end."""
    ended = Order(status=status)
    return coloured(labels.of_order(ended))


def channel(value: str) -> SafeString:
    return format_html(
        '<span class="align-middle inline-flex gap-2 items-center whitespace-nowrap">'
        '<span class="material-symbols-outlined" aria-hidden="true">{}</span>{}</span>',
        _ICONS[Channel(value)],
        Channel(value).label,
    )


def sentence(text: str, *, then: str = "") -> str:
    """The beginning of a sentence; the whole of it, and what happens next, when pointed at."""
    if len(text) <= _SHOWN and not then:
        return text
    whole = f"{text} {then}".strip()
    return format_html('<span title="{}">{}</span>', whole, Truncator(text).chars(_SHOWN))


def order_link(order_id: UUID) -> SafeString:
    """The end of the id, by which orders of one moment differ."""
    return _link("admin:orders_order_change", order_id)


def notification_link(notification_id: UUID | None) -> str:
    page = "admin:notifications_notification_change"
    return _link(page, notification_id) if notification_id else ""


def _link(page: str, subject: UUID) -> SafeString:
    return format_html(
        '<a class="font-mono text-primary-600 whitespace-nowrap dark:text-primary-500"'
        ' title="{}" href="{}">…{}</a>',
        subject,
        reverse(page, args=[subject]),
        str(subject)[-8:],
    )
