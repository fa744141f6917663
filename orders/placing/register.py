"""Places an order: looks its recipients up, stores it with them, and says whom nobody can reach."""

from collections.abc import Sequence
from datetime import datetime

from orders.models import Creator
from orders.placing import idempotency
from orders.placing.insert import NewOrder, store
from orders.requests import (
    Addressee,
    IdempotentRequest,
    LookUpStatus,
    OrderRequest,
    Receipt,
    RecipientLookup,
)
from orders.texts.sms_text import sms_length
from recipients import lookup
from recipients.lookup import ContactPoints, Resource
from recipients.models import Recipient
from runtime.uuid7 import uuid7


def register(
    *,
    creator: Creator,
    request: OrderRequest,
    now: datetime,
    idempotent: IdempotentRequest | None = None,
) -> Receipt:
    """Store the order durably and say whom the registers know no way to.

    Nothing of the look-up but its verdict is kept: addresses are looked up again when the order is
    due. An idempotent request is remembered with its answer in the same breath: of several at once
    the database lets one through, and the others wait for it and answer the same.
    Raises `RegisterUnavailable` when a register does not answer, and then nothing is stored and the
    key stays free, or `KeyUsedForAnotherRequest`.
    """
    (verdicts,) = look_up_verdicts([request])
    length = sms_length(request.sms.body) if request.sms else None
    receipt = Receipt(
        uuid7(), summarize(request.recipients, verdicts), length, creator.places_tests
    )
    order = NewOrder(receipt.order_id, request, verdicts)
    if idempotent is None:
        store([order], creator=creator, now=now, is_test=receipt.is_test)
        return receipt
    reservation = idempotency.reservation(idempotent, receipt, now=now)
    while not store(
        [order], creator=creator, now=now, reservation=reservation, is_test=receipt.is_test
    ):
        earlier = idempotency.recall(creator=creator, request=idempotent, now=now)
        if earlier is not None:
            return earlier
        # The key was forgotten between the two statements: it is free.
    return receipt


def look_up_verdicts(requests: Sequence[OrderRequest]) -> list[list[Recipient.LookUp]]:
    """The placement look-up's verdict on each recipient of each request, in their order; whoever is
    listed more than once is asked for once. Raises RegisterUnavailable."""
    persons: dict[bool, set[str]] = {False: set(), True: set()}
    organizations: set[tuple[str, Resource | None]] = set()
    external: set[str] = set()
    for request in requests:
        resource = resource_of(request)
        for one in request.recipients:
            if one.national_identity_number:
                persons[request.use_stale_contact_information].add(one.national_identity_number)
            elif one.organization_number:
                organizations.add((one.organization_number, resource))
            elif one.external_identity:
                external.add(one.external_identity)
    found = lookup.look_up(
        persons=persons[False],
        persons_with_stale=persons[True],
        organizations=organizations,
        external_identities=external,
    )
    return [[verdict(one, found, request) for one in request.recipients] for request in requests]


def resource_of(request: OrderRequest) -> Resource | None:
    return Resource.of(request.resource_id, request.resource_action)


def verdict(addressee: Addressee, found: ContactPoints, request: OrderRequest) -> Recipient.LookUp:
    """Reserved goes before missing, whatever the order says of ignoring reservations."""
    has_email = has_mobile = False
    if addressee.national_identity_number:
        person = found.person(
            addressee.national_identity_number, with_stale=request.use_stale_contact_information
        )
        if person and person.is_reserved:
            return Recipient.LookUp.RESERVED
        has_email = person is not None and bool(person.email_address)
        has_mobile = person is not None and bool(person.mobile_number)
    elif addressee.organization_number:
        organization = found.organization(addressee.organization_number, resource_of(request))
        has_email = organization is not None and organization.has_email
        has_mobile = organization is not None and organization.has_mobile
    elif addressee.external_identity:
        somebody = found.external(addressee.external_identity)
        has_email = somebody is not None and bool(somebody.email_address)
        has_mobile = somebody is not None and bool(somebody.mobile_number)
    else:
        return Recipient.LookUp.NOT_NEEDED
    channel = request.channel
    reachable = (has_email and channel.needs_email_text) or (has_mobile and channel.needs_sms_text)
    return Recipient.LookUp.FOUND if reachable else Recipient.LookUp.MISSING


def summarize(
    recipients: Sequence[Addressee], verdicts: Sequence[Recipient.LookUp]
) -> RecipientLookup | None:
    """Count each identifier once, however often it is listed; None if nobody was looked up."""
    verdict_of = {
        addressee.identifier: outcome
        for addressee, outcome in zip(recipients, verdicts, strict=True)
        if addressee.needs_look_up
    }
    if not verdict_of:
        return None
    reserved = [who for who, found in verdict_of.items() if found == Recipient.LookUp.RESERVED]
    missing = [who for who, found in verdict_of.items() if found == Recipient.LookUp.MISSING]
    unreachable = len(reserved) + len(missing)
    if unreachable == len(verdict_of):
        status = LookUpStatus.FAILED
    else:
        status = LookUpStatus.PARTIAL_SUCCESS if unreachable else LookUpStatus.SUCCESS
    return RecipientLookup(status, reserved, missing)
