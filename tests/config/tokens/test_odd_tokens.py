"""Whatever a trusted issuer, or anybody else, writes into a token: it is refused, never a fault."""

import json
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from config.tokens.times import LEEWAY
from tests.contracts.tokens import Cast, bearer_claims, platform_claims
from tests.in_process_api import Api

NOW = int(time.time())
NESTED: Any = None
for _ in range(200):
    NESTED = [NESTED]
ODD: list[Any] = [
    *(None, True, False, "", "x", "\x00", "ttd\x00", "ttd ", "\u200b", "\ud800", "x" * 100_000),
    *(0, -1, 0.5, 1e308, -1e308, float("inf"), float("-inf"), float("nan"), 10**400, [], {}),
    *(999_999_999_999, 253_402_300_800, str(NOW + 600), [NOW + 600], {"ttd": 1}, ["ttd"], NESTED),
]
CLAIMS = ["exp", "nbf", "iat", "iss", "sub", "aud", "jti", "scope", "urn:altinn:scope"]
CLAIMS += ["urn:altinn:org", "urn:altinn:app", "urn:altinn:orgNumber"]
HEADERS = ["kid", "alg", "typ", "crit", "b64", "cty", "x5c", "jwk", "zip"]
REFUSED = {401, 403}
LET_IN = 404
"""There is no such order."""
ORDER = "/orders/01939f5e-0000-7000-8000-000000000000/notifications/sms"

anything = st.recursive(
    st.sampled_from(ODD) | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
pytestmark = pytest.mark.django_db


def answer(api: Api, token: str, *, is_platform: bool = False) -> int:
    headers = (
        {"PlatformAccessToken": token} if is_platform else {"Authorization": f"Bearer {token}"}
    )
    status: int = api.get(ORDER, headers=headers).status_code
    return status


@pytest.mark.parametrize("claim", CLAIMS)
def test_attack_a5_any_odd_claim_is_refused(api: Api, cast: Cast, claim: str) -> None:
    for value in ODD:
        bearer = cast.altinn.sign(bearer_claims() | {claim: value})
        platform = cast.ttd.sign(platform_claims() | {claim: value})
        for token, is_platform in ((bearer, False), (platform, True)):
            status = answer(api, token, is_platform=is_platform)
            assert status in REFUSED | {LET_IN}, (claim, value)
            if claim in ("exp", "nbf", "iat") and not isinstance(value, int | float):
                assert status == 401, (claim, value)


@pytest.mark.parametrize(
    "exp",
    [999_999_999_999, 1e300, float("nan"), True, pytest.param(str(NOW + 600), id="as a text")],
)
def test_attack_a5_an_expiry_that_is_no_time_is_refused(api: Api, cast: Cast, exp: Any) -> None:
    assert answer(api, cast.bearer(exp=exp)) == 401
    assert answer(api, cast.platform(exp=exp), is_platform=True) == 401


@pytest.mark.parametrize("org", ["ttd\x00", "x" * 51, "\u202ettd", "\ud800", "a b", "(others)"])
def test_attack_a5_an_odd_service_owner_is_none(api: Api, cast: Cast, org: str) -> None:
    assert answer(api, cast.bearer(urn__altinn__org=org)) == 403


@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    claims=st.dictionaries(st.sampled_from(CLAIMS) | st.text(max_size=5), anything, max_size=4),
    header=st.dictionaries(st.sampled_from(HEADERS) | st.text(max_size=5), anything, max_size=2),
    is_platform=st.booleans(),
)
@example(claims={"exp": 999_999_999_999}, header={}, is_platform=False)
def test_no_token_is_a_fault(
    api: Api, cast: Cast, claims: Any, header: Any, is_platform: bool
) -> None:
    signer, usual = (cast.ttd, platform_claims()) if is_platform else (cast.altinn, bearer_claims())
    token = signer.sign(usual | claims, **header)
    assert answer(api, token, is_platform=is_platform) in REFUSED | {LET_IN}, json.dumps(claims)


@pytest.mark.parametrize("is_platform", [False, True])
def test_case_23_an_issuer_a_second_ahead_is_believed(
    api: Api, cast: Cast, is_platform: bool
) -> None:
    def with_times(**times: float) -> int:
        token = cast.platform(**times) if is_platform else cast.bearer(**times)
        return answer(api, token, is_platform=is_platform)

    now = time.time()
    assert with_times(nbf=int(now) + 1, iat=int(now) + 1) == LET_IN
    assert with_times(nbf=now + LEEWAY - 1) == LET_IN
    assert with_times(nbf=now + LEEWAY + 5) == 401
    assert with_times(iat=int(now) + 3600) == LET_IN, "it says nothing that matters"
    assert with_times(exp=int(now) - 1) == 401, "strict"
