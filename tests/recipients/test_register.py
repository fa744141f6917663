"""Register's question for names in its wire format."""

from pathlib import Path

import jwt
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from pytest_django import Settings

from recipients.registers import RegisterUnavailable, register
from recipients.registers.register import NameEntry
from runtime.web import outgoing
from tests.recipients.conftest import NAMES
from tests.recipients.local_server import Call, LocalServer

KARI, BEDRIFTEN = "11876995923", "311000179"


def ask(*, persons: list[str], organizations: list[str]) -> list[NameEntry]:
    return outgoing.run(
        register.names(persons=persons, organizations=organizations),
        timeout=20,
    )


def test_persons_and_organizations_are_asked_for_in_one_call(registers: LocalServer) -> None:
    registers.answer(
        NAMES,
        {
            "partyNames": [
                {"ssn": KARI, "orgNo": None, "name": "Kari Nordmann"},
                {"ssn": None, "orgNo": BEDRIFTEN, "name": None},
            ]
        },
    )
    assert ask(persons=[KARI], organizations=[BEDRIFTEN]) == [
        NameEntry(KARI, "", "Kari Nordmann"),
        NameEntry("", BEDRIFTEN, ""),
    ]
    assert registers.bodies(NAMES) == [
        {
            "organizationNumbers": [BEDRIFTEN],
            "socialSecurityNumbers": [KARI],
            "parties": [{"ssn": KARI}, {"orgNo": BEDRIFTEN}],
        }
    ]


def test_a_name_longer_than_any_is_none(registers: LocalServer) -> None:
    entries = [{"ssn": KARI, "name": "K" * 1_001}, {"orgNo": BEDRIFTEN, "name": "B" * 1_000}]
    registers.answer(NAMES, {"partyNames": entries})
    found = ask(persons=[KARI], organizations=[BEDRIFTEN])
    assert [len(entry.name) for entry in found] == [0, 1_000]


def test_register_sees_our_platform_token(
    registers: LocalServer, private_key: RSAPrivateKey
) -> None:
    ask(persons=[KARI], organizations=[])
    token = registers.calls[0].headers["PlatformAccessToken"]
    claims = jwt.decode(token, private_key.public_key(), algorithms=["RS256"], issuer="platform")
    assert claims["urn:altinn:app"] == "notifications"


def test_register_is_asked_for_a_thousand_parties_at_a_time(registers: LocalServer) -> None:
    ask(
        persons=[f"{number:011}" for number in range(600)],
        organizations=[f"{number:09}" for number in range(600)],
    )
    bodies = registers.bodies(NAMES)
    assert sorted(len(body["parties"]) for body in bodies) == [200, 1_000]
    assert sum(len(body["socialSecurityNumbers"]) for body in bodies) == 600
    assert sum(len(body["organizationNumbers"]) for body in bodies) == 600


def test_a_number_that_register_refuses_is_left_out(registers: LocalServer) -> None:
    def pick(call: Call) -> object:
        if {"ssn": "00000000007"} in call.body["parties"]:
            return web.Response(status=400)
        return {"partyNames": [{**party, "name": "N N"} for party in call.body["parties"]]}

    registers.answer(NAMES, pick)
    persons = [f"{number:011}" for number in range(20)]
    found = {entry.national_identity_number for entry in ask(persons=persons, organizations=[])}
    assert found == {*persons} - {"00000000007"}


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {},
        {"partyNames": None},
        {"partyNames": ["x"]},
        {"partyNames": [{"ssn": 1}]},
        {"partyNames": [{"name": ["x"]}]},
    ],
)
def test_names_in_another_shape_make_register_unavailable(
    registers: LocalServer, answer: object
) -> None:
    registers.answer(NAMES, answer)
    with pytest.raises(RegisterUnavailable, match="not as agreed") as raised:
        ask(persons=[KARI], organizations=[])
    assert raised.value.register == "Register"


def test_without_a_key_of_ours_register_is_unavailable(
    registers: LocalServer, settings: Settings, tmp_path: Path
) -> None:
    settings.PLATFORM_TOKEN_KEY = str(tmp_path / "missing.pem")
    with pytest.raises(RegisterUnavailable, match="cannot be read"):
        ask(persons=[KARI], organizations=[])
    assert registers.calls == []
