"""Which recipients an order may have, depending on the channel."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from django.conf import settings

from orders.api.validation import hints
from orders.requests import Addressee
from recipients.email_addresses import is_email_address
from recipients.identifiers import is_national_identity_number, is_organization_number
from recipients.mobile_numbers import is_mobile_number

# An index entry of PostgreSQL holds no more than about 2,700 bytes.
MAX_ADDRESS = 1_000


Broken = tuple[str, str, Callable[[], str]]
"""The key of an error, its message, and what makes its hint: of 100,000 only the first are shown.
`str` makes none, where the message says all."""


@dataclass(frozen=True, slots=True)
class AcceptedAddresses:
    """Which explicit addresses a channel can use; the other kind is not looked at."""

    email: bool
    mobile: bool
    none_given: str

    def members(self) -> str:
        """One of which a recipient has."""
        explicit = [*(["emailAddress"] * self.email), *(["mobileNumber"] * self.mobile)]
        return f"One of {', '.join([*explicit, 'organizationNumber', 'nationalIdentityNumber'])}."


_NONE_GIVEN = (
    "Either a valid {}, organization number, or national identity number must be provided for each"
    " recipient."
)
EMAIL = AcceptedAddresses(email=True, mobile=False, none_given=_NONE_GIVEN.format("email address"))
SMS = AcceptedAddresses(
    email=False,
    mobile=True,
    none_given=_NONE_GIVEN.format("mobile number starting with country code"),
)
EITHER = AcceptedAddresses(
    email=True,
    mobile=True,
    none_given=_NONE_GIVEN.format("email address, mobile number starting with country code"),
)

INVALID_EMAIL = "Invalid email address format."
INVALID_MOBILE = (
    "Mobile number can contain only '+' and numeric characters, and it must adhere to the E.164"
    " standard."
)
INVALID_PERSON = "National identity number must be 11 digits long."
INVALID_ORGANIZATION = "Organization number must be 9 digits long."
PERSON_IS_ALONE = (
    "National identity number cannot be combined with email address, mobile number, or"
    " organization number."
)
ORGANIZATION_IS_ALONE = (
    "Organization number cannot be combined with email address, mobile number, or national"
    " identity number."
)


def broken_rules(recipients: Sequence[Addressee], accepted: AcceptedAddresses) -> Iterator[Broken]:
    """Each broken rule."""
    if not recipients:
        yield "Recipients", "One or more recipient is required.", str
    elif len(recipients) > settings.MAX_RECIPIENTS:
        yield (
            "Recipients",
            f"The order has {len(recipients)} recipients; at most {settings.MAX_RECIPIENTS} are"
            " allowed.",
            str,
        )
    else:
        for index, recipient in enumerate(recipients):
            for member, message, hint in _violations_of(recipient, accepted):
                yield f"Recipients[{index}]{member}", message, hint


def _violations_of(recipient: Addressee, accepted: AcceptedAddresses) -> Iterator[Broken]:
    person, organization = recipient.national_identity_number, recipient.organization_number
    email, mobile = recipient.email_address, recipient.mobile_number
    if not (person or organization or (accepted.email and email) or (accepted.mobile and mobile)):
        yield "", accepted.none_given, accepted.members
    if email and not (_is_storable(email) and (not accepted.email or is_email_address(email))):
        yield ".EmailAddress", INVALID_EMAIL, partial(hints.of_email_address, email)
    if mobile and not (_is_storable(mobile) and (not accepted.mobile or is_mobile_number(mobile))):
        yield ".MobileNumber", INVALID_MOBILE, partial(hints.of_mobile_number, mobile)
    if person:
        if not is_national_identity_number(person):
            hint = partial(hints.of_national_identity_number, person)
            yield ".NationalIdentityNumber", INVALID_PERSON, hint
        if organization or email or mobile:
            yield "", PERSON_IS_ALONE, str
    if organization:
        if not is_organization_number(organization):
            hint = partial(hints.of_organization_number, organization)
            yield ".OrganizationNumber", INVALID_ORGANIZATION, hint
        if person or email or mobile:
            yield "", ORGANIZATION_IS_ALONE, str


def _is_storable(address: str) -> bool:
    """Asked of addresses of both kinds: even one that the channel cannot use is kept."""
    return len(address) <= MAX_ADDRESS and "\0" not in address
