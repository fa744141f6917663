"""Profile answers as the real one: who is known, what is outdated, and what it refuses."""

from typing import Any

import pytest

from script.launcher.system.simulators import Simulators
from tests.outside.conftest import ask

SEED_PERSON = "11876995923"
SEED_ORGANIZATION = "311000179"
PERSONS = "users/contactpoint/lookup"
ORGANIZATIONS = "organizations/notificationaddresses/lookup"
SELF_IDENTIFIED = "users/contactpoint/lookupsi"
USERS = "units/contactpoint/lookup"


def look_up(simulators: Simulators, path: str, **body: object) -> list[dict[str, Any]]:
    answer = ask("POST", simulators.environment["PROFILE_URL"] + path, body)
    assert answer.status == 200
    points: list[dict[str, Any]] = answer.json["contactPointsList"]
    return points


def persons(simulators: Simulators, *numbers: str, stale: bool = False) -> list[dict[str, Any]]:
    asked = list(numbers)
    return look_up(simulators, PERSONS, nationalIdentityNumbers=asked, useStaleContactInfo=stale)


def test_the_person_of_the_seed_pages_is_reserved_and_reachable(simulators: Simulators) -> None:
    (point,) = persons(simulators, SEED_PERSON)
    assert point["isReserved"] is True
    assert point["email"]
    assert point["mobileNumber"]


def test_the_organisations_of_the_seed_pages_are_reachable(simulators: Simulators) -> None:
    asked = [SEED_ORGANIZATION, "312508729"]
    first, second = look_up(simulators, ORGANIZATIONS, organizationNumbers=asked)
    assert first["mobileNumberList"]
    assert first["emailList"]
    assert first["partyId"] == 0
    assert (second["mobileNumberList"], bool(second["emailList"])) == ([], True)


def test_other_log_ins_are_known_in_any_letter_case(simulators: Simulators) -> None:
    asked = ["urn:altinn:party:username:Sunniva", "urn:altinn:party:username:nobody"]
    (point,) = look_up(simulators, SELF_IDENTIFIED, externalIdentities=asked)
    assert point["externalIdentity"] == asked[0]
    assert point["email"]
    assert point["mobileNumber"]


def test_the_address_in_a_log_in_is_used_where_none_is_registered(simulators: Simulators) -> None:
    urn = "urn:altinn:person:idporten-email:kari%2Bx@post.example"
    (point,) = look_up(simulators, SELF_IDENTIFIED, externalIdentities=[urn])
    assert (point["email"], point["mobileNumber"]) == ("kari+x@post.example", None)


def test_one_log_in_of_an_unknown_kind_is_a_400_for_all(simulators: Simulators) -> None:
    asked = ["urn:altinn:party:username:sunniva", "urn:elsewhere:sunniva"]
    url = simulators.environment["PROFILE_URL"] + SELF_IDENTIFIED
    assert ask("POST", url, {"externalIdentities": asked}).status == 400


def test_unknown_persons_and_organisations_are_absent(simulators: Simulators) -> None:
    assert persons(simulators, "00000000000") == []
    assert look_up(simulators, ORGANIZATIONS, organizationNumbers=["000000000"]) == []


def test_what_is_outdated_is_blank_unless_stale_is_asked_for(simulators: Simulators) -> None:
    (point,) = persons(simulators, "21848510170")
    assert (point["email"], point["mobileNumber"]) == ("", "+4793000017")
    (point,) = persons(simulators, "21848510170", stale=True)
    assert point["email"] == "halvdan@post.example"


def test_a_person_with_everything_outdated_is_left_out(simulators: Simulators) -> None:
    assert persons(simulators, "20848410110") == []
    assert len(persons(simulators, "20848410110", stale=True)) == 1


def test_users_are_those_who_asked_about_the_resource_or_about_all(simulators: Simulators) -> None:
    numbers = [SEED_ORGANIZATION, "313200000"]
    of_seed, of_other = look_up(
        simulators, USERS, organizationNumbers=numbers, resourceId="app_ttd_apps-test"
    )
    assert [user["userId"] for user in of_seed["userContactPoints"]] == [20, 21]
    assert [user["userId"] for user in of_other["userContactPoints"]] == [30, 31]
    assert of_seed["partyId"] not in (0, int(SEED_ORGANIZATION))
    (only,) = look_up(simulators, USERS, organizationNumbers=numbers, resourceId="another")
    assert [user["userId"] for user in only["userContactPoints"]] == [30]


def test_generated_persons_follow_from_their_number(simulators: Simulators) -> None:
    (point,) = persons(simulators, "90001234567")
    assert point["mobileNumber"] == "+4791234567"
    assert point["email"] == "innbygger.1234567@folk.example"
    assert persons(simulators, "90009000000") == []


def test_generated_organisations_follow_from_their_number(simulators: Simulators) -> None:
    (point,) = look_up(simulators, ORGANIZATIONS, organizationNumbers=["500123456"])
    assert point["mobileNumberList"] == ["+4746123456"]
    assert point["emailList"] == ["post.123456@virksomhet.example"]


@pytest.mark.parametrize(
    ("path", "member", "numbers"),
    [
        (PERSONS, "nationalIdentityNumbers", [SEED_PERSON, "1187699592"]),
        (PERSONS, "nationalIdentityNumbers", [SEED_PERSON, "1187699592x"]),
        (PERSONS, "nationalIdentityNumbers", [""]),
        (PERSONS, "nationalIdentityNumbers", [11876995923]),
        (PERSONS, "somethingElse", [SEED_PERSON]),
        (PERSONS, "nationalIdentityNumbers", [f"9000{number:07d}" for number in range(1001)]),
        (ORGANIZATIONS, "organizationNumbers", [SEED_ORGANIZATION, " "]),
        (ORGANIZATIONS, "organizationNumbers", [f"500{number:06d}" for number in range(1001)]),
        (USERS, "organizationNumbers", [SEED_ORGANIZATION]),
    ],
)
def test_a_call_with_anything_wrong_in_it_fails_as_a_whole(
    simulators: Simulators, path: str, member: str, numbers: list[object]
) -> None:
    answer = ask("POST", simulators.environment["PROFILE_URL"] + path, {member: numbers})
    assert answer.status == 400


def test_a_thousand_fit_in_a_call_and_the_call_is_recorded(simulators: Simulators) -> None:
    numbers = [f"9000{number:07d}" for number in range(1000)]
    assert len(persons(simulators, *numbers)) == 1000
    (call,) = simulators.calls("profile")
    assert (call["size"], call["status"]) == (1000, 200)
    assert call["operation"].endswith(PERSONS)
