"""What the lists have in their cells: times, channels, and links to orders and messages."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from back_office.wording import labels, local_time
from back_office.wording.labels import Label
from orders.models import Channel, Order

_COLOURS = {colour: colour for colour in ("", "info", "success", "warning", "danger")}
Cell = TypeVar("Cell", bound=Callable[..., Any])

_SHOWN = 90
_ICONS = {
    Channel.SMS: "sms",
    Channel.EMAIL: "mail",
    Channel.SMS_PREFERRED: "sms",
    Channel.EMAIL_PREFERRED: "mail",
    Channel.EMAIL_AND_SMS: "forward_to_inbox",
}


def column(name: Any, *, is_label: bool = False) -> Callable[[Cell], Cell]:
    """Heads the column of a method; a label's method returns its colour and its text."""

    def headed(method: Cell) -> Cell:
        attributes = {"short_description": name} | ({"label": _COLOURS} if is_label else {})
        for attribute, value in attributes.items():
            setattr(method, attribute, value)
        return method

    return headed


def coloured(label: Label) -> tuple[str, str]:
    return label.colour, label.text


def time(moment: datetime | None) -> SafeString | str:
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
        labels.CHANNEL_WORDS[value],
    )


def sentence(text: str, *, then: str = "") -> SafeString | str:
    """The beginning of a sentence; the whole of it, and what happens next, when pointed at."""
    if len(text) <= _SHOWN and not then:
        return text
    whole = f"{text} {then}".strip()
    return format_html('<span title="{}">{}</span>', whole, Truncator(text).chars(_SHOWN))


def order_link(order_id: UUID) -> SafeString:
    """The end of the id, by which orders of one moment differ."""
    return _link("admin:orders_order_change", order_id)


def notification_link(notification_id: UUID | None) -> SafeString | str:
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
