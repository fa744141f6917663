"""What recipients are called, for messages that address them by name."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.conf import settings

from recipients.registers import RegisterUnavailable, register
from runtime.web import outgoing


@dataclass(frozen=True, slots=True)
class Names:
    """What a look-up found; "" for everybody else."""

    persons: Mapping[str, str]
    organizations: Mapping[str, str]

    def of_person(self, national_identity_number: str) -> str:
        return self.persons.get(national_identity_number, "")

    def of_organization(self, organization_number: str) -> str:
        return self.organizations.get(organization_number, "")


def look_up(*, persons: Collection[str], organizations: Collection[str]) -> Names:
    """Ask Register for all names at once, in at most LOOK_UP_TIMEOUT seconds.

    Raises RegisterUnavailable. Identifiers that Register itself refuses count as unknown.
    """
    if not persons and not organizations:
        return Names(persons={}, organizations={})
    try:
        entries = outgoing.run(
            register.names(persons=persons, organizations=organizations),
            timeout=settings.LOOK_UP_TIMEOUT,
        )
    except TimeoutError as error:
        raise RegisterUnavailable(
            register.REGISTER, f"the look-up took more than {settings.LOOK_UP_TIMEOUT:g} seconds"
        ) from error
    return Names(
        persons={
            entry.national_identity_number: entry.name
            for entry in entries
            if entry.national_identity_number and entry.name
        },
        organizations={
            entry.organization_number: entry.name
            for entry in entries
            if entry.organization_number and entry.name
        },
    )
