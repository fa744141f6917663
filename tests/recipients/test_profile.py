"""Profile's questions in their wire format."""

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from recipients.registers import RegisterUnavailable, profile
from recipients.registers.profile import (
    OrganizationEntry,
    PersonEntry,
    SelfIdentifiedEntry,
    UserEntry,
)
from runtime.web import outgoing
from tests.recipients.conftest import ORGANIZATIONS, PERSONS, SELF_IDENTIFIED, USERS
from tests.recipients.local_server import Call, LocalServer

KARI, OLA = "11876995923", "16069412345"
BEDRIFTEN = "311000179"


def ask_persons(*numbers: str) -> list[PersonEntry]:
    return outgoing.run(profile.persons(numbers), timeout=20)


def test_persons_are_asked_for_and_read_as_profile_writes_them(registers: LocalServer) -> None:
    registers.answer(
        PERSONS,
        {
            "contactPointsList": [
                {
                    "userId": 1,
                    "nationalIdentityNumber": KARI,
                    "isReserved": True,
                    "mobileNumber": "99315000",
                    "email": " kari@example.com ",
                    "emailIsOutdated": False,
                    "mobileNumberIsOutdated": False,
                },
                {"nationalIdentityNumber": OLA, "isReserved": False, "email": None},
            ]
        },
    )
    assert ask_persons(KARI, OLA) == [
        PersonEntry(KARI, is_reserved=True, email="kari@example.com", mobile_number="99315000"),
        PersonEntry(OLA, is_reserved=False, email="", mobile_number=""),
    ]
    assert registers.bodies(PERSONS) == [
        {"nationalIdentityNumbers": [KARI, OLA], "useStaleContactInfo": False}
    ]


def test_stale_addresses_are_asked_for_where_they_will_do(registers: LocalServer) -> None:
    registers.answer(PERSONS, {"contactPointsList": []})
    assert outgoing.run(profile.persons([KARI], with_stale=True), timeout=20) == []
    assert registers.bodies(PERSONS) == [
        {"nationalIdentityNumbers": [KARI], "useStaleContactInfo": True}
    ]


def test_other_log_ins_are_asked_for_as_they_are_written(registers: LocalServer) -> None:
    plus, name = "urn:altinn:person:idporten-email:a%2Bb@n.no", "urn:altinn:party:username:Åse"
    registers.answer(
        SELF_IDENTIFIED,
        {
            "contactPointsList": [
                {"externalIdentity": plus, "email": "a+b@n.no", "mobileNumber": None},
                {"externalIdentity": name, "mobileNumber": "99315000"},
            ]
        },
    )
    assert outgoing.run(profile.self_identified([plus, name]), timeout=20) == [
        SelfIdentifiedEntry(plus, email="a+b@n.no", mobile_number=""),
        SelfIdentifiedEntry(name, email="", mobile_number="99315000"),
    ]
    assert registers.bodies(SELF_IDENTIFIED) == [{"externalIdentities": [plus, name]}]


def test_organizations_are_asked_for_and_read_as_profile_writes_them(
    registers: LocalServer,
) -> None:
    registers.answer(
        ORGANIZATIONS,
        {
            "contactPointsList": [
                {
                    "organizationNumber": BEDRIFTEN,
                    "addressOrigin": "310000000",
                    "partyId": 0,
                    "mobileNumberList": ["99315000", None, " "],
                    "emailList": ["post@example.com", ""],
                },
                {"organizationNumber": "123456789", "mobileNumberList": None},
            ]
        },
    )
    assert outgoing.run(profile.organizations([BEDRIFTEN, "123456789"]), timeout=20) == [
        OrganizationEntry(BEDRIFTEN, emails=("post@example.com",), mobile_numbers=("99315000",)),
        OrganizationEntry("123456789", emails=(), mobile_numbers=()),
    ]
    assert registers.bodies(ORGANIZATIONS) == [{"organizationNumbers": [BEDRIFTEN, "123456789"]}]


def test_users_are_asked_for_and_read_as_profile_writes_them(registers: LocalServer) -> None:
    registers.answer(
        USERS,
        {
            "contactPointsList": [
                {
                    "organizationNumber": BEDRIFTEN,
                    "partyId": 500,
                    "userContactPoints": [
                        {"userId": 20, "email": "user@example.com", "mobileNumber": None},
                        {"userId": 21, "email": "", "mobileNumber": "99315000"},
                    ],
                },
                {"organizationNumber": "123456789", "partyId": 501, "userContactPoints": None},
            ]
        },
    )
    assert outgoing.run(profile.users([BEDRIFTEN], resource_id="a-resource"), timeout=20) == [
        UserEntry(BEDRIFTEN, 500, 20, email="user@example.com", mobile_number=""),
        UserEntry(BEDRIFTEN, 500, 21, email="", mobile_number="99315000"),
    ]
    assert registers.bodies(USERS) == [
        {"organizationNumbers": [BEDRIFTEN], "resourceId": "a-resource"}
    ]


def test_profile_is_asked_for_a_thousand_at_a_time(registers: LocalServer) -> None:
    ask_persons(*(f"{number:011}" for number in range(2_500)))
    sizes = [len(body["nationalIdentityNumbers"]) for body in registers.bodies(PERSONS)]
    assert sorted(sizes) == [500, 1_000, 1_000]


def test_a_number_that_profile_refuses_costs_its_neighbours_nothing(
    registers: LocalServer,
) -> None:
    numbers = [f"{number:011}" for number in range(1_000)]
    bad = numbers[321]

    def pick(call: Call) -> object:
        asked = call.body["nationalIdentityNumbers"]
        if bad in asked:
            return web.json_response({"title": "bad request"}, status=400)
        return {
            "contactPointsList": [
                {"nationalIdentityNumber": number, "isReserved": False} for number in asked
            ]
        }

    registers.answer(PERSONS, pick)
    with capture_logs() as logs:
        found = ask_persons(*numbers)
    assert {entry.national_identity_number for entry in found} == {*numbers} - {bad}
    assert logs == [
        {
            "event": "refused by a register",
            "log_level": "warning",
            "register": "Profile",
            "item": "000000*****",
        }
    ]


def test_texts_that_no_database_can_hold_are_cleaned(registers: LocalServer) -> None:
    entry = rb'{"nationalIdentityNumber": "1", "isReserved": false, "email": "k\u0000a@b\ud800.no"}'
    registers.answer(PERSONS, b'{"contactPointsList": [' + entry + b"]}")
    assert ask_persons("1")[0].email == "ka@b.no"


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        "11876995923",
        {},
        {"contactPointsList": None},
        {"contactPointsList": {}},
        {"contactPointsList": ["11876995923"]},
        {"contactPointsList": [None]},
        {"contactPointsList": [{}]},
        {"contactPointsList": [{"nationalIdentityNumber": KARI}]},
        {"contactPointsList": [{"nationalIdentityNumber": KARI, "isReserved": None}]},
        {"contactPointsList": [{"nationalIdentityNumber": KARI, "isReserved": "false"}]},
        {"contactPointsList": [{"nationalIdentityNumber": 11876995923, "isReserved": False}]},
        {"contactPointsList": [{"nationalIdentityNumber": " ", "isReserved": False}]},
        {
            "contactPointsList": [
                {"nationalIdentityNumber": KARI, "isReserved": False, "email": ["a@b.no"]}
            ]
        },
        {
            "contactPointsList": [
                {"nationalIdentityNumber": KARI, "isReserved": False, "mobileNumber": 99315000}
            ]
        },
    ],
)
def test_persons_in_another_shape_make_profile_unavailable(
    registers: LocalServer, answer: object
) -> None:
    registers.answer(PERSONS, answer)
    with pytest.raises(RegisterUnavailable, match="not as agreed") as raised:
        ask_persons(KARI)
    assert raised.value.register == "Profile"
    assert "1187" not in str(raised.value)
    assert "9931" not in str(raised.value)


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"organizationNumber": None},
        {"organizationNumber": BEDRIFTEN, "emailList": "post@example.com"},
        {"organizationNumber": BEDRIFTEN, "emailList": [1]},
        {"organizationNumber": BEDRIFTEN, "mobileNumberList": {}},
    ],
)
def test_organizations_in_another_shape_make_profile_unavailable(
    registers: LocalServer, entry: object
) -> None:
    registers.answer(ORGANIZATIONS, {"contactPointsList": [entry]})
    with pytest.raises(RegisterUnavailable, match="not as agreed"):
        outgoing.run(profile.organizations([BEDRIFTEN]), timeout=20)


@pytest.mark.parametrize(
    "entry",
    [
        {"organizationNumber": BEDRIFTEN, "partyId": 5, "userContactPoints": [{}]},
        {"organizationNumber": BEDRIFTEN, "userContactPoints": [{"userId": 20}]},
        {"organizationNumber": BEDRIFTEN, "partyId": "5", "userContactPoints": [{"userId": 20}]},
        {"organizationNumber": BEDRIFTEN, "partyId": 5, "userContactPoints": [{"userId": True}]},
        {"organizationNumber": BEDRIFTEN, "partyId": 5, "userContactPoints": {"userId": 20}},
        {"partyId": 5, "userContactPoints": [{"userId": 20}]},
    ],
)
def test_users_in_another_shape_make_profile_unavailable(
    registers: LocalServer, entry: object
) -> None:
    registers.answer(USERS, {"contactPointsList": [entry]})
    with pytest.raises(RegisterUnavailable, match="not as agreed"):
        outgoing.run(profile.users([BEDRIFTEN], resource_id="a-resource"), timeout=20)
