"""Who may call: every address, with every kind of token, good and bad."""

import base64
import hmac
import sys
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from script.launcher.system.running_system import RunningSystem
from tests.config.key_server import KeyServer
from tests.contracts import tokens
from tests.contracts.requests import COMPOSED, NEXT_YEAR, PATHS, composed, sms, webhook
from tests.contracts.routes import DELIVERY, GUARDED, JOB, OPEN, ORDER, WEBHOOK, Guarded, Open
from tests.contracts.service import Service, is_empty
from tests.contracts.tokens import (
    CREATE_SCOPE,
    EVENTS_SCOPE,
    ISSUER,
    Cast,
    Signer,
    assemble,
    bearer_claims,
    platform_claims,
)

MakeToken = Callable[[Cast], str]
MakeHeaders = Callable[[Cast], dict[str, str]]

# What a token makes of its bearer, beside the statuses that are the same everywhere.
OWNER, STRANGER, NOBODYS = "the owner", "another service owner", "no service owner"


@lru_cache
def forger(kid: str) -> Signer:
    """Somebody whose key is not published under this id."""
    return Signer(kid)


def unsigned(claims: dict[str, Any]) -> str:
    return assemble({"alg": "none", "kid": "altinn-1"}, claims, lambda message: b"")


def signed_with_the_public_key(cast: Cast) -> str:
    """HS256, the public key taken for a shared secret: a careless verifier would believe it."""
    pem = cast.altinn.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return assemble(
        {"alg": "HS256", "kid": "altinn-1"},
        bearer_claims(),
        lambda message: hmac.digest(pem, message, "sha256"),
    )


def tampered(token: str) -> str:
    """Another's claims between the header and the signature."""
    header, _, signature = token.split(".")
    _, payload, _ = unsigned(bearer_claims()).split(".")
    return f"{header}.{payload}.{signature}"


BEARER: dict[str, tuple[MakeToken, int | str]] = {
    "valid": (lambda cast: cast.bearer(), OWNER),
    "ES256": (lambda cast: cast.altinn_elliptic.sign(bearer_claims()), OWNER),
    "among other scopes": (lambda c: c.bearer(urn__altinn__scope=f"a {CREATE_SCOPE} b"), OWNER),
    "scope claim": (lambda c: c.bearer(urn__altinn__scope=None, scope=CREATE_SCOPE), OWNER),
    "foreign creator": (lambda cast: cast.bearer(urn__altinn__org="skd"), STRANGER),
    "creator in upper case": (lambda cast: cast.bearer(urn__altinn__org="TTD"), STRANGER),
    "without org": (lambda cast: cast.bearer(urn__altinn__org=None), NOBODYS),
    "blank org": (lambda cast: cast.bearer(urn__altinn__org=" "), NOBODYS),
    "org that is no text": (lambda cast: cast.bearer(urn__altinn__org=["ttd"]), NOBODYS),
    "expired by a second": (lambda cast: cast.bearer(exp=int(time.time()) - 1), 401),
    "expires now": (lambda cast: cast.bearer(exp=int(time.time())), 401),
    "without expiry": (lambda cast: cast.bearer(exp=None), 401),
    "endless": (lambda cast: cast.bearer(exp=float("inf")), 401),
    "not yet valid": (lambda cast: cast.bearer(nbf=int(time.time()) + 60), 401),
    "wrong issuer": (lambda cast: cast.bearer(iss="https://elsewhere.example/"), 401),
    "without issuer": (lambda cast: cast.bearer(iss=None), 401),
    "empty issuer": (lambda cast: cast.bearer(iss=""), 401),
    "list of issuers": (lambda cast: cast.bearer(iss=[ISSUER]), 401),
    "wrong signature": (lambda cast: forger("altinn-1").sign(bearer_claims()), 401),
    "unknown key id": (lambda cast: forger("altinn-3").sign(bearer_claims()), 401),
    "key of the wrong kind": (lambda cast: forger("altinn-2").sign(bearer_claims()), 401),
    "key id that is no text": (lambda cast: cast.altinn.sign(bearer_claims(), kid=1), 401),
    "alg none": (lambda cast: unsigned(bearer_claims()), 401),
    "HS256 with the public key": (signed_with_the_public_key, 401),
    "tampered payload": (lambda cast: tampered(cast.bearer(urn__altinn__org="skd")), 401),
    "no token at all": (lambda cast: "e30.e30", 401),
    "nothing": (lambda cast: "", 401),
    "deeply nested": (lambda c: f"{base64.b64encode(b'[' * 9000).decode()}.e30.e30", 401),
    "platform token as bearer": (lambda cast: cast.platform(), 401),
    "missing scope": (lambda cast: cast.bearer(urn__altinn__scope=None), 403),
    "other scope": (lambda c: c.bearer(urn__altinn__scope="altinn:notifications.read"), 403),
    "longer scope": (lambda c: c.bearer(urn__altinn__scope=f"{CREATE_SCOPE}.all"), 403),
    "upper case scope": (lambda c: c.bearer(urn__altinn__scope=CREATE_SCOPE.upper()), 403),
    "scopes as list": (lambda c: c.bearer(urn__altinn__scope=[CREATE_SCOPE]), 403),
}
PLATFORM: dict[str, tuple[MakeToken, int | str]] = {
    "valid": (lambda cast: cast.platform(), OWNER),
    "expired by a second": (lambda cast: cast.platform(exp=int(time.time()) - 1), 401),
    "without expiry": (lambda cast: cast.platform(exp=None), 401),
    "endless": (lambda cast: cast.platform(exp=float("inf")), 401),
    "not yet valid": (lambda cast: cast.platform(nbf=int(time.time()) + 60), 401),
    "forged": (lambda cast: forger("ttd-1").sign(platform_claims()), 401),
    "of another issuer": (lambda cast: cast.platform(iss="skd"), 401),
    "without issuer": (lambda cast: cast.platform(iss=None), 401),
    # Its address would be that of the keys of ttd.
    "issuer that is more than a name": (lambda cast: cast.platform(iss="ttd#x"), 401),
    "issuer that is a path": (lambda cast: cast.platform(iss="../platform-keys/ttd"), 401),
    "alg none": (lambda cast: unsigned(platform_claims()), 401),
    "bearer token as platform token": (lambda cast: cast.bearer(), 401),
    "twice": (lambda cast: f"{cast.platform()},{cast.platform()}", 401),
    "garbage": (lambda cast: "garbage", 401),
}


def as_bearer(make: MakeToken) -> MakeHeaders:
    return lambda cast: {"Authorization": f"Bearer {make(cast)}"}


def as_platform_token(make: MakeToken) -> MakeHeaders:
    return lambda cast: {"PlatformAccessToken": make(cast)}


SHOWN: dict[str, tuple[MakeHeaders, int | str]] = {
    "no token": (lambda cast: {}, 401),
    **{f"bearer: {name}": (as_bearer(make), who) for name, (make, who) in BEARER.items()},
    **{
        f"platform: {name}": (as_platform_token(make), who)
        for name, (make, who) in PLATFORM.items()
    },
}


@pytest.fixture(scope="module")
def order_of_ttd(cast: Cast, live_web: RunningSystem) -> str:
    """An order that may be read, and cancelled as often as one likes."""
    service = Service(port=live_web.port, token=cast.bearer())
    placed = service.place("/orders/sms", sms(requestedSendTime=f"{NEXT_YEAR}-01-01T00:00:00Z"))
    return str(placed["id"])


@pytest.fixture
def webhook_of_ttd(cast: Cast, live_web: RunningSystem) -> tuple[str, str]:
    """A webhook and a delivery of it, whatever an earlier test has done to its webhooks."""
    live_web.query("UPDATE events_subscription SET state = 'Deleted' RETURNING id")
    service = Service(port=live_web.port, token=cast.bearer(urn__altinn__scope=EVENTS_SCOPE))
    made = service.post("/events/subscriptions", webhook()).json["id"]
    sent = service.post(f"/events/subscriptions/{made}/test", {}).json["id"]
    return made, sent


def expected(route: Guarded, who: int | str, *, by_platform_token: bool = False) -> int:
    if isinstance(who, int):
        return who
    if by_platform_token and not route.takes_platform_tokens:
        return route.by_platform_token
    return {OWNER: route.own, STRANGER: route.foreign, NOBODYS: route.without_org}[who]


@pytest.mark.parametrize("route", GUARDED, ids=lambda route: f"{route.method} {route.address}")
@pytest.mark.parametrize(("headers", "who"), SHOWN.values(), ids=SHOWN)
def test_an_address_answers_its_callers_only(
    service: Service,
    cast: Cast,
    order_of_ttd: str,
    request: pytest.FixtureRequest,
    route: Guarded,
    headers: MakeHeaders,
    who: int | str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (tokens, sys.modules[__name__]):  # tokens are made with the scope of the address
        monkeypatch.setattr(module, "CREATE_SCOPE", route.scope)
    shown = headers(cast)
    given = {**route.headers, **shown}
    address = "/" + route.address.replace(ORDER, order_of_ttd) + route.query
    if route.scope == EVENTS_SCOPE:
        made, sent = request.getfixturevalue("webhook_of_ttd")
        address = address.replace(WEBHOOK, made).replace(DELIVERY, sent)
    if route.body:
        path = address.removeprefix("/notifications/api/v1")
        answer = service.post(path, route.body(), headers=given)
    else:
        answer = service.call(route.method, address, headers=given)
    by_platform_token = "PlatformAccessToken" in shown
    assert answer.status == expected(route, who, by_platform_token=by_platform_token)
    assert answer.status not in (401, 403) or is_empty(answer)
    told = answer.headers["WWW-Authenticate"] or ""
    is_bad = answer.status == 401 and bool(shown)
    lacks_scope = answer.status == 403 and who != NOBODYS
    assert ('error="invalid_token", error_description="' in told) is is_bad
    assert ('error="insufficient_scope", error_description="' in told) is (answer.status == 403)
    assert (f', scope="{route.scope}"' in told) is (lacks_scope or not shown)


@pytest.mark.parametrize("route", GUARDED, ids=lambda route: f"{route.method} {route.address}")
def test_each_address_wants_a_scope_of_its_own_kind(
    service: Service, cast: Cast, order_of_ttd: str, route: Guarded
) -> None:
    """Who may do one thing may not do the others."""
    address = "/" + route.address + route.query
    for which in (ORDER, WEBHOOK, DELIVERY):
        address = address.replace(which, order_of_ttd)
    for scope in {guarded.scope for guarded in GUARDED} - {route.scope}:
        headers = {"Authorization": f"Bearer {cast.bearer(urn__altinn__scope=scope)}"}
        answer = service.call(route.method, address, headers={**route.headers, **headers})
        assert answer.status == 403


@pytest.mark.parametrize("route", OPEN, ids=lambda route: f"{route.method} {route.address}")
@pytest.mark.parametrize("headers", [make for make, _ in SHOWN.values()], ids=SHOWN)
def test_an_open_address_does_not_look_at_tokens(
    service: Service, cast: Cast, route: Open, headers: MakeHeaders
) -> None:
    address = f"/{route.address}".replace(JOB, "sendsms")
    answer = service.call(route.method, address, headers=headers(cast))
    assert answer.status == route.status


@pytest.mark.parametrize(("make", "who"), PLATFORM.values(), ids=PLATFORM)
class TestAPlatformToken:
    def test_beside_an_unusable_bearer_token(
        self, service: Service, cast: Cast, make: MakeToken, who: int | str
    ) -> None:
        headers = {"Authorization": "Bearer x.y.z", "PlatformAccessToken": make(cast)}
        answer = service.post("/orders/sms", sms(), headers=headers)
        assert answer.status == (202 if who == OWNER else 401)

    def test_beside_a_bearer_token_without_the_scope(
        self, service: Service, cast: Cast, make: MakeToken, who: int | str
    ) -> None:
        bearer = cast.bearer(urn__altinn__scope="a:b")
        headers = {"Authorization": f"Bearer {bearer}", "PlatformAccessToken": make(cast)}
        answer = service.post("/orders/sms", sms(), headers=headers)
        assert answer.status == (202 if who == OWNER else 403)

    def test_beside_a_good_bearer_token_decides_on_whose_behalf_if_it_is_good(
        self, service: Service, cast: Cast, make: MakeToken, who: int | str
    ) -> None:
        of_skd = {"Authorization": f"Bearer {cast.bearer(urn__altinn__org='skd')}"}
        headers = of_skd | {"PlatformAccessToken": make(cast)}
        answer = service.post("/orders/sms", sms(), headers=headers)
        assert answer.status == 202
        owner, name = (service.headers, "ttd") if who == OWNER else (of_skd, "skd")
        assert service.order(answer.json["orderId"], headers=owner)["creator"] == name


def test_a_platform_token_adds_nothing_where_it_is_not_taken(service: Service, cast: Cast) -> None:
    """It neither opens the address nor decides on whose behalf."""
    platform = {"PlatformAccessToken": cast.platform()}
    answer = service.post(COMPOSED, composed(), headers=service.headers | platform)
    assert answer.status == 403
    of_skd = cast.bearer(
        urn__altinn__org="skd", urn__altinn__scope=f"{tokens.CREATE_SCOPE} {tokens.COMPOSE_SCOPE}"
    )
    headers = {"Authorization": f"Bearer {of_skd}"}
    answer = service.post(COMPOSED, composed(), headers=headers | platform)
    shipment = answer.json["notification"]["shipmentId"]
    assert service.get(f"/future/shipment/{shipment}", headers=headers).status == 200
    assert service.get(f"/future/shipment/{shipment}").status == 404


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer ", "Basic dHRkOnR0ZA==", "bearertoken"]
)
def test_without_a_bearer_token_nobody_is_known(service: Service, authorization: str) -> None:
    answer = service.post("/orders/sms", sms(), headers={"Authorization": authorization})
    assert answer.status == 401
    assert is_empty(answer)


def test_the_scheme_may_be_spelled_in_any_case(service: Service, cast: Cast) -> None:
    headers = {"authorization": f"bEARER  {cast.bearer()}"}
    assert service.post("/orders/sms", sms(), headers=headers).status == 202


def test_a_cookie_is_no_token(service: Service, cast: Cast) -> None:
    headers = {"Cookie": f"AltinnStudioRuntime={cast.bearer()}"}
    assert service.post("/orders/sms", sms(), headers=headers).status == 401


@pytest.mark.parametrize("path", PATHS)
def test_a_caller_without_org_learns_first_what_is_wrong_with_the_body(
    service: Service, cast: Cast, path: str
) -> None:
    headers = {"Authorization": f"Bearer {cast.bearer(urn__altinn__org=None)}"}
    assert service.post(path, {}, headers=headers).status == 400


def test_a_caller_without_org_reads_nothing(service: Service, cast: Cast) -> None:
    headers = {"Authorization": f"Bearer {cast.bearer(urn__altinn__org=None)}"}
    order = "f1a1cc30-197f-4f34-8304-006ce4945fd1"
    answer = service.get(f"/orders/{order}/notifications/sms", headers=headers)
    assert answer.status == 403
    assert is_empty(answer)
    assert service.get("/orders/x/notifications/sms", headers=headers).status == 400


def test_an_order_belongs_to_its_creator_alone(
    service: Service, cast: Cast, order_of_ttd: str
) -> None:
    reference = "only-for-ttd"
    service.place("/orders/sms", sms(sendersReference=reference))
    of_skd = {"Authorization": f"Bearer {cast.bearer(urn__altinn__org='skd')}"}
    search = f"/orders?sendersReference={reference}"
    assert service.get(search).json["count"] > 0
    assert service.get(search, headers=of_skd).json == {"count": 0, "orders": []}


def test_the_first_order_of_a_service_owner_makes_it_known(service: Service, cast: Cast) -> None:
    headers = {"Authorization": f"Bearer {cast.bearer(urn__altinn__org='nav')}"}
    assert service.place("/orders/sms", sms(), headers=headers)["creator"] == "nav"


def test_unknown_key_ids_do_not_hammer_the_issuer(
    service: Service, published_keys: KeyServer
) -> None:
    service.place("/orders/sms", sms())
    before = published_keys.visits.count("/jwks")
    for index in range(50):
        token = forger("altinn-1").sign(bearer_claims(), kid=f"unknown-{index}")
        answer = service.get("/orders/x", headers={"Authorization": f"Bearer {token}"})
        assert answer.status == 401
    # One, if the last one was half a minute ago.
    assert published_keys.visits.count("/jwks") - before <= 1


def test_a_made_up_issuer_of_platform_tokens_is_looked_up_once(
    service: Service, published_keys: KeyServer
) -> None:
    for index in range(50):
        token = forger("ttd-1").sign(platform_claims(iss="nobody"), kid=f"unknown-{index}")
        answer = service.get("/orders/x", headers={"PlatformAccessToken": token})
        assert answer.status == 401
    assert published_keys.visits.count("/platform-keys/nobody") == 1
