"""Whose an address has been so far that staff want a notification sent to instead."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import F

from notifications.expansion import routing
from notifications.expansion.routing import EMAIL
from notifications.models import Notification, NotificationChannel
from notifications.resend.eligibility import corrected
from recipients import email_addresses, masking

MAX_ROWS = 1_000
"""The newest notifications to the address that are looked at."""
MAX_SHOWN = 5


@dataclass(frozen=True, slots=True)
class AddressOwner:
    """Old and new address, masked; how many notifications went to the new one, and to which other
    persons or organisations. `is_of_staff` where an account of the desk has it."""

    old: str
    new: str
    notifications: int
    is_theirs: bool
    others: tuple[str, ...]
    is_of_staff: bool


def owner_of(to_address: str, *, instead_of: UUID) -> AddressOwner | None:
    """None where there is no such notification. Two looks into indexes, and nothing outside is
    asked."""
    old = Notification.objects.filter(pk=instead_of).defer("subject", "body").first()
    if old is None:
        return None
    channel = NotificationChannel(old.channel)
    address = corrected(channel, to_address)
    normalized = routing.normalize(channel, address)
    forms = email_addresses.stored_forms(normalized) if channel == EMAIL else {normalized}
    reached = [pair for form in forms for pair in _reached(form, channel)]
    own = (old.national_identity_number, old.organization_number)
    others = {pair for pair in reached if any(pair) and pair != own}
    return AddressOwner(
        old=masking.mask_address(channel, old.address),
        new=masking.mask_address(channel, address),
        notifications=len(reached),
        is_theirs=any(own) and own in reached,
        others=tuple(
            sorted(masking.mask_identity_number(person) or number for person, number in others)
        ),
        is_of_staff=User.objects.filter(email__iexact=address, is_staff=True).exists(),
    )


def _reached(normalized: str, channel: NotificationChannel) -> list[tuple[str, str]]:
    """Persons and organisations, of the newest notifications to the address."""
    rows = Notification.objects.filter(
        normalized_address__gte=normalized, normalized_address__lte=normalized, channel=channel
    ).order_by(F("normalized_address").desc())
    columns = ("national_identity_number", "organization_number")
    return list(rows.values_list(*columns)[:MAX_ROWS])
