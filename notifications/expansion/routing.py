"""Where the notifications of one recipient go, by the order's channel and what is known."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from django.utils.translation import gettext_noop

from notifications.models import NotificationChannel, NotificationStatus
from orders.models import Channel
from orders.requests import Addressee
from recipients import email_addresses
from recipients.addresses import NONE_UNUSABLE, Unusable
from recipients.lookup import ContactPoints, Organization, Person, Resource, SelfIdentified
from recipients.mobile_numbers import to_e164

Entry = Person | Organization | SelfIdentified
"""What the registers know of one recipient."""

EMAIL, SMS = NotificationChannel.EMAIL, NotificationChannel.SMS

UNUSABLE_EMAIL = gettext_noop("The registers have an e-mail address that cannot be used.")
UNUSABLE_MOBILE = gettext_noop("The registers have a mobile number that cannot be used.")
UNUSABLE_BOTH = gettext_noop(
    "The registers have an e-mail address and a mobile number, and neither can be used."
)


class Reader(NamedTuple):
    """Somebody who reads at these addresses: a person, an organisation, or one of its users. On a
    preferred channel each reader is reached once, on the first channel that has an address."""

    emails: tuple[str, ...] = ()
    mobiles: tuple[str, ...] = ()

    def on(self, channel: NotificationChannel) -> tuple[str, ...]:
        return self.emails if channel == EMAIL else self.mobiles


class Destination(NamedTuple):
    """Where one notification goes; failed from the start where there is no address."""

    channel: NotificationChannel
    address: str = ""
    normalized_address: str = ""
    failure: NotificationStatus | None = None
    reason: str = ""


# The channels a reader is tried on: within a group only the first that has an address.
_TRIED: dict[Channel, tuple[tuple[NotificationChannel, ...], ...]] = {
    Channel.EMAIL: ((EMAIL,),),
    Channel.SMS: ((SMS,),),
    Channel.EMAIL_PREFERRED: ((EMAIL, SMS),),
    Channel.SMS_PREFERRED: ((SMS, EMAIL),),
    Channel.EMAIL_AND_SMS: ((EMAIL,), (SMS,)),
}


def main_channel(channel: Channel) -> NotificationChannel:
    """The one that is tried first."""
    return _TRIED[channel][0][0]


def destinations(
    recipient: Addressee,
    *,
    channel: Channel,
    known: ContactPoints,
    resource: Resource | None,
    may_reach_reserved: bool,
    with_stale: bool = False,
) -> Iterator[Destination]:
    """Where one recipient is reached: at least one destination, each address once on each channel.

    Nobody is left out silently: a reserved recipient, and one without an address, gets a failed
    one that says so, on the (preferred) channel; on EmailAndSms one for each channel that is
    without, unless the sender itself gave an address for the other one only.
    """
    entry = _entry(recipient, known=known, resource=resource, with_stale=with_stale)
    readers = _readers(entry) if recipient.needs_look_up else [_given(recipient)]
    reserved = isinstance(entry, Person) and entry.is_reserved and not may_reach_reserved
    for group in _TRIED[channel]:
        if reserved:
            yield Destination(group[0], failure=NotificationStatus.FAILED_RECIPIENT_RESERVED)
            continue
        found = _reaching(readers, group)
        yield from found
        if not found and not _chose_the_other(recipient, channel):
            yield _without_address(group, entry.unusable if entry else NONE_UNUSABLE)


def _entry(
    recipient: Addressee, *, known: ContactPoints, resource: Resource | None, with_stale: bool
) -> Entry | None:
    """What the registers know of the recipient; None for one whose addresses the sender gave."""
    if recipient.national_identity_number:
        return known.person(recipient.national_identity_number, with_stale=with_stale)
    if recipient.organization_number:
        return known.organization(recipient.organization_number, resource)
    if recipient.external_identity:
        return known.external(recipient.external_identity)
    return None


def _readers(entry: Entry | None) -> Sequence[Reader]:
    if entry is None:
        return []
    if isinstance(entry, Organization):
        itself = Reader(entry.email_addresses, entry.mobile_numbers)
        return [itself, *(_one(u.email_address, u.mobile_number) for u in entry.users)]
    return [_one(entry.email_address, entry.mobile_number)]


def _given(recipient: Addressee) -> Reader:
    return _one(recipient.email_address, recipient.mobile_number)


def _without_address(group: Sequence[NotificationChannel], unusable: Unusable) -> Destination:
    """Failed from the start, and why where the registers know more than nothing."""
    email, mobile = unusable.email and EMAIL in group, unusable.mobile and SMS in group
    return Destination(
        group[0],
        failure=NotificationStatus.FAILED_RECIPIENT_NOT_IDENTIFIED,
        reason=UNUSABLE_BOTH
        if email and mobile
        else UNUSABLE_EMAIL
        if email
        else UNUSABLE_MOBILE
        if mobile
        else "",
    )


def _one(email: str, mobile: str) -> Reader:
    return Reader((email,) if email else (), (mobile,) if mobile else ())


def _chose_the_other(recipient: Addressee, channel: Channel) -> bool:
    """Whether the sender itself gave the address of one channel, where both were to be used."""
    return channel == Channel.EMAIL_AND_SMS and not recipient.needs_look_up


def _reaching(
    readers: Sequence[Reader], group: Sequence[NotificationChannel]
) -> Sequence[Destination]:
    """To each reader on the first channel of the group that has an address; each address once."""
    found: dict[tuple[NotificationChannel, str], Destination] = {}
    for reader in readers:
        for channel in group:
            addresses = reader.on(channel)
            for address in addresses:
                normalized = normalize(channel, address)
                found.setdefault((channel, normalized), Destination(channel, address, normalized))
            if addresses:
                break
    return list(found.values())


def normalize(channel: NotificationChannel, address: str) -> str:
    """What makes two ways of writing one address the same: E.164, or what mail servers see."""
    return to_e164(address) if channel == SMS else email_addresses.comparable(address)
