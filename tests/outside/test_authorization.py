"""Authorization decides each reference of a XACML request by itself."""

from typing import Any

import pytest

from script.launcher.system.simulators import Simulators
from tests.outside.conftest import Answer, ask

SEED_PARTY = 1_000_000_000 - 311000179
OTHER_PARTY = 1_000_000_000 - 313200000


def attribute(name: str, value: object, **members: object) -> dict[str, object]:
    return {"attributeId": name, "value": str(value), "issuer": "Altinn"} | members


def decide(
    simulators: Simulators,
    pairs: list[tuple[int, int]],
    *,
    resource: list[dict[str, object]],
    action: str = "read",
    key: str = "subscription-key",
) -> Answer:
    users, parties = {user for user, _ in pairs}, {party for _, party in pairs}
    subjects = [
        {
            "id": f"subject{user}",
            "attribute": [attribute("urn:altinn:userid", user, includeInResult=True)],
        }
        for user in users
    ]
    resources = [
        {
            "id": f"resource{party}",
            "attribute": [
                *resource,
                attribute("urn:altinn:partyid", party, includeInResult=True),
            ],
        }
        for party in parties
    ]
    action_id = attribute("urn:oasis:names:tc:xacml:1.0:action:action-id", action)
    references = [
        {"referenceId": [f"subject{user}", "action", f"resource{party}"]} for user, party in pairs
    ]
    document = {
        "returnPolicyIdList": False,
        "combinedDecision": False,
        "accessSubject": subjects,
        "action": [{"id": "action", "attribute": [action_id]}],
        "resource": resources,
        "multiRequests": {"requestReference": references},
    }
    url = simulators.environment["AUTHORIZATION_URL"] + "decision"
    return ask("POST", url, {"request": document}, {"Ocp-Apim-Subscription-Key": key})


def app(org: str, name: str) -> list[dict[str, object]]:
    return [attribute("urn:altinn:org", org), attribute("urn:altinn:app", name)]


def decisions(answer: Answer) -> list[tuple[str, int, int]]:
    """Decision, user and party of each result, told by the attributes included in it."""

    def included(entry: dict[str, Any], attribute_id: str) -> int:
        return next(
            int(attribute["value"])
            for category in entry["category"]
            for attribute in category["attribute"]
            if attribute["attributeId"] == attribute_id
        )

    return [
        (
            entry["decision"],
            included(entry, "urn:altinn:userid"),
            included(entry, "urn:altinn:partyid"),
        )
        for entry in answer.json["response"]
    ]


def test_each_reference_gets_its_own_decision(simulators: Simulators) -> None:
    pairs = [
        (20, SEED_PARTY),
        (21, SEED_PARTY),
        (22, SEED_PARTY),
        (30, OTHER_PARTY),
        (20, OTHER_PARTY),
    ]
    answer = decide(simulators, pairs, resource=app("ttd", "apps-test"))
    assert decisions(answer) == [
        ("Permit", 20, SEED_PARTY),
        ("Deny", 21, SEED_PARTY),
        ("Deny", 22, SEED_PARTY),
        ("Permit", 30, OTHER_PARTY),
        ("NotApplicable", 20, OTHER_PARTY),
    ]


@pytest.mark.parametrize(("action", "decision"), [("read", "Permit"), ("write", "Deny")])
def test_the_action_counts_where_the_user_has_a_list_of_them(
    simulators: Simulators, action: str, decision: str
) -> None:
    answer = decide(
        simulators, [(31, OTHER_PARTY)], resource=app("ttd", "apps-test"), action=action
    )
    assert decisions(answer) == [(decision, 31, OTHER_PARTY)]


def test_a_resource_of_the_register_comes_under_its_own_id(simulators: Simulators) -> None:
    user = {"userId": 77, "email": "a@post.example", "resources": ["skatt-oppgave"]}
    simulators.add_organization("999999999", name="Ny AS", userContactPoints=[user])
    resource = [attribute("urn:altinn:resource", "skatt-oppgave")]
    assert decisions(decide(simulators, [(77, 1)], resource=resource)) == [("Permit", 77, 1)]


def test_a_wrong_subscription_key_is_refused(simulators: Simulators) -> None:
    answer = decide(simulators, [(20, SEED_PARTY)], resource=app("ttd", "x"), key="wrong")
    assert answer.status == 401


def test_an_attribute_without_issuer_is_refused(simulators: Simulators) -> None:
    resource: list[dict[str, object]] = [{"attributeId": "urn:altinn:resource", "value": "x"}]
    assert decide(simulators, [(20, SEED_PARTY)], resource=resource).status == 400
