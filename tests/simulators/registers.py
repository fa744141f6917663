"""The recipients that the registers know: those of a file, those a test adds, and the generated."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from tests.simulators import population
from tests.simulators.people import (
    Dialog,
    Organization,
    Person,
    SelfIdentified,
    UserContactPoint,
    organization_number_of,
)

T = TypeVar("T")
JsonObject = dict[str, Any]

_ROOT = {"persons", "organizations", "selfIdentified", "dialogs"}
_DIALOG = {"dialogId", "party"}
_SELF_IDENTIFIED = {"externalIdentity", "email", "mobileNumber"}
_PERSON = {
    "nationalIdentityNumber",
    "name",
    "isReserved",
    "email",
    "mobileNumber",
    "emailIsOutdated",
    "mobileNumberIsOutdated",
}
_ORGANIZATION = {
    "organizationNumber",
    "name",
    "emailList",
    "mobileNumberList",
    "addressOrigin",
    "userContactPoints",
}
_USER = {"userId", "email", "mobileNumber", "resources", "permitted", "actions"}


class InvalidRegisters(Exception):
    """The text says which entry cannot be read, and why."""


class Registers:
    """Everyone who can be looked up. A later entry replaces an earlier one with the same number."""

    def __init__(self, path: Path) -> None:
        """Raises `InvalidRegisters` for a file that is not what it should be."""
        self._path = path
        self.reset()

    def reset(self) -> None:
        """Back to what the file says."""
        self._persons: dict[str, Person] = {}
        self._organizations: dict[str, Organization] = {}
        self._self_identified: dict[str, SelfIdentified] = {}
        self._dialogs: dict[UUID, Dialog] = {}
        self._owners: dict[str, str] = {}
        try:
            document = json.loads(self._path.read_bytes())
        except (OSError, ValueError) as error:
            raise InvalidRegisters(f"{self._path}: {error}") from error
        self.add(document)

    def add(self, document: object) -> None:
        """Add or replace, in the format of the file. Raises `InvalidRegisters`; then adds none."""
        root = _object("the document", document, _ROOT)
        known = len(self._persons)
        persons = [
            _person(entry, user_id=10_000_000 + known + index)
            for index, entry in enumerate(_entries(root, "persons"))
        ]
        organizations = [_organization(entry) for entry in _entries(root, "organizations")]
        for entry in _entries(root, "selfIdentified"):
            somebody = _self_identified(entry)
            self._self_identified[somebody.external_identity.lower()] = somebody
            self._own(somebody.external_identity, somebody.email, somebody.mobile_number)
        for dialog in map(_dialog, _entries(root, "dialogs")):
            self._dialogs[dialog.dialog_id] = dialog
        for person in persons:
            self._persons[person.national_identity_number] = person
            self._own(person.name, person.email, person.mobile_number)
        for organization in organizations:
            self._organizations[organization.organization_number] = organization
            self._own(organization.name, *organization.emails, *organization.mobile_numbers)
            for user in organization.users:
                name = f"user {user.user_id} of {organization.name}"
                self._own(name, user.email, user.mobile_number)

    def person(self, national_identity_number: str) -> Person | None:
        found = self._persons.get(national_identity_number)
        return found or population.person(national_identity_number)

    def self_identified(self, external_identity: str) -> SelfIdentified | None:
        return self._self_identified.get(external_identity.lower())

    def dialog(self, dialog_id: UUID) -> Dialog | None:
        return self._dialogs.get(dialog_id)

    def organization(self, organization_number: str) -> Organization | None:
        found = self._organizations.get(organization_number)
        return found or population.organization(organization_number)

    def organization_of_party(self, party_id: int) -> Organization | None:
        return self.organization(organization_number_of(party_id))

    def owner_of(self, contact: str) -> str:
        """Name of the one who has this e-mail address or number; empty for none."""
        key = _contact_key(contact)
        return self._owners.get(key) or population.owner_of(key)

    def _own(self, name: str | None, *contacts: str | None) -> None:
        for contact in contacts:
            if name and contact:
                self._owners.setdefault(_contact_key(contact), name)


def _contact_key(contact: str) -> str:
    if "@" in contact:
        return contact.strip().lower()
    digits = "".join(character for character in contact if character.isdigit())
    digits = digits.removeprefix("00")
    return f"47{digits}" if len(digits) == 8 else digits


def _person(entry: object, *, user_id: int) -> Person:
    fields = _object("a person", entry, _PERSON)
    number = _needed(fields, "nationalIdentityNumber", _is_digits(11), "11 digits")
    return Person(
        national_identity_number=number,
        user_id=user_id,
        name=_text(fields, "name"),
        is_reserved=_value(fields, "isReserved", bool, False),
        email=_text(fields, "email"),
        mobile_number=_text(fields, "mobileNumber"),
        email_is_outdated=_value(fields, "emailIsOutdated", bool, False),
        mobile_number_is_outdated=_value(fields, "mobileNumberIsOutdated", bool, False),
    )


def _self_identified(entry: object) -> SelfIdentified:
    fields = _object("somebody self-identified", entry, _SELF_IDENTIFIED)
    return SelfIdentified(
        external_identity=_needed(
            fields, "externalIdentity", lambda value: isinstance(value, str), "a URN"
        ),
        email=_text(fields, "email"),
        mobile_number=_text(fields, "mobileNumber"),
    )


def _dialog(entry: object) -> Dialog:
    fields = _object("a dialog", entry, _DIALOG)
    return Dialog(
        dialog_id=UUID(_needed(fields, "dialogId", _is_guid, "a GUID")),
        party=_needed(fields, "party", _is_digits(11), "11 digits"),
    )


def _is_guid(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(UUID(value))
    except ValueError:
        return False


def _organization(entry: object) -> Organization:
    fields = _object("an organisation", entry, _ORGANIZATION)
    number = _needed(fields, "organizationNumber", _is_digits(9), "9 digits")
    return Organization(
        organization_number=number,
        name=_text(fields, "name"),
        emails=tuple(_texts(fields, "emailList")),
        mobile_numbers=tuple(_texts(fields, "mobileNumberList")),
        address_origin=_text(fields, "addressOrigin") or number,
        users=tuple(_user(user) for user in _entries(fields, "userContactPoints")),
    )


def _user(entry: object) -> UserContactPoint:
    fields = _object("a user contact point", entry, _USER)
    return UserContactPoint(
        user_id=_needed(fields, "userId", lambda value: type(value) is int, "a whole number"),
        email=_text(fields, "email"),
        mobile_number=_text(fields, "mobileNumber"),
        resources=frozenset(_texts(fields, "resources")),
        permitted=_value(fields, "permitted", bool, True),
        actions=frozenset(_texts(fields, "actions")),
    )


def _object(what: str, value: object, members: set[str]) -> JsonObject:
    if not isinstance(value, dict):
        raise InvalidRegisters(f"{what} is not a JSON object: {value!r:.80}")
    unknown = value.keys() - members
    if unknown:
        raise InvalidRegisters(f"{what} has no '{min(unknown)}'; known are {sorted(members)}.")
    return value


def _needed(fields: JsonObject, key: str, fits: Callable[[object], bool], meaning: str) -> Any:
    if not fits(fields.get(key)):
        raise InvalidRegisters(f"'{key}' must be {meaning}: {fields.get(key)!r:.80}")
    return fields[key]


def _is_digits(count: int) -> Callable[[object], bool]:
    return lambda value: (
        isinstance(value, str) and len(value) == count and value.isascii() and value.isdigit()
    )


def _value(fields: JsonObject, key: str, kind: type[T], default: T) -> T:
    value = fields.get(key)
    if value is not None and not isinstance(value, kind):
        raise InvalidRegisters(f"'{key}' is not a {kind.__name__}: {value!r:.80}")
    return default if value is None else value


def _text(fields: JsonObject, key: str) -> str | None:
    return _value(fields, key, str, "") or None


def _entries(fields: JsonObject, key: str) -> list[object]:
    return _value(fields, key, list, [])


def _texts(fields: JsonObject, key: str) -> Iterator[str]:
    for entry in _entries(fields, key):
        if not isinstance(entry, str):
            raise InvalidRegisters(f"'{key}' holds something else than texts: {entry!r:.80}")
        yield entry
