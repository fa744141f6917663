"""Authorization's decisions in their wire format (XACML, JSON profile)."""

from collections.abc import Iterable
from typing import Any

import pytest
from aiohttp import web

from recipients.registers import RegisterUnavailable, authorization
from recipients.registers.authorization import UserOfParty
from recipients.resources import Resource
from runtime.web import outgoing
from tests.recipients.conftest import DECISION
from tests.recipients.local_server import Call, LocalServer

STRING = "http://www.w3.org/2001/XMLSchema#string"
RESOURCE = Resource(id="a-resource", action="read")


def ask(pairs: Iterable[tuple[int, int]], *, resource: Resource = RESOURCE) -> set[UserOfParty]:
    return outgoing.run(
        authorization.permitted([UserOfParty(*pair) for pair in pairs], resource=resource),
        timeout=20,
    )


def result(decision: str, user_id: object, party_id: object) -> dict[str, Any]:
    return {
        "decision": decision,
        "status": None,
        "obligations": None,
        "category": [
            {
                "categoryId": "urn:oasis:names:tc:xacml:1.0:subject-category:access-subject",
                "attribute": [{"attributeId": "urn:altinn:userid", "value": user_id}],
            },
            {
                "categoryId": "urn:oasis:names:tc:xacml:3.0:attribute-category:resource",
                "attribute": [
                    {"attributeId": "urn:altinn:resource", "value": "a-resource"},
                    {"attributeId": "urn:altinn:partyid", "value": party_id},
                ],
            },
        ],
    }


def permit_all(call: Call) -> object:
    answers = []
    for reference in call.body["request"]["multiRequests"]["requestReference"]:
        subject, _, resource = reference["referenceId"]
        answers.append(
            result("Permit", subject.removeprefix("subject"), resource.removeprefix("resource"))
        )
    return {"response": answers}


def test_the_question_is_written_as_authorization_reads_it(registers: LocalServer) -> None:
    registers.answer(DECISION, permit_all)
    assert ask([(20, 500), (21, 500), (20, 501)]) == {(20, 500), (21, 500), (20, 501)}

    def subject(user_id: int) -> object:
        return {
            "id": f"subject{user_id}",
            "attribute": [
                {
                    "attributeId": "urn:altinn:userid",
                    "value": str(user_id),
                    "issuer": "Altinn",
                    "dataType": STRING,
                    "includeInResult": True,
                }
            ],
        }

    def resource(party_id: int) -> object:
        return {
            "id": f"resource{party_id}",
            "attribute": [
                {
                    "attributeId": "urn:altinn:resource",
                    "value": "a-resource",
                    "issuer": "Altinn",
                    "dataType": STRING,
                },
                {
                    "attributeId": "urn:altinn:partyid",
                    "value": str(party_id),
                    "issuer": "Altinn",
                    "dataType": STRING,
                    "includeInResult": True,
                },
            ],
        }

    assert registers.bodies(DECISION) == [
        {
            "request": {
                "returnPolicyIdList": False,
                "combinedDecision": False,
                "accessSubject": [subject(20), subject(21)],
                "action": [
                    {
                        "id": "action",
                        "attribute": [
                            {
                                "attributeId": ("urn:oasis:names:tc:xacml:1.0:action:action-id"),
                                "value": "read",
                                "issuer": "Altinn",
                                "dataType": "string",
                            }
                        ],
                    }
                ],
                "resource": [resource(500), resource(501)],
                "multiRequests": {
                    "requestReference": [
                        {"referenceId": ["subject20", "action", "resource500"]},
                        {"referenceId": ["subject21", "action", "resource500"]},
                        {"referenceId": ["subject20", "action", "resource501"]},
                    ]
                },
            }
        }
    ]
    assert registers.calls[0].headers["Ocp-Apim-Subscription-Key"] == "subscription-key"


@pytest.mark.parametrize(
    ("resource_id", "attributes"),
    [
        ("app_ttd_apps-test", {"urn:altinn:org": "ttd", "urn:altinn:app": "apps-test"}),
        ("app_ttd_my_own_app", {"urn:altinn:org": "ttd", "urn:altinn:app": "my_own_app"}),
        (
            "urn:altinn:resource:app_ttd_apps-test",
            {"urn:altinn:org": "ttd", "urn:altinn:app": "apps-test"},
        ),
        ("app_ttd", {"urn:altinn:resource": "app_ttd"}),
        ("app_ttd_", {"urn:altinn:resource": "app_ttd_"}),
        ("app__test", {"urn:altinn:resource": "app__test"}),
        ("application_ttd_test", {"urn:altinn:resource": "application_ttd_test"}),
        ("urn:altinn:resource:plain", {"urn:altinn:resource": "plain"}),
        ("  urn:altinn:resource:plain ", {"urn:altinn:resource": "plain"}),
        ("plain", {"urn:altinn:resource": "plain"}),
    ],
)
def test_a_resource_is_named_by_its_id_and_an_app_by_its_owner_and_name(
    registers: LocalServer, resource_id: str, attributes: dict[str, str]
) -> None:
    ask([(20, 500)], resource=Resource(id=resource_id, action="read"))
    (asked,) = registers.bodies(DECISION)[0]["request"]["resource"]
    named = {entry["attributeId"]: entry["value"] for entry in asked["attribute"]}
    assert named == {**attributes, "urn:altinn:partyid": "500"}


@pytest.mark.parametrize(("action", "asked"), [("read", "read"), (" sign ", "sign"), (" ", "read")])
def test_the_action_is_that_of_the_order_or_read(
    registers: LocalServer, action: str, asked: str
) -> None:
    ask([(20, 500)], resource=Resource(id="plain", action=action))
    (category,) = registers.bodies(DECISION)[0]["request"]["action"]
    assert category["attribute"][0]["value"] == asked


@pytest.mark.parametrize(
    "decision", ["Deny", "NotApplicable", "Indeterminate", "permit", "PERMIT", "Permitted"]
)
def test_only_a_plain_permit_permits(registers: LocalServer, decision: str) -> None:
    registers.answer(
        DECISION, {"response": [result("Permit", "1", "500"), result(decision, "2", "500")]}
    )
    assert ask([(1, 500), (2, 500)]) == {(1, 500)}


def test_a_permit_counts_for_its_own_pair_only(registers: LocalServer) -> None:
    registers.answer(DECISION, {"response": [result("Permit", "1", "501")]})
    assert ask([(1, 500), (2, 501)]) == set()


def test_pairs_are_asked_for_five_hundred_at_a_time(registers: LocalServer) -> None:
    registers.answer(DECISION, permit_all)
    pairs = {(user_id, 500 + user_id % 7) for user_id in range(1_001)}
    assert ask(pairs) == pairs
    sizes = [
        len(body["request"]["multiRequests"]["requestReference"])
        for body in registers.bodies(DECISION)
    ]
    assert sorted(sizes) == [1, 500, 500]


def test_nobody_is_asked_about_when_there_are_no_users(registers: LocalServer) -> None:
    assert ask([]) == set()
    assert registers.calls == []


def test_a_pair_that_authorization_refuses_is_not_permitted(registers: LocalServer) -> None:
    def pick(call: Call) -> object:
        if any(subject["id"] == "subject3" for subject in call.body["request"]["accessSubject"]):
            return web.Response(status=400)
        return permit_all(call)

    registers.answer(DECISION, pick)
    assert ask([(user_id, 500) for user_id in range(6)]) == {
        (user_id, 500) for user_id in (0, 1, 2, 4, 5)
    }


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        {},
        {"response": None},
        {"response": ["Permit"]},
        {"response": [{}]},
        {"response": [{"decision": True}]},
        {"response": [{"decision": "Permit"}]},
        {"response": [{"decision": "Permit", "category": None}]},
        {"response": [{"decision": "Permit", "category": []}]},
        {"response": [{"decision": "Permit", "category": [None]}]},
        {"response": [{"decision": "Permit", "category": [{"attribute": "x"}]}]},
        {"response": [result("Permit", None, "500")]},
        {"response": [result("Permit", "20", None)]},
        {"response": [result("Permit", "kari", "500")]},
        {"response": [result("Permit", 20, "500")]},
    ],
)
def test_decisions_in_another_shape_make_authorization_unavailable(
    registers: LocalServer, answer: object
) -> None:
    registers.answer(DECISION, answer)
    with pytest.raises(RegisterUnavailable, match="not as agreed") as raised:
        ask([(20, 500)])
    assert raised.value.register == "Authorization"


def test_one_failing_batch_leaves_nothing_decided(registers: LocalServer) -> None:
    def fail_the_second(call: Call) -> object:
        if len(registers.calls) == 2:
            return web.Response(status=503)
        return permit_all(call)

    registers.answer(DECISION, fail_the_second)
    with pytest.raises(RegisterUnavailable):
        ask([(user_id, 500) for user_id in range(1_000)])
