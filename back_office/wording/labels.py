"""What the statuses are called on the desk, and the colour of each."""

from dataclasses import dataclass, replace

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from notifications.models import Notification, NotificationStatus
from orders.models import Channel, Order, OrderStatus
from recipients.models import Recipient

N = NotificationStatus


class Group(models.TextChoices):
    """How a notification is doing, whatever its channel."""

    WAITING = "waiting", _("Waiting")
    ON_ITS_WAY = "on-its-way", _("On its way")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Failed")

    @property
    def colour(self) -> str:
        """As unfold's labels name it."""
        return _COLOURS[self]


_COLOURS = {
    Group.WAITING: "",
    Group.ON_ITS_WAY: "info",
    Group.DELIVERED: "success",
    Group.FAILED: "danger",
}
_GROUPS = {
    N.NEW: Group.WAITING,
    N.SENDING: Group.ON_ITS_WAY,
    N.ACCEPTED: Group.ON_ITS_WAY,
    N.SUCCEEDED: Group.ON_ITS_WAY,
    N.DELIVERED: Group.DELIVERED,
}

NOTIFICATION_WORDS: dict[str, Promise] = {
    N.NEW: _("Waiting"),
    N.SENDING: _("Being sent"),
    N.ACCEPTED: _("At the gateway"),
    N.SUCCEEDED: _("Sent"),
    N.DELIVERED: _("Delivered"),
    N.FAILED: _("Failed"),
    N.FAILED_RECIPIENT_RESERVED: _("Reserved"),
    N.FAILED_RECIPIENT_NOT_IDENTIFIED: _("No address"),
    N.FAILED_TTL: _("Expired"),
    N.FAILED_INVALID_RECIPIENT: _("Invalid number"),
    N.FAILED_BARRED_RECEIVER: _("Number barred"),
    N.FAILED_DELETED: _("Deleted"),
    N.FAILED_EXPIRED: _("Expired at the gateway"),
    N.FAILED_UNDELIVERED: _("Not delivered"),
    N.FAILED_REJECTED: _("Rejected"),
    N.FAILED_INVALID_EMAIL_FORMAT: _("Invalid address"),
    N.FAILED_SUPRESSED_RECIPIENT: _("Address suppressed"),
    N.FAILED_BOUNCED: _("Bounced"),
    N.FAILED_FILTERED_SPAM: _("Taken for spam"),
    N.FAILED_QUARANTINED: _("Quarantined"),
    N.FAILED_INVALID_SAS_URL: _("Attachment not available"),
    N.FAILED_PAYLOAD_TOO_LARGE: _("Attachments too large"),
}
ORDER_WORDS: dict[str, Promise] = {status: status.label for status in OrderStatus}
_ORDER_COLOURS = {
    OrderStatus.REGISTERED: "",
    OrderStatus.PROCESSING: "info",
    OrderStatus.PROCESSED: "info",
    OrderStatus.COMPLETED: "success",
    OrderStatus.SEND_CONDITION_NOT_MET: "warning",
    OrderStatus.CANCELLED: "warning",
}
CHANNEL_WORDS: dict[str, Promise] = {channel: channel.label for channel in Channel}
LOOK_UP_WORDS: dict[str, Promise] = {
    Recipient.LookUp.NOT_NEEDED: _("Not needed"),
    Recipient.LookUp.FOUND: _("Found"),
    Recipient.LookUp.RESERVED: _("Reserved"),
    Recipient.LookUp.MISSING: _("Missing"),
}
_LOOK_UP_COLOURS = {
    Recipient.LookUp.NOT_NEEDED: "",
    Recipient.LookUp.FOUND: "success",
    Recipient.LookUp.RESERVED: "warning",
    Recipient.LookUp.MISSING: "danger",
}


@dataclass(frozen=True, slots=True)
class Label:
    """A coloured word; `status` is the contract's own word, which service owners use."""

    text: str
    colour: str
    status: str


def group(status: str, *, finished: bool) -> Group:
    """Of a notification handed to a server that sends no delivery reports no more will be known: it
    counts as delivered."""
    if status == N.SUCCEEDED and finished:
        return Group.DELIVERED
    return _GROUPS.get(NotificationStatus(status), Group.FAILED)


def of_notification(notification: Notification) -> Label:
    """What was simulated is neither good news nor bad."""
    status = notification.status
    its_group = group(status, finished=notification.finished_at is not None)
    if status == N.NEW and notification.is_held:
        return Label(str(_("Held")), "warning", status)
    text = str(NOTIFICATION_WORDS[status])
    if notification.is_simulated:
        return Label(gettext("%(status)s (simulated)") % {"status": text}, "", status)
    return Label(text, its_group.colour, status)


def of_order(order: Order, *, all_failed: bool = False) -> Label:
    """Completed says only that nothing more will come: of an order of which nothing arrived it is
    no good news. A test says so."""
    label = _of_order(order, all_failed=all_failed)
    if not order.is_test:
        return label
    return replace(label, text=gettext("%(status)s (test)") % {"status": label.text})


def _of_order(order: Order, *, all_failed: bool) -> Label:
    if order.can_release:
        return Label(str(_("Held")), "warning", order.status)
    colour = _ORDER_COLOURS[OrderStatus(order.status)]
    if order.status == OrderStatus.COMPLETED and all_failed:
        colour = Group.FAILED.colour
    return Label(str(ORDER_WORDS[order.status]), colour, order.status)


def of_look_up(verdict: str) -> Label:
    """What the registers knew of a recipient when the order was placed."""
    known = Recipient.LookUp(verdict)
    return Label(str(LOOK_UP_WORDS[known]), _LOOK_UP_COLOURS[known], verdict)


def place_in_chain(order: Order) -> str:
    """Of an order that belongs to a chain."""
    if not order.chain_position:
        return gettext("main order")
    return gettext("reminder %(number)s") % {"number": order.chain_position}
