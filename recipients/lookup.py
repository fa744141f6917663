"""How recipients can be reached, as the registers know it at this moment."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from django.conf import settings

from recipients import access
from recipients.addresses import (
    Organization,
    Person,
    SelfIdentified,
    User,
    organization_from,
    person_from,
    self_identified_from,
)
from recipients.registers import RegisterUnavailable, profile
from recipients.registers.profile import PersonEntry, UserEntry
from recipients.resources import Resource
from runtime.web import outgoing

__all__ = [
    "ContactPoints",
    "Organization",
    "Person",
    "Resource",
    "SelfIdentified",
    "User",
    "look_up",
]

# Each resource is a question of its own, with calls of its own.
CONCURRENT_RESOURCES = 8


@dataclass(frozen=True, slots=True)
class ContactPoints:
    """What a look-up found. Asking for anyone it was not made for answers None too."""

    persons: Mapping[str, Person]
    organizations: Mapping[tuple[str, Resource | None], Organization]
    persons_with_stale: Mapping[str, Person] = field(default_factory=dict)
    self_identified: Mapping[str, SelfIdentified] = field(default_factory=dict)

    def person(self, national_identity_number: str, *, with_stale: bool = False) -> Person | None:
        """None for a person whom Profile does not return."""
        persons = self.persons_with_stale if with_stale else self.persons
        return persons.get(national_identity_number)

    def external(self, identity: str) -> SelfIdentified | None:
        """By the URN in any letter case; None for somebody whom Profile does not return."""
        return self.self_identified.get(identity.lower())

    def organization(
        self, organization_number: str, resource: Resource | None
    ) -> Organization | None:
        """None for an organisation that has neither addresses of its own nor permitted users."""
        return self.organizations.get((organization_number, resource))


def look_up(
    *,
    persons: Collection[str],
    organizations: Collection[tuple[str, Resource | None]],
    persons_with_stale: Collection[str] = (),
    external_identities: Collection[str] = (),
) -> ContactPoints:
    """Ask Profile for everybody at once, and Authorization about the users it names.

    Users come with an organisation only where it is paired with a resource. `persons_with_stale`
    may be reached where they have not confirmed their addresses for long. Takes at most
    LOOK_UP_TIMEOUT seconds. Raises RegisterUnavailable: what is found is complete or not at all,
    but for identifiers that Profile itself refuses, which count as unknown.
    """
    if not (persons or organizations or persons_with_stale or external_identities):
        return ContactPoints(persons={}, organizations={})
    try:
        return outgoing.run(
            _look_up(
                persons=persons,
                pairs=organizations,
                persons_with_stale=persons_with_stale,
                external_identities=external_identities,
            ),
            timeout=settings.LOOK_UP_TIMEOUT,
        )
    except TimeoutError as error:
        raise RegisterUnavailable(
            profile.REGISTER, f"the look-up took more than {settings.LOOK_UP_TIMEOUT:g} seconds"
        ) from error


async def _look_up(
    *,
    persons: Collection[str],
    pairs: Collection[tuple[str, Resource | None]],
    persons_with_stale: Collection[str],
    external_identities: Collection[str],
) -> ContactPoints:
    # As with most orders: no need for tasks side by side.
    if not (pairs or persons_with_stale or external_identities):
        return ContactPoints(persons=_by_number(await profile.persons(persons)), organizations={})
    numbers_by_resource: dict[Resource, set[str]] = defaultdict(set)
    for number, resource in pairs:
        if resource is not None and resource.plain_id:
            numbers_by_resource[resource].add(number)
    async with outgoing.together() as group:
        asked_persons = group.create_task(profile.persons(persons))
        asked_with_stale = group.create_task(profile.persons(persons_with_stale, with_stale=True))
        asked_external = group.create_task(profile.self_identified(external_identities))
        asked_organizations = group.create_task(
            profile.organizations([number for number, _ in pairs])
        )
        asked_users = group.create_task(_permitted_users(numbers_by_resource))
    official = {entry.organization_number: entry for entry in asked_organizations.result()}
    users = asked_users.result()
    return ContactPoints(
        persons=_by_number(asked_persons.result()),
        organizations={
            (number, resource): organization_from(
                number,
                official=official.get(number),
                users=users.get((number, resource), ()),
            )
            for number, resource in pairs
            if number in official or (number, resource) in users
        },
        persons_with_stale=_by_number(asked_with_stale.result()),
        self_identified={
            entry.external_identity.lower(): self_identified_from(entry)
            for entry in asked_external.result()
        },
    )


def _by_number(entries: Iterable[PersonEntry]) -> dict[str, Person]:
    """Of several entries about one person one that says reserved counts."""
    last = sorted(entries, key=lambda entry: entry.is_reserved)
    return {entry.national_identity_number: person_from(entry) for entry in last}


async def _permitted_users(
    numbers_by_resource: Mapping[Resource, Collection[str]],
) -> dict[tuple[str, Resource | None], list[UserEntry]]:
    """By organisation and resource, in Profile's order; only where there is a user."""
    turn = asyncio.Semaphore(CONCURRENT_RESOURCES)

    async def of_resource(resource: Resource, numbers: Collection[str]) -> list[UserEntry]:
        async with turn:
            users = await profile.users(numbers, resource_id=resource.plain_id)
            return await access.with_permission(users, resource=resource)

    async with outgoing.together() as group:
        asked = {
            resource: group.create_task(of_resource(resource, numbers))
            for resource, numbers in numbers_by_resource.items()
        }
    users: dict[tuple[str, Resource | None], list[UserEntry]] = defaultdict(list)
    for resource, task in asked.items():
        for user in task.result():
            users[user.organization_number, resource].append(user)
    return dict(users)
