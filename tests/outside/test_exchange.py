"""Altinn's exchange: what it makes of a token from Maskinporten, and of any other."""

import jwt

from script.launcher.system.simulators import Simulators
from tests.outside.conftest import ask
from tests.outside.test_tokens import assertion, grant
from tests.simulators.exchange import ORG, PATH
from tests.simulators.maskinporten import CREATE_SCOPE


def test_a_service_owners_token_is_exchanged(simulators: Simulators) -> None:
    given = grant(simulators, assertion(simulators, {"scope": CREATE_SCOPE})).json["access_token"]
    answer = ask("GET", simulators.url + PATH, headers={"Authorization": f"Bearer {given}"})
    claims = jwt.decode(answer.body.decode(), options={"verify_signature": False})
    assert (claims["urn:altinn:org"], claims["urn:altinn:scope"]) == (ORG, CREATE_SCOPE)
    assert claims["iss"] == f"{simulators.url}/authentication/"


def test_what_is_not_from_maskinporten_is_not_exchanged(simulators: Simulators) -> None:
    for header in ({}, {"Authorization": f"Bearer {assertion(simulators)}"}):
        assert ask("GET", simulators.url + PATH, headers=header).status == 401
