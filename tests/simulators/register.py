"""Register: the names of persons and organisations, for those who show a platform token."""

import jwt
from aiohttp import web

from tests.simulators.answering import (
    MAX_IDENTIFIERS,
    JsonObject,
    Refused,
    json_endpoint,
    require_digits,
)
from tests.simulators.world import World

PLATFORM = "platform"


def _names(world: World, request: web.Request, body: JsonObject) -> tuple[int, JsonObject]:
    _require_platform_token(world, request)
    # The lists beside it, organizationNumbers and socialSecurityNumbers, are not read.
    parties = body.get("parties")
    if not isinstance(parties, list) or not parties:
        raise Refused(400, "'parties' is missing or empty.")
    if len(parties) > MAX_IDENTIFIERS:
        raise Refused(400, f"'parties' holds more than {MAX_IDENTIFIERS} items.")
    return len(parties), {"partyNames": [_name(world, party) for party in parties]}


def _name(world: World, party: object) -> JsonObject:
    if not isinstance(party, dict) or bool(party.get("ssn")) == bool(party.get("orgNo")):
        raise Refused(400, "Each party has either an ssn or an orgNo.")
    number = party.get("ssn")
    if number:
        require_digits(number, digits=11)
        person = world.registers.person(number)
        return {"ssn": number, "orgNo": None, "name": person.name if person else None}
    number = party["orgNo"]
    require_digits(number, digits=9)
    organization = world.registers.organization(number)
    return {"ssn": None, "orgNo": number, "name": organization.name if organization else None}


def _require_platform_token(world: World, request: web.Request) -> None:
    tokens = request.headers.getall("PlatformAccessToken", [])
    if len(tokens) != 1:
        raise Refused(401, "One PlatformAccessToken header is needed.")
    try:
        jwt.decode(
            tokens[0],
            world.settings.platform_key.public_key(),
            algorithms=["RS256"],
            issuer=PLATFORM,
            options={"require": ["exp", "iss"], "verify_aud": False},
        )
    except jwt.InvalidTokenError as error:
        raise Refused(401, f"The PlatformAccessToken is not valid: {error}") from error


ROUTES = (web.post("/register/api/v1/parties/nameslookup", json_endpoint("register", _names)),)
