"""Where a notification goes when it is sent once more, and what it says: the registers asked
afresh."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from notifications import send_window
from notifications.expansion import routing
from notifications.expansion.rendering import OrderRenderer, Text, needs_names, resource_of
from notifications.expansion.routing import Destination
from notifications.expiry import expires_at
from notifications.models import NotificationChannel, NotificationStatus
from notifications.resend.eligibility import Old, Refusal, Terms, corrected
from orders.models import Channel, Order, SendingTimePolicy
from orders.requests import Addressee
from recipients import lookup, names
from recipients.lookup import ContactPoints
from recipients.names import Names


class New(NamedTuple):
    """A notification to be made for an old one. Texts and segments only where the old one has none
    of its own."""

    resend_of: UUID
    address: str
    normalized_address: str
    subject: str | None
    body: str | None
    segments: int | None
    reason: str
    expires_at: datetime


def render(
    olds: Sequence[Old], orders: Mapping[UUID, Order], *, terms: Terms, now: datetime
) -> tuple[list[New], dict[UUID, Refusal]]:
    """The notifications to be made, and which old ones cannot be. Raises RegisterUnavailable.

    The old policy goes on to hold; the time in which the notification may leave begins anew.
    """
    known, known_names = look_up(olds, orders, terms=terms)
    renderers = {
        key: OrderRenderer(order, known=known, names=known_names, now=now)
        for key, order in orders.items()
    }
    expiries = {
        policy.value: expires_at(send_window.earliest(policy, now)) for policy in SendingTimePolicy
    }
    made: list[New] = []
    refused: dict[UUID, Refusal] = {}
    for old in olds:
        renderer = renderers[old.order_id]
        found = destinations(old, orders[old.order_id], known=known, terms=terms)
        text = text_of(old, renderer)
        if isinstance(found, Refusal):
            refused[old.id] = found
        elif text.is_empty:
            refused[old.id] = Refusal.EMPTY
        elif text.is_too_long:
            refused[old.id] = Refusal.TOO_LONG
        else:
            made += (_new(old, to, text, expiries[old.policy]) for to in found)
    return made, refused


def look_up(
    olds: Sequence[Old], orders: Mapping[UUID, Order], *, terms: Terms
) -> tuple[ContactPoints, Names]:
    """All persons, whose reservation must be known, and those with another log-in; organisations
    that had no address; and the names of those whose text was never filled in."""
    persons: dict[bool, set[str]] = {False: set(), True: set()}
    for old in olds:
        if old.national_identity_number:
            with_stale = orders[old.order_id].use_stale_contact_information
            persons[with_stale].add(old.national_identity_number)
    known = lookup.look_up(
        persons=persons[False],
        persons_with_stale=persons[True],
        external_identities={old.external_identity for old in olds} - {""},
        organizations={
            (old.organization_number, resource_of(orders[old.order_id]))
            for old in olds
            if old.organization_number and not old.address and not terms.to_address
        },
    )
    personal = {key for key, order in orders.items() if needs_names(order)}
    unfilled = [old for old in olds if old.order_id in personal and not old.is_filled]
    known_names = names.look_up(
        persons={old.national_identity_number for old in unfilled} - {""},
        organizations={old.organization_number for old in unfilled} - {""},
    )
    return known, known_names


def destinations(
    old: Old, order: Order, *, known: ContactPoints, terms: Terms
) -> Sequence[Destination] | Refusal:
    """A person is reached where the register says now, an organisation where it was before; who
    had no address, wherever there is one now. A reservation counts for a corrected address too."""
    found: list[Destination] = []
    if not old.is_direct:
        found = list(
            routing.destinations(
                _recipient(old),
                channel=Channel(old.channel),
                known=known,
                resource=resource_of(order),
                may_reach_reserved=order.may_reach_reserved or terms.override_reservation,
                with_stale=order.use_stale_contact_information,
            )
        )
    if any(one.failure == NotificationStatus.FAILED_RECIPIENT_RESERVED for one in found):
        return Refusal.RESERVED
    if terms.to_address:
        address = corrected(old.channel, terms.to_address)
        return [Destination(_channel(old), address, routing.normalize(_channel(old), address))]
    reachable = [one for one in found if one.failure is None]
    if reachable and not (old.organization_number and old.address):
        return reachable
    if old.address:
        return [Destination(_channel(old), old.address, old.normalized_address)]
    return Refusal.NO_ADDRESS


def text_of(old: Old, renderer: OrderRenderer) -> Text:
    """Nothing where the old one's own text is copied."""
    if old.is_filled:
        return Text()
    if old.is_direct:
        return renderer.common(_channel(old)).text
    return renderer.text(_recipient(old), _channel(old))


def _new(old: Old, to: Destination, text: Text, until: datetime) -> New:
    return New(
        resend_of=old.id,
        address=to.address,
        normalized_address=to.normalized_address,
        subject=text.subject,
        body=text.body,
        segments=text.segments,
        reason=text.note,
        expires_at=until,
    )


def _recipient(old: Old) -> Addressee:
    return Addressee(
        national_identity_number=old.national_identity_number,
        organization_number=old.organization_number,
        external_identity=old.external_identity,
    )


def _channel(old: Old) -> NotificationChannel:
    return NotificationChannel(old.channel)
