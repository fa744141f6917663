"""Tokens: the keys they are verified with, and Maskinporten's rules for giving one."""

import time
from urllib.parse import urlencode

import jwt
import pytest

from script.launcher.system.simulators import Simulators
from tests.outside.conftest import Answer, ask, signing_key

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SCOPE = "altinn:system/notifications.condition.check"


def assertion(
    simulators: Simulators,
    claims: dict[str, object] | None = None,
    *,
    key: str = "MASKINPORTEN_KEY",
    kid: str = "1",
) -> str:
    members: dict[str, object] = {
        "aud": f"{simulators.url}/maskinporten/",
        "iss": simulators.environment["MASKINPORTEN_CLIENT_ID"],
        "scope": SCOPE,
        "iat": int(time.time()),
        "exp": int(time.time()) + 100,
        "jti": f"{time.time_ns()}",
    }
    private_key = signing_key(simulators.environment[key])
    return jwt.encode(
        members | (claims or {}), private_key, algorithm="RS256", headers={"kid": kid}
    )


def grant(simulators: Simulators, text: str, grant_type: str = GRANT_TYPE) -> Answer:
    form = urlencode({"grant_type": grant_type, "assertion": text})
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return ask("POST", simulators.environment["MASKINPORTEN_URL"], form, headers)


def test_metadata_leads_to_the_key_that_verifies_a_token(simulators: Simulators) -> None:
    metadata = ask("GET", simulators.environment["ALTINN_WELL_KNOWN"]).json
    assert metadata["issuer"] == f"{simulators.url}/authentication/"
    (key,) = ask("GET", metadata["jwks_uri"]).json["keys"]
    private_key = signing_key(simulators.environment["DEVELOPMENT_TOKEN_KEY"])
    token = jwt.encode({"sub": "1"}, private_key, algorithm="RS256", headers={"kid": key["kid"]})
    verified = jwt.decode(token, jwt.PyJWK(key).key, algorithms=[key["alg"]])
    assert verified == {"sub": "1"}
    assert "d" not in key


def test_platform_tokens_of_any_issuer_have_the_same_key(simulators: Simulators) -> None:
    template = simulators.environment["PLATFORM_TOKEN_JWKS"]
    answers = {ask("GET", template.format(issuer=issuer)).body for issuer in ("ttd", "platform")}
    assert answers == {ask("GET", f"{simulators.url}/authentication/jwks").body}


def test_a_good_grant_gets_a_token_for_two_minutes(simulators: Simulators) -> None:
    answer = grant(simulators, assertion(simulators))
    assert answer.status == 200
    assert answer.json["token_type"] == "Bearer"
    assert 0 < answer.json["expires_in"] <= 120
    claims = jwt.decode(answer.json["access_token"], options={"verify_signature": False})
    assert claims["scope"] == SCOPE


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "https://maskinporten.example/"},
        {"iss": "someone-else"},
        {"scope": "altinn:serviceowner"},
        {"scope": ""},
    ],
)
def test_a_grant_with_a_wrong_claim_is_refused(
    simulators: Simulators, claims: dict[str, object]
) -> None:
    answer = grant(simulators, assertion(simulators, claims))
    assert (answer.status, answer.json["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize(("age", "lifetime"), [(0, 121), (100, 90)])
def test_a_grant_that_lives_too_long_or_is_over_is_refused(
    simulators: Simulators, age: int, lifetime: int
) -> None:
    issued = int(time.time()) - age
    text = assertion(simulators, {"iat": issued, "exp": issued + lifetime})
    assert grant(simulators, text).status == 400


def test_the_audience_is_the_issuer_and_not_the_token_endpoint(simulators: Simulators) -> None:
    text = assertion(simulators, {"aud": simulators.environment["MASKINPORTEN_URL"]})
    assert grant(simulators, text).status == 400


def test_a_grant_signed_by_another_key_is_refused(simulators: Simulators) -> None:
    assert grant(simulators, assertion(simulators, key="PLATFORM_TOKEN_KEY")).status == 400


def test_a_grant_without_key_id_or_of_another_type_is_refused(simulators: Simulators) -> None:
    assert grant(simulators, assertion(simulators, kid="")).status == 400
    assert grant(simulators, assertion(simulators), "client_credentials").status == 400


def test_a_grant_counts_once(simulators: Simulators) -> None:
    text = assertion(simulators)
    assert [grant(simulators, text).status for _ in range(2)] == [200, 400]
