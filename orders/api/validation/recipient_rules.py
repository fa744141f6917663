"""Which recipients an order may have, depending on the channel."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.conf import settings

from orders.requests import Addressee
from recipients.email_addresses import is_email_address
from recipients.identifiers import is_national_identity_number, is_organization_number
from recipients.mobile_numbers import is_mobile_number

# An index entry of PostgreSQL holds no more than about 2,700 bytes.
MAX_ADDRESS = 1_000


@dataclass(frozen=True, slots=True)
class AcceptedAddresses:
    """Which explicit addresses a channel can use; the other kind is not looked at."""

    email: bool
    mobile: bool
    none_given: str


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


def broken_rules(
    recipients: Sequence[Addressee], accepted: AcceptedAddresses
) -> Iterator[tuple[str, str]]:
    """Each broken rule: the key of its error, and its message."""
    if not recipients:
        yield "Recipients", "One or more recipient is required."
    elif len(recipients) > settings.MAX_RECIPIENTS:
        yield (
            "Recipients",
            f"The order has {len(recipients)} recipients; at most {settings.MAX_RECIPIENTS} are"
            " allowed.",
        )
    else:
        for index, recipient in enumerate(recipients):
            for member, message in _violations_of(recipient, accepted):
                yield f"Recipients[{index}]{member}", message


def _violations_of(recipient: Addressee, accepted: AcceptedAddresses) -> Iterator[tuple[str, str]]:
    person, organization = recipient.national_identity_number, recipient.organization_number
    email, mobile = recipient.email_address, recipient.mobile_number
    if not (person or organization or (accepted.email and email) or (accepted.mobile and mobile)):
        yield "", accepted.none_given
    if email and not (_is_storable(email) and (not accepted.email or is_email_address(email))):
        yield ".EmailAddress", INVALID_EMAIL
    if mobile and not (_is_storable(mobile) and (not accepted.mobile or is_mobile_number(mobile))):
        yield ".MobileNumber", INVALID_MOBILE
    if person:
        if not is_national_identity_number(person):
            yield ".NationalIdentityNumber", INVALID_PERSON
        if organization or email or mobile:
            yield "", PERSON_IS_ALONE
    if organization:
        if not is_organization_number(organization):
            yield ".OrganizationNumber", INVALID_ORGANIZATION
        if person or email or mobile:
            yield "", ORGANIZATION_IS_ALONE


def _is_storable(address: str) -> bool:
    """Asked of addresses of both kinds: even one that the channel cannot use is kept."""
    return len(address) <= MAX_ADDRESS and "\0" not in address
