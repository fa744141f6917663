"""Which notifications may be sent once more, and why the others may not."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from notifications.models import SUCCEEDED, NotificationChannel, NotificationStatus
from orders.models import Order, SendingTimePolicy
from recipients import mobile_numbers
from recipients.email_addresses import is_usable

S = NotificationStatus


class Refusal(models.TextChoices):
    """Why a notification is not resent; the label is the sentence that staff read."""

    UNKNOWN = "Unknown", _("There is no such notification.")
    ON_ITS_WAY = "OnItsWay", _("It is still on its way.")
    HELD = "Held", _("The order is on hold. Release it first.")
    STOPPED = "Stopped", _("The order has been stopped.")
    REMOVED = "Removed", _("Its address and text have been removed.")
    LINKS_GONE = (
        "LinksGone",
        _("The links to its attachments have expired. Place a new order."),
    )
    NOT_ALONE = "NotAlone", _("A corrected address can be used for one notification only.")
    NO_NUMBER = "NoNumber", _("The corrected address is not a mobile number that can receive SMS.")
    NO_EMAIL = "NoEmail", _("The corrected address is not a valid e-mail address.")
    DELIVERED = "Delivered", _("It has already been delivered.")
    SENT = "Sent", _("It has been sent, and may have been delivered.")
    RESENT = (
        "Resent",
        _("It has been resent, and the new notification is on its way or has arrived."),
    )
    NEWER_CHOSEN = "NewerChosen", _("The notification that replaced it has also been selected.")
    RESERVED = "Reserved", _("The recipient is reserved against digital communication.")
    NO_ADDRESS = "NoAddress", _("No address is known for the recipient.")
    EMPTY = "Empty", _("The text is empty once its keywords are filled in.")
    TOO_LONG = "TooLong", _("The SMS is too long once its keywords are filled in.")


@dataclass(frozen=True, slots=True)
class Terms:
    """How staff want it resent: `to_address` instead of where it went ("" for no other), `force`
    although it arrived, `override_reservation` although the recipient is reserved."""

    to_address: str = ""
    force: bool = False
    override_reservation: bool = False


class Old(NamedTuple):
    """What must be known of a notification that is to be sent once more. `is_filled` says whether
    it has a text of its own, with the keywords filled in."""

    id: UUID
    order_id: UUID
    channel: str
    policy: str
    address: str
    normalized_address: str
    national_identity_number: str
    organization_number: str
    external_identity: str
    status: str
    is_uncertain: bool
    sent_at: datetime | None
    is_filled: bool

    @property
    def is_direct(self) -> bool:
        """To an address that the sender gave."""
        return not (
            self.national_identity_number or self.organization_number or self.external_identity
        )

    @property
    def may_have_arrived(self) -> bool:
        """The gateway took it, or may have, and then nothing was heard of it."""
        return self.is_uncertain or (self.status == S.FAILED_TTL and self.sent_at is not None)


class Later(NamedTuple):
    """A notification that has taken an old one's place. `is_alive` until it has failed."""

    id: UUID
    is_alive: bool


def judge(
    old: Old, order: Order, *, later: Collection[Later], chosen: Collection[UUID], terms: Terms
) -> Refusal | None:
    """What speaks against resending, as far as the registers need not be asked; None if nothing.

    `chosen` are all notifications to be resent: one that stands beside its own resend is left to
    that. Force helps against what has arrived, and nothing else."""
    if old.status in (S.NEW, S.SENDING):
        return Refusal.ON_ITS_WAY
    if order.stopped_at is not None:
        return Refusal.STOPPED
    if order.held_at is not None:
        return Refusal.HELD
    if _is_removed(old, order):
        return Refusal.REMOVED
    if old.policy == SendingTimePolicy.FETCHED:
        return Refusal.LINKS_GONE
    if any(one.id in chosen for one in later):
        return Refusal.NEWER_CHOSEN
    if terms.to_address and (wrong := _refused_address(old, terms.to_address, chosen)):
        return wrong
    return None if terms.force else _arrival(old, later)


def corrected(channel: str, to_address: str) -> str:
    """The address that staff typed, as it is kept; a Norwegian number may lack its country."""
    if channel == NotificationChannel.SMS:
        return mobile_numbers.from_register(to_address)
    return to_address.strip()


def _is_removed(old: Old, order: Order) -> bool:
    """The retention period is over; a purge that is not done yet begins with the notifications.
    What was handed over had an address."""
    is_emptied = not old.address and (old.is_direct or old.sent_at is not None)
    return order.purged_at is not None or is_emptied


def _refused_address(old: Old, to_address: str, chosen: Collection[UUID]) -> Refusal | None:
    if len(chosen) > 1:
        return Refusal.NOT_ALONE
    address = corrected(old.channel, to_address)
    if old.channel == NotificationChannel.SMS:
        return None if mobile_numbers.is_mobile_number(address) else Refusal.NO_NUMBER
    return None if is_usable(address) else Refusal.NO_EMAIL


def _arrival(old: Old, later: Collection[Later]) -> Refusal | None:
    if old.status == S.DELIVERED:
        return Refusal.DELIVERED
    if old.status in SUCCEEDED:
        return Refusal.SENT
    return Refusal.RESENT if any(one.is_alive for one in later) else None
