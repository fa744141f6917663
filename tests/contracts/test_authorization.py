"""Who may call: every kind of token, good and bad, and what it is answered."""

import base64
import hmac
import time
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import LazySettings
from pytest_django import DjangoAssertNumQueries

from orders import creators
from orders.models import Creator, Order
from tests.contracts.conftest import Api, Cast, is_empty
from tests.contracts.tokens import (
    CREATE_SCOPE,
    ISSUER,
    Signer,
    assemble,
    bearer_claims,
    platform_claims,
)

ORDER = {"body": "Hello.", "recipients": [{"mobileNumber": "+4799999999"}]}


def unsigned(claims: dict[str, Any]) -> str:
    return assemble({"alg": "none", "kid": "altinn-1"}, claims, lambda message: b"")


def signed_with_the_public_key(cast: Cast, claims: dict[str, Any]) -> str:
    """HS256, the public key taken for a shared secret: a careless verifier would believe it."""
    pem = cast.altinn.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return assemble(
        {"alg": "HS256", "kid": "altinn-1"},
        claims,
        lambda message: hmac.digest(pem, message, "sha256"),
    )


def tampered(token: str) -> str:
    """Another's claims between the header and the signature."""
    header, _, signature = token.split(".")
    _, payload, _ = unsigned(bearer_claims()).split(".")
    return f"{header}.{payload}.{signature}"


BEARER_TOKENS: list[tuple[str, Callable[[Cast], str], int]] = [
    ("valid", lambda cast: cast.bearer(), 202),
    ("ES256", lambda cast: cast.altinn_elliptic.sign(bearer_claims()), 202),
    ("among other scopes", lambda c: c.bearer(urn__altinn__scope=f"a:b {CREATE_SCOPE} c:d"), 202),
    ("scope claim", lambda c: c.bearer(urn__altinn__scope=None, scope=CREATE_SCOPE), 202),
    ("just expired", lambda cast: cast.bearer(exp=int(time.time()) - 1), 401),
    ("expires now", lambda cast: cast.bearer(exp=int(time.time())), 401),
    ("without expiry", lambda cast: cast.bearer(exp=None), 401),
    ("endless", lambda cast: cast.bearer(exp=float("inf")), 401),
    ("not yet valid", lambda cast: cast.bearer(nbf=int(time.time()) + 60), 401),
    ("other issuer", lambda cast: cast.bearer(iss="https://elsewhere.example/"), 401),
    ("without issuer", lambda cast: cast.bearer(iss=None), 401),
    ("empty issuer", lambda cast: cast.bearer(iss=""), 401),
    ("list of issuers", lambda cast: cast.bearer(iss=[ISSUER]), 401),
    ("wrong signature", lambda cast: Signer("altinn-1").sign(bearer_claims()), 401),
    ("unknown key", lambda cast: Signer("altinn-3").sign(bearer_claims()), 401),
    ("key of the wrong kind", lambda cast: Signer("altinn-2").sign(bearer_claims()), 401),
    ("key id that is no text", lambda cast: cast.altinn.sign(bearer_claims(), kid=1), 401),
    ("alg none", lambda cast: unsigned(bearer_claims()), 401),
    ("public key as secret", lambda c: signed_with_the_public_key(c, bearer_claims()), 401),
    ("tampered", lambda cast: tampered(cast.bearer(urn__altinn__org="skd")), 401),
    ("no token at all", lambda cast: "e30.e30", 401),
    ("deeply nested", lambda cast: f"{base64.b64encode(b'[' * 9000).decode()}.e30.e30", 401),
    ("platform token", lambda cast: cast.platform(), 401),
    ("other scope", lambda c: c.bearer(urn__altinn__scope="altinn:notifications.read"), 403),
    ("without scope", lambda cast: cast.bearer(urn__altinn__scope=None), 403),
    ("longer scope", lambda c: c.bearer(urn__altinn__scope=f"{CREATE_SCOPE}.all"), 403),
    ("upper case scope", lambda c: c.bearer(urn__altinn__scope=CREATE_SCOPE.upper()), 403),
    ("scopes as list", lambda c: c.bearer(urn__altinn__scope=[CREATE_SCOPE]), 403),
    ("without org", lambda cast: cast.bearer(urn__altinn__org=None), 403),
    ("blank org", lambda cast: cast.bearer(urn__altinn__org=" "), 403),
    ("org that is no text", lambda cast: cast.bearer(urn__altinn__org=["ttd"]), 403),
]
PLATFORM_TOKENS: list[tuple[str, Callable[[Cast], str], bool]] = [
    ("valid", lambda cast: cast.platform(), True),
    ("expired", lambda cast: cast.platform(exp=int(time.time()) - 1), False),
    ("without expiry", lambda cast: cast.platform(exp=None), False),
    ("forged", lambda cast: Signer("ttd-1").sign(platform_claims()), False),
    ("of another issuer", lambda cast: cast.platform(iss="skd"), False),
    ("without issuer", lambda cast: cast.platform(iss=None), False),
    ("issuer that is a path", lambda cast: cast.platform(iss="../keys0/ttd"), False),
    ("alg none", lambda cast: unsigned(platform_claims()), False),
    ("endless", lambda cast: cast.platform(exp=float("inf")), False),
    ("twice", lambda cast: f"{cast.platform()},{cast.platform()}", False),
    ("garbage", lambda cast: "garbage", False),
]


def _names(table: list[Any]) -> list[str]:
    return [row[0] for row in table]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("token", "status"), [row[1:] for row in BEARER_TOKENS], ids=_names(BEARER_TOKENS)
)
def test_a_bearer_token_alone(
    api: Api, cast: Cast, token: Callable[[Cast], str], status: int
) -> None:
    headers = {"Authorization": f"Bearer {token(cast)}"}
    response = api.post("/orders/sms", ORDER, headers=headers)
    assert response.status_code == status
    assert status == 202 or is_empty(response)
    assert "WWW-Authenticate" not in response


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("token", "is_good"), [row[1:] for row in PLATFORM_TOKENS], ids=_names(PLATFORM_TOKENS)
)
class TestAPlatformToken:
    def test_alone(self, api: Api, cast: Cast, token: Callable[[Cast], str], is_good: bool) -> None:
        response = api.post("/orders/sms", ORDER, headers={"PlatformAccessToken": token(cast)})
        assert response.status_code == (202 if is_good else 401)

    def test_beside_an_unusable_bearer_token(
        self, api: Api, cast: Cast, token: Callable[[Cast], str], is_good: bool
    ) -> None:
        headers = {"Authorization": "Bearer x.y.z", "PlatformAccessToken": token(cast)}
        response = api.post("/orders/sms", ORDER, headers=headers)
        assert response.status_code == (202 if is_good else 401)

    def test_beside_a_bearer_token_without_the_scope(
        self, api: Api, cast: Cast, token: Callable[[Cast], str], is_good: bool
    ) -> None:
        bearer = cast.bearer(urn__altinn__scope="a:b")
        headers = {"Authorization": f"Bearer {bearer}", "PlatformAccessToken": token(cast)}
        response = api.post("/orders/sms", ORDER, headers=headers)
        assert response.status_code == (202 if is_good else 403)

    def test_beside_a_good_bearer_token_decides_on_whose_behalf_if_it_is_good(
        self, api: Api, cast: Cast, token: Callable[[Cast], str], is_good: bool
    ) -> None:
        bearer = cast.bearer(urn__altinn__org="skd")
        headers = {"Authorization": f"Bearer {bearer}", "PlatformAccessToken": token(cast)}
        assert api.post("/orders/sms", ORDER, headers=headers).status_code == 202
        assert Order.objects.get().creator.short_name == ("ttd" if is_good else "skd")


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer ", "Basic dHRkOnR0ZA==", "bearertoken"]
)
def test_without_a_bearer_token_nobody_is_known(api: Api, authorization: str) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    response = api.post("/orders/sms", ORDER, headers=headers)
    assert response.status_code == 401
    assert is_empty(response)


@pytest.mark.django_db
def test_the_scheme_may_be_spelled_in_any_case(api: Api, cast: Cast) -> None:
    headers = {"authorization": f"bEARER  {cast.bearer()}"}
    assert api.post("/orders/sms", ORDER, headers=headers).status_code == 202


def test_a_cookie_is_no_token(api: Api, cast: Cast) -> None:
    api.client.cookies["AltinnStudioRuntime"] = cast.bearer()
    assert api.post("/orders/sms", ORDER, headers={}).status_code == 401


@pytest.mark.parametrize("path", ["/orders", "/orders/email", "/orders/sms"])
def test_a_caller_without_org_learns_first_what_is_wrong_with_the_body(
    api: Api, cast: Cast, path: str
) -> None:
    headers = {"Authorization": f"Bearer {cast.bearer(urn__altinn__org=None)}"}
    assert api.post(path, {}, headers=headers).status_code == 400


def test_a_caller_without_org_reads_nothing(api: Api, cast: Cast) -> None:
    headers = {"Authorization": f"Bearer {cast.bearer(urn__altinn__org=None)}"}
    order = "f1a1cc30-197f-4f34-8304-006ce4945fd1"
    response = api.get(f"/orders/{order}/notifications/sms", headers=headers)
    assert response.status_code == 403
    assert is_empty(response)
    assert api.get("/orders/x/notifications/sms", headers=headers).status_code == 400


@pytest.mark.django_db
def test_an_inactive_creator_is_refused(api: Api, ttd: Creator) -> None:
    assert api.post("/orders/sms", ORDER).status_code == 202
    ttd.is_active = False
    ttd.save()
    creators.forget_all()
    response = api.post("/orders/sms", ORDER)
    assert response.status_code == 403
    assert is_empty(response)


@pytest.mark.django_db
def test_the_first_order_of_a_service_owner_makes_it_known(api: Api, cast: Cast) -> None:
    headers = {"Authorization": f"Bearer {cast.bearer(urn__altinn__org='nav')}"}
    assert api.post("/orders/sms", ORDER, headers=headers).status_code == 202
    assert Creator.objects.get().short_name == "nav"


def test_a_remembered_token_is_refused_once_it_has_expired(
    api: Api, cast: Cast, time_machine: Any
) -> None:
    headers = {"Authorization": f"Bearer {cast.bearer(exp=int(time.time()) + 60)}"}
    assert api.post("/orders/sms", {}, headers=headers).status_code == 400
    time_machine.move_to(time.time() + 59, tick=False)
    assert api.post("/orders/sms", {}, headers=headers).status_code == 400
    time_machine.move_to(time.time() + 1, tick=False)
    assert api.post("/orders/sms", {}, headers=headers).status_code == 401


def test_a_key_set_without_issuers_lets_nobody_in(api: Api, settings: LazySettings) -> None:
    settings.ALTINN_ISSUERS = []
    assert api.post("/orders/sms", ORDER).status_code == 401


def test_without_settings_nobody_is_let_in(api: Api, cast: Cast, settings: LazySettings) -> None:
    settings.ALTINN_JWKS = settings.PLATFORM_TOKEN_JWKS = ""
    headers = {**api.headers, "PlatformAccessToken": cast.platform(iss="ttd")}
    assert api.post("/orders/sms", ORDER, headers=headers).status_code == 401


def test_while_no_keys_are_known_nobody_is_told_that_his_token_is_bad(
    api: Api, settings: LazySettings
) -> None:
    settings.ALTINN_JWKS = "/nowhere/keys.json"
    response = api.post("/orders/sms", ORDER)
    assert response.status_code == 503
    assert response.json()["code"] == "NOT-00004"
    assert int(response["Retry-After"]) > 0


@pytest.mark.django_db
def test_an_accepted_token_costs_no_query(
    api: Api, ttd: Creator, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    creators.speaking_for(creators.Caller("ttd"))
    with django_assert_num_queries(0):
        assert api.get("/orders/x/notifications/sms").status_code == 400
