"""Look-ups and tokens against the simulated registers, which check what they are asked."""

import pytest
from pytest_django import Settings

from recipients import lookup, names
from recipients.addresses import Unusable
from recipients.lookup import Organization, Person, Resource, User
from recipients.registers import RegisterUnavailable
from recipients.registers.tokens import condition_check_token
from runtime.web import outgoing
from script.launcher.system.simulators import Simulators

APPS_TEST = Resource(id="urn:altinn:resource:app_ttd_apps-test", action="read")


def test_persons_and_organizations_are_found_with_their_users(simulators: Simulators) -> None:
    simulators.add_person(
        "11876995923", isReserved=True, email="rakel@post.example", mobileNumber="93000001"
    )
    simulators.add_organization(
        "311000179",
        emailList=["post@fjellheim.example", "POST@fjellheim.example"],
        mobileNumberList=["94000001", "+4794000001", "22334455"],
        userContactPoints=[
            {"userId": 20, "email": "leder@fjellheim.example", "mobileNumber": "004794000011"},
            {"userId": 21, "email": "sluttet@fjellheim.example", "permitted": False},
            {"userId": 22, "email": "post@fjellheim.example", "mobileNumber": "94000012"},
        ],
    )
    found = lookup.look_up(
        persons=["11876995923", "00000000000"],
        organizations=[("311000179", APPS_TEST), ("999999999", APPS_TEST)],
    )
    assert found.person("11876995923") == Person(
        "11876995923", True, "rakel@post.example", "+4793000001"
    )
    assert found.person("00000000000") is None
    assert found.organization("311000179", APPS_TEST) == Organization(
        "311000179",
        ("post@fjellheim.example",),
        ("+4794000001",),
        (
            User(20, "leder@fjellheim.example", "+4794000011"),
            User(22, "post@fjellheim.example", "+4794000012"),
        ),
        Unusable(mobile=True),
    )
    assert found.organization("999999999", APPS_TEST) is None


def test_names_are_found_with_our_platform_token(simulators: Simulators) -> None:
    simulators.add_person("11876995923", name="Rakel Bjørnstad")
    simulators.add_organization("311000179", name="Fjellheim AS")
    found = names.look_up(persons=["11876995923"], organizations=["311000179", "999999999"])
    assert found.of_person("11876995923") == "Rakel Bjørnstad"
    assert found.of_organization("311000179") == "Fjellheim AS"
    assert found.of_organization("999999999") == ""


def test_a_number_that_profile_refuses_is_unknown(simulators: Simulators) -> None:
    simulators.add_person("11876995923", email="rakel@post.example")
    found = lookup.look_up(persons=["no number", "11876995923"], organizations=[])
    assert found.person("no number") is None
    assert found.person("11876995923") is not None


@pytest.mark.parametrize("mode", ["error500", "bad-json", "time-out"])
def test_a_register_in_trouble_is_unavailable(
    simulators: Simulators, settings: Settings, mode: str
) -> None:
    settings.REGISTER_CALL_TIMEOUT = 0.5
    simulators.fault("profile", mode)
    with pytest.raises(RegisterUnavailable):
        lookup.look_up(persons=["11876995923"], organizations=[])


def test_a_condition_endpoint_takes_our_token(simulators: Simulators) -> None:
    async def status() -> int:
        async with outgoing.session().get(
            f"{simulators.url}/condition/true",
            headers={"Authorization": f"Bearer {await condition_check_token()}"},
        ) as response:
            return response.status

    assert outgoing.run(status(), timeout=20) == 200
