"""Nine million persons and a million organisations that follow from their numbers alone."""

import re

from tests.simulators.people import Organization, Person

_FIRST_NAMES = (
    "Åse",
    "Bjørn",
    "Cecilie",
    "Dag",
    "Eirin",
    "Frøydis",
    "Gunnar",
    "Håkon",
    "Ingrid",
    "Jørgen",
)
_LAST_NAMES = (
    "Ås",
    "Bakke",
    "Dæhlie",
    "Eide",
    "Fjæran",
    "Grønås",
    "Haugen",
    "Jøssang",
    "Kvåle",
    "Ødegård",
)
_TRADES = (
    "Båtbyggeri",
    "Bakeri",
    "Rørlegger",
    "Fiskeoppdrett",
    "Møbler",
)
_PLACES = (
    "Ålesund",
    "Bodø",
    "Drøbak",
    "Færder",
    "Hønefoss",
)

# No day of birth begins with a 9 and no organisation number in use begins with 50.
_PERSON = re.compile(r"9000([0-8]\d{6})", re.ASCII)
_ORGANIZATION = re.compile(r"500(\d{6})", re.ASCII)
_OWNER_BY_CONTACT = (
    (re.compile(r"479([0-8]\d{6})", re.ASCII), "9000"),
    (re.compile(r"innbygger\.([0-8]\d{6})@folk\.example", re.ASCII), "9000"),
    (re.compile(r"4746(\d{6})", re.ASCII), "500"),
    (re.compile(r"post\.(\d{6})@virksomhet\.example", re.ASCII), "500"),
)


def person(national_identity_number: str) -> Person | None:
    """`9000ddddddd` (first d from 0 to 8) has mobile `+479ddddddd`."""
    match = _PERSON.fullmatch(national_identity_number)
    if match is None:
        return None
    digits = match[1]
    number = int(digits)
    first_name = _FIRST_NAMES[number % 10]
    last_name = _LAST_NAMES[number // 10 % 10]
    return Person(
        national_identity_number=national_identity_number,
        user_id=20_000_000 + number,
        name=f"{first_name} {last_name} {digits}",
        email=f"innbygger.{digits}@folk.example",
        mobile_number=f"+479{digits}",
    )


def organization(organization_number: str) -> Organization | None:
    """`500dddddd` has mobile `+4746dddddd`."""
    match = _ORGANIZATION.fullmatch(organization_number)
    if match is None:
        return None
    digits = match[1]
    number = int(digits)
    return Organization(
        organization_number=organization_number,
        name=f"{_PLACES[number % 5]} {_TRADES[number // 5 % 5]} {digits} AS",
        emails=(f"post.{digits}@virksomhet.example",),
        mobile_numbers=(f"+4746{digits}",),
        address_origin=organization_number,
    )


def owner_of(contact: str) -> str:
    """Name of the one who has this e-mail address or number (digits only); empty for none."""
    for pattern, prefix in _OWNER_BY_CONTACT:
        match = pattern.fullmatch(contact)
        if match is not None:
            found = person(prefix + match[1]) or organization(prefix + match[1])
            return (found.name or "") if found else ""
    return ""
