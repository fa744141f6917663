"""Authorization: who may do what for which organisation, asked in the XACML JSON profile."""

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.simulators.answering import JsonObject, Refused, json_endpoint
from tests.simulators.world import World

USER_ID = "urn:altinn:userid"
PARTY_ID = "urn:altinn:partyid"
RESOURCE = "urn:altinn:resource"
ORG = "urn:altinn:org"
APP = "urn:altinn:app"
ACTION = "urn:oasis:names:tc:xacml:1.0:action:action-id"

_CATEGORY_IDS = {
    "accessSubject": "urn:oasis:names:tc:xacml:1.0:subject-category:access-subject",
    "action": "urn:oasis:names:tc:xacml:3.0:attribute-category:action",
    "resource": "urn:oasis:names:tc:xacml:3.0:attribute-category:resource",
}
_STATUS_OK = {"statusCode": {"value": "urn:oasis:names:tc:xacml:1.0:status:ok"}}
_OBLIGATIONS = [
    {
        "id": "urn:altinn:obligation:authenticationLevel1",
        "attributeAssignment": [
            {
                "attributeId": "urn:altinn:obligation1-assignment1",
                "value": "2",
                "category": "urn:altinn:minimum-authenticationlevel",
                "dataType": "http://www.w3.org/2001/XMLSchema#integer",
            }
        ],
    }
]
"""The real one asks for a level of log-in with every permit; callers here have no use for it."""


@dataclass(frozen=True, slots=True)
class Category:
    """One subject, action or resource of the question."""

    category_id: str
    attributes: tuple[JsonObject, ...]

    def value(self, attribute_id: str) -> str:
        for attribute in self.attributes:
            if attribute.get("attributeId") == attribute_id:
                return str(attribute.get("value", ""))
        return ""

    def as_json(self) -> JsonObject:
        included = [entry for entry in self.attributes if entry.get("includeInResult") is True]
        return {"categoryId": self.category_id, "attribute": included}


def _decide(world: World, request: web.Request, body: JsonObject) -> tuple[int, JsonObject]:
    if request.headers.get("Ocp-Apim-Subscription-Key") != world.settings.authorization_key:
        raise Refused(401, "Access denied due to missing or invalid subscription key.")
    question = body.get("request")
    if not isinstance(question, dict):
        raise Refused(400, "'request' is missing.")
    categories = dict(_categories(question))
    references = _references(question, categories)
    response = [_decision(world, [categories[name] for name in names]) for names in references]
    return len(response), {"response": response}


def _categories(question: JsonObject) -> list[tuple[str, Category]]:
    found = []
    for kind, category_id in _CATEGORY_IDS.items():
        for entry in _list(question, kind):
            attributes = tuple(_list(entry, "attribute"))
            if not all(attribute.get("issuer") == "Altinn" for attribute in attributes):
                raise Refused(400, "Every attribute needs the issuer Altinn.")
            found.append((str(entry.get("id")), Category(category_id, attributes)))
    return found


def _references(question: JsonObject, categories: dict[str, Category]) -> list[list[str]]:
    multi_requests = question.get("multiRequests")
    if not isinstance(multi_requests, dict):
        return [list(categories)]
    references = [
        entry.get("referenceId") or [] for entry in _list(multi_requests, "requestReference")
    ]
    for name in (name for names in references for name in names):
        if name not in categories:
            raise Refused(400, f"Nothing in the request has the id '{name}'.")
    return references


def _decision(world: World, categories: list[Category]) -> JsonObject:
    decision = _verdict(world, categories)
    return {
        "decision": decision,
        "status": _STATUS_OK,
        "obligations": _OBLIGATIONS if decision == "Permit" else None,
        "category": [
            category.as_json()
            for category in categories
            if category.category_id != _CATEGORY_IDS["action"]
        ],
    }


def _verdict(world: World, categories: list[Category]) -> str:
    user_id = _value(categories, USER_ID)
    party_id = _value(categories, PARTY_ID)
    if not user_id.isdecimal() or not party_id.isdecimal():
        return "Indeterminate"
    resource = _value(categories, RESOURCE)
    if not resource:
        resource = f"app_{_value(categories, ORG)}_{_value(categories, APP)}"
    organization = world.registers.organization_of_party(int(party_id))
    users = organization.users if organization else ()
    user = next((user for user in users if user.user_id == int(user_id)), None)
    if user is None:
        return "NotApplicable"
    return "Permit" if user.may(_value(categories, ACTION), resource) else "Deny"


def _value(categories: list[Category], attribute_id: str) -> str:
    return next(filter(None, (category.value(attribute_id) for category in categories)), "")


def _list(parent: JsonObject, member: str) -> list[Any]:
    found = parent.get(member)
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise Refused(400, f"'{member}' is missing or not a list of objects.")
    return found


ROUTES = (web.post("/authorization/api/v1/decision", json_endpoint("authorization", _decide)),)
