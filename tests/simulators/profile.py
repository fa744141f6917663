"""Profile: reservations, e-mail addresses and mobile numbers of persons and organisations."""

from urllib.parse import unquote_plus

from aiohttp import web

from tests.simulators.answering import JsonObject, Refused, identifiers, json_endpoint
from tests.simulators.people import Organization, Person
from tests.simulators.world import World

BASE = "/profile/api/v1/"
EMAIL_URN = "urn:altinn:person:idporten-email:"
KNOWN_URNS = (
    EMAIL_URN,
    "urn:altinn:person:legacy-selfidentified:",
    "urn:altinn:party:username:",
    "urn:altinn:username:",
)


def _persons(world: World, _request: web.Request, body: JsonObject) -> tuple[int, JsonObject]:
    asked = identifiers(body, "nationalIdentityNumbers", digits=11)
    with_outdated = body.get("useStaleContactInfo") is True
    found = (world.registers.person(number) for number in asked)
    points = [
        _contact_point(person, with_outdated=with_outdated)
        for person in found
        if person is not None and (with_outdated or not _all_is_outdated(person))
    ]
    return len(asked), {"contactPointsList": points}


def _all_is_outdated(person: Person) -> bool:
    """Such a person is left out of the answer, reservation and all."""
    return person.email_is_outdated and person.mobile_number_is_outdated


def _contact_point(person: Person, *, with_outdated: bool) -> JsonObject:
    email, mobile_number = person.email, person.mobile_number
    if person.email_is_outdated and not with_outdated:
        email = ""
    if person.mobile_number_is_outdated and not with_outdated:
        mobile_number = ""
    return {
        "userId": person.user_id,
        "nationalIdentityNumber": person.national_identity_number,
        "isReserved": person.is_reserved,
        "mobileNumber": mobile_number,
        "mobileNumberIsOutdated": person.mobile_number_is_outdated,
        "email": email,
        "emailIsOutdated": person.email_is_outdated,
    }


def _self_identified(
    world: World, _request: web.Request, body: JsonObject
) -> tuple[int, JsonObject]:
    asked = body.get("externalIdentities")
    if not isinstance(asked, list) or not all(isinstance(one, str) for one in asked):
        raise Refused(400, "'externalIdentities' is no list of texts.")
    points = []
    for urn in asked:
        if not urn.startswith(KNOWN_URNS):
            raise Refused(400, f"'{urn}' is no external identity.")
        known = world.registers.self_identified(urn)
        email = known.email if known else None
        if email is None and urn.startswith(EMAIL_URN):
            email = unquote_plus(urn.removeprefix(EMAIL_URN))
        if known or email:
            points.append(
                {
                    "externalIdentity": urn,
                    "email": email,
                    "mobileNumber": known.mobile_number if known else None,
                }
            )
    return len(asked), {"contactPointsList": points}


def _organizations(world: World, _request: web.Request, body: JsonObject) -> tuple[int, JsonObject]:
    asked, found = _organizations_asked_for(world, body)
    points = [
        {
            "organizationNumber": organization.organization_number,
            "addressOrigin": organization.address_origin,
            "partyId": 0,
            "mobileNumberList": organization.mobile_numbers,
            "emailList": organization.emails,
        }
        for organization in found
        if organization.mobile_numbers or organization.emails
    ]
    return len(asked), {"contactPointsList": points}


def _users(world: World, _request: web.Request, body: JsonObject) -> tuple[int, JsonObject]:
    asked, found = _organizations_asked_for(world, body)
    resource = body.get("resourceId")
    if not isinstance(resource, str) or not resource:
        raise Refused(400, "'resourceId' is missing.")
    points = []
    for organization in found:
        users = [
            {"userId": user.user_id, "email": user.email, "mobileNumber": user.mobile_number}
            for user in organization.users
            if user.answers_for(resource)
        ]
        if users:
            points.append(
                {
                    "organizationNumber": organization.organization_number,
                    "partyId": organization.party_id,
                    "userContactPoints": users,
                }
            )
    return len(asked), {"contactPointsList": points}


def _organizations_asked_for(
    world: World, body: JsonObject
) -> tuple[list[str], list[Organization]]:
    asked = identifiers(body, "organizationNumbers", digits=9)
    found = (world.registers.organization(number) for number in asked)
    return asked, [organization for organization in found if organization is not None]


ROUTES = (
    web.post(f"{BASE}users/contactpoint/lookup", json_endpoint("profile", _persons)),
    web.post(f"{BASE}users/contactpoint/lookupsi", json_endpoint("profile", _self_identified)),
    web.post(
        f"{BASE}organizations/notificationaddresses/lookup",
        json_endpoint("profile", _organizations),
    ),
    web.post(f"{BASE}units/contactpoint/lookup", json_endpoint("profile", _users)),
)
