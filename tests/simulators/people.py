"""Who the registers know: persons, organisations, and those who answer for an organisation."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Person:
    """None stands for what the person has not registered."""

    national_identity_number: str
    user_id: int
    name: str | None
    is_reserved: bool = False
    email: str | None = None
    mobile_number: str | None = None
    email_is_outdated: bool = False
    mobile_number_is_outdated: bool = False


@dataclass(frozen=True, slots=True)
class SelfIdentified:
    """Somebody with another log-in than the national one. None: not registered."""

    external_identity: str
    email: str | None
    mobile_number: str | None


@dataclass(frozen=True, slots=True)
class Dialog:
    """A dialog of one person, named by the national identity number."""

    dialog_id: UUID
    party: str


@dataclass(frozen=True, slots=True)
class UserContactPoint:
    """Someone who asked to be notified for an organisation, about these resources (none: all).

    `permitted` is whether Authorization lets them act, and `actions` what they may do (none: all).
    """

    user_id: int
    email: str | None
    mobile_number: str | None
    resources: frozenset[str]
    permitted: bool
    actions: frozenset[str]

    def answers_for(self, resource: str) -> bool:
        return not self.resources or resource in self.resources

    def may(self, action: str, resource: str) -> bool:
        may_do_it = not self.actions or action in self.actions
        return self.permitted and may_do_it and self.answers_for(resource)


@dataclass(frozen=True, slots=True)
class Organization:
    """`address_origin` is the unit that owns the addresses: the main unit's, for some sub-units."""

    organization_number: str
    name: str | None
    emails: tuple[str, ...] = ()
    mobile_numbers: tuple[str, ...] = ()
    address_origin: str = ""
    users: tuple[UserContactPoint, ...] = ()

    @property
    def party_id(self) -> int:
        return party_id_of(self.organization_number)


def party_id_of(organization_number: str) -> int:
    """Another number than the organisation's own, so that mixing up the two shows."""
    return 1_000_000_000 - int(organization_number)


def organization_number_of(party_id: int) -> str:
    return f"{1_000_000_000 - party_id:09d}"
