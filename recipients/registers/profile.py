"""Profile: how people and organisations wish to be reached."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from django.conf import settings

from recipients.registers import answers
from recipients.registers.calls import ask_in_batches, masked_identifier, post

Entry = TypeVar("Entry")

REGISTER = "Profile"
BATCH_SIZE = 1_000


class PersonEntry(NamedTuple):
    """A person of the national contact and reservation register. "" = nothing known."""

    national_identity_number: str
    is_reserved: bool
    email: str
    mobile_number: str


class SelfIdentifiedEntry(NamedTuple):
    """Somebody whom another log-in than the national one names. "" = nothing known."""

    external_identity: str
    email: str
    mobile_number: str


@dataclass(frozen=True, slots=True)
class OrganizationEntry:
    """The addresses an organisation itself has registered."""

    organization_number: str
    emails: tuple[str, ...]
    mobile_numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UserEntry:
    """Someone who asked to be notified on behalf of an organisation."""

    organization_number: str
    party_id: int
    user_id: int
    email: str
    mobile_number: str


async def persons(
    national_identity_numbers: Collection[str], *, with_stale: bool = False
) -> list[PersonEntry]:
    """Those whom Profile knows. Addresses not confirmed for 18 months are blank, and people with
    nothing newer are absent, their reservation with them, unless stale ones are asked for.
    Raises RegisterUnavailable."""
    return await _look_up(
        national_identity_numbers,
        path="users/contactpoint/lookup",
        question=lambda batch: {
            "nationalIdentityNumbers": batch,
            "useStaleContactInfo": with_stale,
        },
        read=_persons,
    )


async def self_identified(external_identities: Collection[str]) -> list[SelfIdentifiedEntry]:
    """Those whom Profile knows by these URNs, which go as they were written. Of one that holds an
    e-mail address, Profile falls back to that address. Raises RegisterUnavailable."""
    return await _look_up(
        external_identities,
        path="users/contactpoint/lookupsi",
        question=lambda batch: {"externalIdentities": batch},
        read=_self_identified,
    )


async def organizations(organization_numbers: Collection[str]) -> list[OrganizationEntry]:
    """The official addresses of those that Profile knows. Sub-units without any have those of
    their main unit. Raises RegisterUnavailable."""
    return await _look_up(
        organization_numbers,
        path="organizations/notificationaddresses/lookup",
        question=lambda batch: {"organizationNumbers": batch},
        read=_organizations,
    )


async def users(organization_numbers: Collection[str], *, resource_id: str) -> list[UserEntry]:
    """Those who asked to be notified for the organisations, about everything or the resource.
    Whether they may is Authorization's to say. Raises RegisterUnavailable."""
    return await _look_up(
        organization_numbers,
        path="units/contactpoint/lookup",
        question=lambda batch: {"organizationNumbers": batch, "resourceId": resource_id},
        read=_users,
    )


async def _look_up(
    identifiers: Collection[str],
    *,
    path: str,
    question: Callable[[Sequence[str]], object],
    read: Callable[[object], list[Entry]],
) -> list[Entry]:
    async def ask(batch: Sequence[str]) -> list[Entry]:
        answer = await post(
            register=REGISTER, base_url=settings.PROFILE_URL, path=path, body=question(batch)
        )
        with answers.reading(REGISTER):
            return read(answer)

    batches = await ask_in_batches(
        identifiers, register=REGISTER, size=BATCH_SIZE, ask=ask, masked=masked_identifier
    )
    return [entry for batch in batches for entry in batch]


def _persons(answer: object) -> list[PersonEntry]:
    return [
        PersonEntry(
            national_identity_number=answers.identifier(entry, "nationalIdentityNumber"),
            is_reserved=answers.truth(entry, "isReserved"),
            email=answers.text(entry, "email"),
            mobile_number=answers.text(entry, "mobileNumber"),
        )
        for entry in answers.objects(answer, "contactPointsList")
    ]


def _self_identified(answer: object) -> list[SelfIdentifiedEntry]:
    return [
        SelfIdentifiedEntry(
            external_identity=answers.text(entry, "externalIdentity"),
            email=answers.text(entry, "email"),
            mobile_number=answers.text(entry, "mobileNumber"),
        )
        for entry in answers.objects(answer, "contactPointsList")
    ]


def _organizations(answer: object) -> list[OrganizationEntry]:
    return [
        OrganizationEntry(
            organization_number=answers.identifier(entry, "organizationNumber"),
            emails=answers.texts(entry, "emailList"),
            mobile_numbers=answers.texts(entry, "mobileNumberList"),
        )
        for entry in answers.objects(answer, "contactPointsList")
    ]


def _users(answer: object) -> list[UserEntry]:
    return [
        UserEntry(
            organization_number=answers.identifier(unit, "organizationNumber"),
            party_id=answers.number(unit, "partyId"),
            user_id=answers.number(user, "userId"),
            email=answers.text(user, "email"),
            mobile_number=answers.text(user, "mobileNumber"),
        )
        for unit in answers.objects(answer, "contactPointsList")
        for user in answers.objects_if_any(unit, "userContactPoints")
    ]
