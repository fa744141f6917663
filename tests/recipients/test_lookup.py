"""The whole look-up: Profile about everybody, Authorization about the users it names."""

import asyncio
from typing import Any

import pytest
from aiohttp import web
from pytest_django import Settings

from recipients import lookup
from recipients.lookup import ContactPoints, Organization, Person, Resource, User
from recipients.registers import RegisterUnavailable
from tests.recipients.conftest import (
    DECISION,
    ORGANIZATIONS,
    PERSONS,
    SELF_IDENTIFIED,
    USERS,
)
from tests.recipients.local_server import Call, LocalServer, never

KARI, OLA, UKJENT = "11876995923", "16069412345", "00000000000"
BEDRIFTEN, BUTIKKEN, FORENINGEN = "311000179", "311000180", "311000181"
PARTIES = {BEDRIFTEN: 500, BUTIKKEN: 501, FORENINGEN: 502}
RESOURCE = Resource(id="app_ttd_apps-test", action="read")
OTHER_RESOURCE = Resource(id="urn:altinn:resource:another", action="sign")


@pytest.fixture
def profile(registers: LocalServer) -> LocalServer:
    """Profile knows Kari (reserved) and Ola; Bedriften by its own addresses and its users, and
    Butikken by its users only. Authorization permits users with even ids."""
    registers.answer(
        PERSONS,
        lambda call: {
            "contactPointsList": [
                {
                    "nationalIdentityNumber": number,
                    "isReserved": number == KARI,
                    "email": f"{number}@b.no",
                    "mobileNumber": "99315000",
                }
                for number in call.body["nationalIdentityNumbers"]
                if number != UKJENT
            ]
        },
    )
    registers.answer(
        ORGANIZATIONS,
        lambda call: {
            "contactPointsList": [
                {
                    "organizationNumber": BEDRIFTEN,
                    "partyId": 0,
                    "emailList": ["post@b.no"],
                    "mobileNumberList": ["99315001"],
                }
            ]
            if BEDRIFTEN in call.body["organizationNumbers"]
            else []
        },
    )
    registers.answer(USERS, users)
    registers.answer(DECISION, permit_even_users)
    return registers


def users(call: Call) -> object:
    return {
        "contactPointsList": [
            {
                "organizationNumber": number,
                "partyId": PARTIES[number],
                "userContactPoints": [
                    {"userId": user_id, "email": f"{user_id}@b.no", "mobileNumber": ""}
                    for user_id in (20, 21, 22)
                ],
            }
            for number in call.body["organizationNumbers"]
            if number in (BEDRIFTEN, BUTIKKEN)
        ]
    }


def permit_even_users(call: Call) -> object:
    return {
        "response": [
            decision(*reference["referenceId"])
            for reference in call.body["request"]["multiRequests"]["requestReference"]
        ]
    }


def decision(subject: str, action: str, resource: str) -> dict[str, Any]:
    user_id, party_id = subject.removeprefix("subject"), resource.removeprefix("resource")
    return {
        "decision": "Permit" if int(user_id) % 2 == 0 else "Deny",
        "category": [
            {"attribute": [{"attributeId": "urn:altinn:userid", "value": user_id}]},
            {"attribute": [{"attributeId": "urn:altinn:partyid", "value": party_id}]},
        ],
    }


def paths(server: LocalServer) -> list[str]:
    return sorted(call.path for call in server.calls)


def test_persons_are_found_by_their_number(profile: LocalServer) -> None:
    found = lookup.look_up(persons=[KARI, OLA, UKJENT], organizations=[])
    assert found.person(KARI) == Person(KARI, True, f"{KARI}@b.no", "+4799315000")
    assert found.person(OLA) == Person(OLA, False, f"{OLA}@b.no", "+4799315000")
    assert found.person(UKJENT) is None
    assert paths(profile) == [PERSONS]


def test_an_organization_without_resource_has_its_own_addresses_only(profile: LocalServer) -> None:
    found = lookup.look_up(persons=[], organizations=[(BEDRIFTEN, None), (BUTIKKEN, None)])
    assert found.organization(BEDRIFTEN, None) == Organization(
        BEDRIFTEN, ("post@b.no",), ("+4799315001",), ()
    )
    assert found.organization(BUTIKKEN, None) is None
    assert paths(profile) == [ORGANIZATIONS]


def test_an_organization_with_a_resource_has_its_permitted_users_too(profile: LocalServer) -> None:
    found = lookup.look_up(persons=[], organizations=[(BEDRIFTEN, RESOURCE)])
    organization = found.organization(BEDRIFTEN, RESOURCE)
    assert organization is not None
    assert organization.email_addresses == ("post@b.no",)
    assert organization.users == (User(20, "20@b.no", ""), User(22, "22@b.no", ""))
    assert found.organization(BEDRIFTEN, None) is None  # not asked for


def test_an_organization_may_be_reachable_through_its_users_only(profile: LocalServer) -> None:
    found = lookup.look_up(persons=[], organizations=[(BUTIKKEN, RESOURCE)])
    organization = found.organization(BUTIKKEN, RESOURCE)
    assert organization is not None
    assert (organization.email_addresses, organization.mobile_numbers) == ((), ())
    assert [user.user_id for user in organization.users] == [20, 22]


def test_an_organization_whose_users_are_all_refused_is_not_reachable(
    profile: LocalServer,
) -> None:
    profile.answer(DECISION, {"response": []})
    found = lookup.look_up(persons=[], organizations=[(BUTIKKEN, RESOURCE)])
    assert found.organization(BUTIKKEN, RESOURCE) is None


def test_organizations_of_one_resource_share_their_calls(profile: LocalServer) -> None:
    lookup.look_up(
        persons=[OLA],
        organizations=[(BEDRIFTEN, RESOURCE), (BUTIKKEN, RESOURCE), (FORENINGEN, RESOURCE)],
    )
    assert paths(profile) == sorted([PERSONS, ORGANIZATIONS, USERS, DECISION])
    (asked,) = profile.bodies(USERS)
    assert asked["resourceId"] == "app_ttd_apps-test"
    assert sorted(asked["organizationNumbers"]) == [BEDRIFTEN, BUTIKKEN, FORENINGEN]
    (decided,) = profile.bodies(DECISION)
    assert len(decided["request"]["multiRequests"]["requestReference"]) == 6


def test_each_resource_is_asked_for_by_itself(profile: LocalServer) -> None:
    def permit_for_another_only(call: Call) -> object:
        (action,) = call.body["request"]["action"]
        return (
            permit_even_users(call)
            if action["attribute"][0]["value"] == "sign"
            else {"response": []}
        )

    profile.answer(DECISION, permit_for_another_only)
    found = lookup.look_up(
        persons=[],
        organizations=[(BEDRIFTEN, RESOURCE), (BEDRIFTEN, OTHER_RESOURCE), (BEDRIFTEN, None)],
    )
    assert {body["resourceId"] for body in profile.bodies(USERS)} == {
        "app_ttd_apps-test",
        "another",
    }
    counted = [
        len(organization.users)
        for resource in (RESOURCE, OTHER_RESOURCE, None)
        if (organization := found.organization(BEDRIFTEN, resource))
    ]
    assert counted == [0, 2, 0]


@pytest.mark.parametrize("blank", ["", "  ", "urn:altinn:resource:"])
def test_a_blank_resource_is_no_resource(profile: LocalServer, blank: str) -> None:
    resource = Resource(id=blank, action="read")
    found = lookup.look_up(persons=[], organizations=[(BEDRIFTEN, resource)])
    assert paths(profile) == [ORGANIZATIONS]
    assert found.organization(BEDRIFTEN, resource) is not None


def test_nothing_is_asked_when_nobody_is_looked_up(profile: LocalServer) -> None:
    assert lookup.look_up(persons=[], organizations=[]) == ContactPoints({}, {})
    assert profile.calls == []


def test_all_questions_to_profile_are_asked_at_once(profile: LocalServer) -> None:
    """Each of the three waits for the two others."""
    everybody = asyncio.Barrier(3)

    def meeting(answer: object) -> Any:
        async def wait(call: Call) -> object:
            await everybody.wait()
            return answer

        return wait

    for path in (PERSONS, ORGANIZATIONS, USERS):
        profile.answer(path, meeting({"contactPointsList": []}))
    lookup.look_up(persons=[KARI], organizations=[(BEDRIFTEN, RESOURCE)])
    assert len(profile.calls) == 3


@pytest.mark.parametrize(
    ("path", "register"),
    [
        (PERSONS, "Profile"),
        (ORGANIZATIONS, "Profile"),
        (USERS, "Profile"),
        (DECISION, "Authorization"),
    ],
)
@pytest.mark.parametrize("trouble", ["status", "shape", "silence"])
def test_without_any_one_register_nothing_is_found(
    profile: LocalServer, settings: Settings, path: str, register: str, trouble: str
) -> None:
    settings.REGISTER_CALL_TIMEOUT = 0.3
    answers = {"status": lambda call: web.Response(status=500), "shape": {}, "silence": never}
    profile.answer(path, answers[trouble])
    with pytest.raises(RegisterUnavailable) as raised:
        lookup.look_up(persons=[KARI], organizations=[(BEDRIFTEN, RESOURCE)])
    assert raised.value.register == register


def test_the_whole_look_up_has_a_time_limit(profile: LocalServer, settings: Settings) -> None:
    settings.LOOK_UP_TIMEOUT = 0.2
    profile.answer(PERSONS, never)
    with pytest.raises(RegisterUnavailable, match=r"more than 0\.2 seconds"):
        lookup.look_up(persons=[KARI], organizations=[])


def test_many_resources_do_not_ask_all_at_once(profile: LocalServer) -> None:
    async def take_time(call: Call) -> object:
        await asyncio.sleep(0.01)
        return users(call)

    profile.answer(USERS, take_time)
    lookup.look_up(
        persons=[],
        organizations=[(BEDRIFTEN, Resource(f"resource-{n}", "read")) for n in range(100)],
    )
    assert len(profile.bodies(USERS)) == len(profile.bodies(DECISION)) == 100
    assert profile.most_at_once <= 9  # eight resources, beside the official addresses


def test_a_large_order_is_looked_up_in_batches(profile: LocalServer) -> None:
    persons = [f"{number:011}" for number in range(20_000)]
    found = lookup.look_up(persons=persons, organizations=[])
    assert found.person(persons[-1]) is not None
    assert len(found.persons) == 19_999  # one of them is unknown
    assert len(profile.bodies(PERSONS)) == 20


@pytest.mark.parametrize("said", [(True, False), (False, True), (False, True, False)])
def test_who_is_said_to_be_reserved_once_is_reserved(
    profile: LocalServer, said: tuple[bool, ...]
) -> None:
    entries = [{"nationalIdentityNumber": KARI, "isReserved": reserved} for reserved in said]
    profile.answer(PERSONS, {"contactPointsList": entries})
    found = lookup.look_up(persons=[KARI], organizations=[]).person(KARI)
    assert found is not None
    assert found.is_reserved


def test_each_person_is_asked_for_with_or_without_stale_addresses(profile: LocalServer) -> None:
    found = lookup.look_up(persons=[KARI], persons_with_stale=[OLA], organizations=[])
    assert found.person(KARI) is not None
    assert found.person(KARI, with_stale=True) is None
    assert found.person(OLA) is None
    assert found.person(OLA, with_stale=True) is not None
    asked = sorted(profile.bodies(PERSONS), key=lambda body: str(body))
    assert [(b["nationalIdentityNumbers"], b["useStaleContactInfo"]) for b in asked] == [
        ([KARI], False),
        ([OLA], True),
    ]


def test_somebody_with_another_log_in_is_found_in_any_letter_case(profile: LocalServer) -> None:
    urn = "urn:altinn:party:username:Sunniva"
    entry = {"externalIdentity": urn.lower(), "email": "s@n.no", "mobileNumber": "22334455"}
    profile.answer(SELF_IDENTIFIED, {"contactPointsList": [entry]})
    found = lookup.look_up(persons=[], organizations=[], external_identities=[urn])
    somebody = found.external(urn)
    assert somebody is not None
    assert (somebody.email_address, somebody.mobile_number) == ("s@n.no", "")
    assert somebody.unusable == (False, True)
    assert found.external("urn:altinn:party:username:nobody") is None
    assert profile.bodies(PERSONS) == []
