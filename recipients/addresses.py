"""The addresses of a person or an organisation, made fit for sending from what Profile holds.

What no message can be sent to is left out, whatever its kind, its register and its owner; that it
is there is remembered, so that nobody is told that the registers know nothing.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from recipients import email_addresses, mobile_numbers
from recipients.registers.profile import (
    OrganizationEntry,
    PersonEntry,
    SelfIdentifiedEntry,
    UserEntry,
)


class Unusable(NamedTuple):
    """Whether the registers have addresses that no message can be sent to."""

    email: bool = False
    mobile: bool = False


NONE_UNUSABLE = Unusable()
Judged = tuple[str, str]
"""An address as registered and as it can be sent to, "" for one that cannot."""


class Person(NamedTuple):
    """A person whom Profile knows; "" = no such address."""

    national_identity_number: str
    is_reserved: bool
    email_address: str
    mobile_number: str
    unusable: Unusable = NONE_UNUSABLE


class SelfIdentified(NamedTuple):
    """Somebody whom Profile knows by another log-in than the national one, and who is never
    reserved; "" = no such address."""

    email_address: str
    mobile_number: str
    unusable: Unusable = NONE_UNUSABLE


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
    unusable: Unusable = NONE_UNUSABLE

    @property
    def has_email(self) -> bool:
        return bool(self.email_addresses) or any(user.email_address for user in self.users)

    @property
    def has_mobile(self) -> bool:
        return bool(self.mobile_numbers) or any(user.mobile_number for user in self.users)


def person_from(entry: PersonEntry) -> Person:
    email, mobile = email_addresses.from_register(entry.email), _number(entry.mobile_number)
    return Person(
        national_identity_number=entry.national_identity_number,
        is_reserved=entry.is_reserved,
        email_address=email,
        mobile_number=mobile,
        unusable=_unusable([(entry.email, email)], [(entry.mobile_number, mobile)]),
    )


def self_identified_from(entry: SelfIdentifiedEntry) -> SelfIdentified:
    email, mobile = email_addresses.from_register(entry.email), _number(entry.mobile_number)
    return SelfIdentified(
        email_address=email,
        mobile_number=mobile,
        unusable=_unusable([(entry.email, email)], [(entry.mobile_number, mobile)]),
    )


def organization_from(
    organization_number: str, *, official: OrganizationEntry | None, users: Sequence[UserEntry]
) -> Organization:
    """`official` is None for an organisation that only its users make known."""
    registered = official.emails if official else ()
    emails = [(text, email_addresses.from_register(text)) for text in registered]
    registered = official.mobile_numbers if official else ()
    mobiles = [(text, _number(text)) for text in registered]
    people = [
        User(user.user_id, email_addresses.from_register(user.email), _number(user.mobile_number))
        for user in users
    ]
    both = list(zip(users, people, strict=True))
    return Organization(
        organization_number=organization_number,
        email_addresses=_each_once(emails, same=email_addresses.comparable),
        mobile_numbers=_each_once(mobiles, same=mobile_numbers.to_e164),
        users=tuple(one for one in people if one.email_address or one.mobile_number),
        unusable=_unusable(
            [*emails, *((user.email, one.email_address) for user, one in both)],
            [*mobiles, *((user.mobile_number, one.mobile_number) for user, one in both)],
        ),
    )


def _number(registered: str) -> str:
    """ "" for one that SMS cannot be sent to."""
    number = mobile_numbers.from_register(registered)
    return number if mobile_numbers.is_mobile_number(number) else ""


def _each_once(addresses: Iterable[Judged], *, same: Callable[[str], str]) -> tuple[str, ...]:
    """The usable ones; of those that are the same, the first."""
    found: dict[str, str] = {}
    for _, usable in addresses:
        if usable:
            found.setdefault(same(usable), usable)
    return tuple(found.values())


def _unusable(emails: Iterable[Judged], mobiles: Iterable[Judged]) -> Unusable:
    email, mobile = any(map(_is_unusable, emails)), any(map(_is_unusable, mobiles))
    return Unusable(email, mobile) if email or mobile else NONE_UNUSABLE


def _is_unusable(address: Judged) -> bool:
    registered, usable = address
    return not usable and bool(registered.strip())
