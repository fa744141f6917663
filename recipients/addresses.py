"""The addresses of a person or an organisation, made fit for sending from what Profile holds.

Mobile numbers that SMS cannot be sent to are left out; e-mail addresses are taken as registered.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from recipients import mobile_numbers
from recipients.clients.profile import OrganizationEntry, PersonEntry, UserEntry


class Person(NamedTuple):
    """A person whom Profile knows; "" = no such address."""

    national_identity_number: str
    is_reserved: bool
    email_address: str
    mobile_number: str


@dataclass(frozen=True, slots=True)
class User:
    """A person to be notified on behalf of an organisation; "" = no such address.

    The addresses may be the organisation's or another user's too: whoever makes messages of them
    uses each once. Were they left out here, a user whose e-mail is taken already would look like
    one to be reached by SMS instead.
    """

    user_id: int
    email_address: str
    mobile_number: str


@dataclass(frozen=True, slots=True)
class Organization:
    """An organisation's own addresses, each once, and the users of one resource."""

    organization_number: str
    email_addresses: tuple[str, ...]
    mobile_numbers: tuple[str, ...]
    users: tuple[User, ...]

    @property
    def has_email(self) -> bool:
        return bool(self.email_addresses) or any(user.email_address for user in self.users)

    @property
    def has_mobile(self) -> bool:
        return bool(self.mobile_numbers) or any(user.mobile_number for user in self.users)


def person_from(entry: PersonEntry) -> Person:
    return Person(
        national_identity_number=entry.national_identity_number,
        is_reserved=entry.is_reserved,
        email_address=entry.email,
        mobile_number=_usable(entry.mobile_number),
    )


def organization_from(
    organization_number: str, *, official: OrganizationEntry | None, users: Sequence[UserEntry]
) -> Organization:
    """`official` is None for an organisation that only its users make known."""
    # By what makes two addresses the same: e-mail without regard to case, numbers as E.164.
    emails: dict[str, str] = {}
    mobiles: dict[str, str] = {}
    if official is not None:
        for email in official.emails:
            emails.setdefault(email.casefold(), email)
        for mobile in filter(None, map(_usable, official.mobile_numbers)):
            mobiles.setdefault(mobile_numbers.to_e164(mobile), mobile)
    return Organization(
        organization_number=organization_number,
        email_addresses=tuple(emails.values()),
        mobile_numbers=tuple(mobiles.values()),
        users=tuple(_reachable(users)),
    )


def _reachable(entries: Sequence[UserEntry]) -> Iterator[User]:
    for entry in entries:
        user = User(entry.user_id, entry.email, _usable(entry.mobile_number))
        if user.email_address or user.mobile_number:
            yield user


def _usable(registered_number: str) -> str:
    number = mobile_numbers.from_register(registered_number)
    return number if mobile_numbers.is_mobile_number(number) else ""
