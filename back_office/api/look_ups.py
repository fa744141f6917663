"""The five look-ups of the support dashboard. Each leaves an entry in the audit log, or fails."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, cast
from uuid import UUID

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from back_office.api.period import period_of
from back_office.audit import log, persons, seen
from back_office.audit.log import Actor, Why
from back_office.audit.seen import Shown
from back_office.models import StaffAction, Viewing
from config.api.permissions import MaySupport
from notifications.models import NotificationChannel
from notifications.reading import deliveries
from notifications.reading.deliveries import Attempt, Period, Shipment
from orders.api.base import ContractView
from orders.api.parsing.guids import guid
from orders.api.v1.presentation import moment, without_absent
from orders.creators import Caller
from recipients import email_addresses, identifiers, masking, mobile_numbers
from runtime import clock

_WORDS = {NotificationChannel.EMAIL: "email", NotificationChannel.SMS: "sms"}
_ADDRESS_MEMBERS = {
    NotificationChannel.EMAIL: "emailAddress",
    NotificationChannel.SMS: "mobileNumber",
}


class LookUpView(ContractView):
    """What to look up comes in a header, so that it stands in no address and in no log of them.

    The caller need not be a service owner. The original does not describe these addresses, which
    are for one client, and neither do we.
    """

    http_method_names = ["get"]
    permission_classes = [MaySupport]
    header: ClassVar[str]
    kind: ClassVar[str]
    """What was looked up, in the word of the audit log."""

    def masked(self, wanted: str) -> str:
        """How the audit log shows it."""
        raise NotImplementedError

    def wanted(self, text: str) -> str:
        """What is looked up, in the form in which it is stored. Raises ValueError, in words."""
        raise NotImplementedError

    def find(self, wanted: str, period: Period) -> Sequence[Shipment]:
        raise NotImplementedError

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        now = clock.now()
        wanted = self._from_header(request)
        period = period_of(request, now=now)
        with transaction.atomic():
            found = self.find(wanted, period)
            _enter(
                request.auth,
                StaffAction.Subject.RECIPIENT,
                detail={
                    "by": self.kind,
                    "shown": self.masked(wanted),
                    "from": moment(period.start),
                    "to": moment(period.end),
                    "orders": len(found),
                },
            )
            _seen(request, "recipient", [wanted])
        return Response([_shipment(one) for one in found])

    def _from_header(self, request: Request) -> str:
        text = _header(request, self.header)
        try:
            return self.wanted(text)
        except ValueError as error:
            raise ValidationError({self.header: [str(error)]}) from None


class ByNationalIdentityNumber(LookUpView):
    header = "NationalIdentityNumber"
    kind = "national identity number"

    def masked(self, wanted: str) -> str:
        return masking.mask_identity_number(wanted)

    def wanted(self, text: str) -> str:
        if not identifiers.is_national_identity_number(text):
            raise ValueError("National identity number must be 11 digits long.")
        return text

    def find(self, wanted: str, period: Period) -> Sequence[Shipment]:
        return deliveries.of_person(wanted, period=period)


class ByOrganizationNumber(LookUpView):
    """Organisation numbers are public."""

    header = "OrganizationNumber"
    kind = "organisation number"

    def masked(self, wanted: str) -> str:
        return wanted

    def wanted(self, text: str) -> str:
        if not identifiers.is_organization_number(text):
            raise ValueError("Organization number must be 9 digits long.")
        return text

    def find(self, wanted: str, period: Period) -> Sequence[Shipment]:
        return deliveries.of_organization(wanted, period=period)


class ByEmailAddress(LookUpView):
    header = "Email"
    kind = "e-mail address"

    def masked(self, wanted: str) -> str:
        return masking.mask_email_address(wanted)

    def wanted(self, text: str) -> str:
        if not email_addresses.is_usable(text):
            raise ValueError("'Email' must be a valid email address.")
        return text

    def find(self, wanted: str, period: Period) -> Sequence[Shipment]:
        return deliveries.of_email_address(wanted, period=period)


class ByPhoneNumber(LookUpView):
    """A Norwegian number may stand without its country code."""

    header = "PhoneNumber"
    kind = "mobile number"

    def masked(self, wanted: str) -> str:
        return masking.mask_mobile_number(wanted)

    def wanted(self, text: str) -> str:
        number = mobile_numbers.from_register(text)
        if not mobile_numbers.is_mobile_number(number):
            raise ValueError("'PhoneNumber' must be a valid mobile number.")
        return mobile_numbers.to_e164(number)

    def find(self, wanted: str, period: Period) -> Sequence[Shipment]:
        return deliveries.of_mobile_number(wanted, period=period)


class ByShipment(ContractView):
    """All that became of one order, whenever it was to be sent."""

    http_method_names = ["get"]
    permission_classes = [MaySupport]
    header = "ShipmentId"

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        order_id = _shipment_id(_header(request, self.header))
        with transaction.atomic():
            found = deliveries.of_order(order_id)
            _enter(
                request.auth,
                StaffAction.Subject.ORDER,
                subject_id=order_id,
                detail={"by": "shipment", "orders": len(found)},
            )
            _seen(request, f"order {order_id}", _named_in(found))
        return Response([_shipment(one) for one in found])


def _shipment_id(text: str) -> UUID:
    try:
        return guid(text, parameter=ByShipment.header)
    except ValidationError:
        message = f"The value '{text}' is not valid for {ByShipment.header}."
        raise ValidationError({ByShipment.header: [message]}) from None


def _header(request: Request, name: str) -> str:
    """Raises ValidationError where there is none, or nothing in it."""
    text = _as_meant(request.headers.get(name))
    if text is None:
        message = f"A value for the '{name}' parameter or property was not provided."
        raise ValidationError({name: [message]})
    if not text.strip():
        raise ValidationError({name: [f"The {name} field is required."]})
    return text.strip()


def _as_meant(text: str | None) -> str | None:
    """Servers read headers as Latin-1; who writes letters beyond ASCII into one writes UTF-8."""
    try:
        return text.encode("latin-1").decode() if text else text
    except UnicodeError:
        return text


def _enter(
    caller: Any,
    kind: StaffAction.Subject,
    *,
    subject_id: object = "",
    detail: dict[str, object],
) -> None:
    """In the transaction of the look-up: what cannot be logged is not answered."""
    who: Caller = caller  # whom `MaySupport` has let in
    log.record(
        StaffAction.What.LOOKED_UP,
        by=_actor(who),
        why=Why(""),
        subject=kind,
        subject_id=subject_id,
        detail=detail,
        now=clock.now(),
    )


def _seen(request: Request, page: str, identifiers: Iterable[str]) -> None:
    shown = Shown(Viewing.How.LOOK_UP, page)
    seen.write(shown, identifiers, by=_actor(cast(Caller, request.auth)), now=clock.now())


def _actor(caller: Caller) -> Actor:
    return Actor(caller.client or caller.creator_name or UNNAMED)


def _named_in(found: Sequence[Shipment]) -> set[str]:
    """Everybody in the answer, as somebody would ask for them."""
    attempts = [attempt for one in found for attempt in one.attempts]
    return persons.comparable(
        text
        for one in attempts
        for text in (one.national_identity_number, one.organization_number, one.address)
    )


UNNAMED = "(support dashboard)"
"""A caller whose token says nobody's name."""


def _shipment(found: Shipment) -> dict[str, object]:
    return without_absent(
        {
            "shipmentId": found.order_id,
            "creatorName": found.creator,
            "resourceId": found.resource_id,
            "sendersReference": found.senders_reference,
            "requestedSendTime": moment(found.requested_send_time),
            "notificationChannel": found.channel,
            "notificationType": found.type,
            "deliveryAttempts": [_attempt(one) for one in found.attempts],
        }
    )


def _attempt(found: Attempt) -> dict[str, object]:
    return without_absent(
        {
            "nationalIdentityNumber": found.national_identity_number or None,
            "organizationNumber": found.organization_number or None,
            "channel": _WORDS[found.channel],
            _ADDRESS_MEMBERS[found.channel]: found.address,
            "result": found.status,
            "resultTime": moment(found.status_at),
        }
    )
