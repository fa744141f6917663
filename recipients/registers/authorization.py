"""Authorization: who may act for an organisation on a resource (XACML, JSON profile)."""

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from django.conf import settings

from recipients.registers import answers
from recipients.registers.calls import ask_in_batches, post
from recipients.resources import Resource

REGISTER = "Authorization"
BATCH_SIZE = 500

_STRING = "http://www.w3.org/2001/XMLSchema#string"
_ACTION_ID = "urn:oasis:names:tc:xacml:1.0:action:action-id"
_USER_ID = "urn:altinn:userid"
_PARTY_ID = "urn:altinn:partyid"
_ID = re.compile(r"[0-9]{1,19}")


class UserOfParty(NamedTuple):
    """A user and the organisation (by its party id) that the user would act for."""

    user_id: int
    party_id: int


async def permitted(pairs: Collection[UserOfParty], *, resource: Resource) -> set[UserOfParty]:
    """Those of the pairs that get a plain Permit. Obligations are not looked at.

    Raises RegisterUnavailable, about party ids, and then nothing is known of any pair.
    """

    async def ask(batch: Sequence[UserOfParty]) -> set[UserOfParty]:
        answer = await post(
            register=REGISTER,
            base_url=settings.AUTHORIZATION_URL,
            path="decision",
            headers={"Ocp-Apim-Subscription-Key": settings.AUTHORIZATION_KEY},
            body=_question(batch, resource=resource),
        )
        with answers.reading(REGISTER):
            return _permits(answer).intersection(batch)

    batches = await ask_in_batches(
        pairs,
        register=REGISTER,
        size=BATCH_SIZE,
        ask=ask,
        masked=lambda pair: f"party {pair.party_id}",
        identifier=lambda pair: str(pair.party_id),
    )
    return set().union(*batches)


def _question(pairs: Sequence[UserOfParty], *, resource: Resource) -> object:
    subjects = [
        {
            "id": f"subject{user_id}",
            "attribute": [_attribute(_USER_ID, str(user_id), include_in_result=True)],
        }
        for user_id in dict.fromkeys(pair.user_id for pair in pairs)
    ]
    resources = [
        {
            "id": f"resource{party_id}",
            "attribute": [
                *_resource_attributes(resource.plain_id),
                _attribute(_PARTY_ID, str(party_id), include_in_result=True),
            ],
        }
        for party_id in dict.fromkeys(pair.party_id for pair in pairs)
    ]
    action = _attribute(_ACTION_ID, resource.action.strip() or "read", data_type="string")
    references = [
        {"referenceId": [f"subject{pair.user_id}", "action", f"resource{pair.party_id}"]}
        for pair in pairs
    ]
    return {
        "request": {
            "returnPolicyIdList": False,
            "combinedDecision": False,
            "accessSubject": subjects,
            "action": [{"id": "action", "attribute": [action]}],
            "resource": resources,
            "multiRequests": {"requestReference": references},
        }
    }


def _resource_attributes(resource_id: str) -> list[dict[str, object]]:
    """An Altinn app is named by its owner and its name, `app_{org}_{app}`; only the owner's part
    is sure to hold no underscore."""
    parts = resource_id.split("_", 2)
    if len(parts) == 3 and parts[0] == "app" and all(parts):
        return [
            _attribute("urn:altinn:org", parts[1]),
            _attribute("urn:altinn:app", parts[2]),
        ]
    return [_attribute("urn:altinn:resource", resource_id)]


def _attribute(
    attribute_id: str, value: str, *, data_type: str = _STRING, include_in_result: bool = False
) -> dict[str, object]:
    attribute: dict[str, object] = {
        "attributeId": attribute_id,
        "value": value,
        "issuer": "Altinn",
        "dataType": data_type,
    }
    if include_in_result:
        attribute["includeInResult"] = True
    return attribute


def _permits(answer: object) -> set[UserOfParty]:
    permits = set()
    for result in answers.objects(answer, "response"):
        if answers.identifier(result, "decision") != "Permit":
            continue
        values = {
            answers.text(attribute, "attributeId"): answers.text(attribute, "value")
            for category in answers.objects(result, "category")
            for attribute in answers.objects_if_any(category, "attribute")
        }
        user_id, party_id = values.get(_USER_ID, ""), values.get(_PARTY_ID, "")
        if not (_ID.fullmatch(user_id) and _ID.fullmatch(party_id)):
            raise answers.NotAsAgreed("a Permit does not say whom it is for")
        permits.add(UserOfParty(int(user_id), int(party_id)))
    return permits
