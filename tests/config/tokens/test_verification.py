"""Which issuers are trusted, and how often their keys are looked at."""

import secrets
from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from config.tokens import verification
from config.tokens.verification import NotProven
from tests.config.key_server import KeyServer, key_server
from tests.contracts.tokens import ISSUER, Signer, assemble, bearer_claims, platform_claims

ALTINN, TTD = Signer("altinn"), Signer("ttd-1")


@pytest.fixture
def server(settings: LazySettings) -> Iterator[KeyServer]:
    with key_server() as running:
        running.documents["/metadata"] = {"issuer": ISSUER, "jwks_uri": f"{running.url}/jwks"}
        running.documents["/jwks"] = {"keys": [ALTINN.jwk]}
        running.documents["/keys/ttd"] = {"keys": [TTD.jwk]}
        settings.ALTINN_WELL_KNOWN = f"{running.url}/metadata"
        settings.ALTINN_JWKS = ""
        settings.ALTINN_ISSUERS = []
        settings.PLATFORM_TOKEN_JWKS = f"{running.url}/keys/{{issuer}}"
        yield running


def test_the_issuer_of_the_metadata_is_trusted(server: KeyServer) -> None:
    found = verification.bearer_token(ALTINN.sign(bearer_claims()))
    assert found.org == "ttd"
    with pytest.raises(NotProven, match="issuer is not trusted"):
        verification.bearer_token(ALTINN.sign(bearer_claims(iss="https://other.example/")))


def test_listed_issuers_are_trusted_beside_it(server: KeyServer, settings: LazySettings) -> None:
    settings.ALTINN_ISSUERS = ["https://other.example/"]
    for issuer in (ISSUER, "https://other.example/"):
        assert verification.bearer_token(ALTINN.sign(bearer_claims(iss=issuer))).org == "ttd"


def test_many_tokens_cost_one_look_at_the_keys(server: KeyServer) -> None:
    for _ in range(20):
        assert verification.bearer_token(ALTINN.sign(bearer_claims())).org == "ttd"
        token = TTD.sign(platform_claims(jti=secrets.token_hex(4)))
        assert verification.platform_token(token).issuer == "ttd"
    assert sorted(server.visits) == ["/jwks", "/keys/ttd", "/metadata"]


def test_a_bearer_token_is_no_platform_token_though_it_is_remembered(server: KeyServer) -> None:
    server.documents["/jwks"] = {"keys": [ALTINN.jwk, TTD.jwk]}
    token = TTD.sign(platform_claims(iss=ISSUER))
    assert verification.bearer_token(token).org == ""  # it names none
    with pytest.raises(NotProven):
        verification.platform_token(token)


def test_a_made_up_issuer_is_asked_for_its_keys_once(server: KeyServer) -> None:
    for _ in range(5):
        token = TTD.sign(platform_claims(iss="nobody", jti=secrets.token_hex(4)))
        with pytest.raises(NotProven, match="no such key"):
            verification.platform_token(token)
    assert server.visits == ["/keys/nobody"]


def test_attack_a12_unsigned_tokens_make_us_ask_nobody(server: KeyServer) -> None:
    for index in range(1_001):
        claims = platform_claims(iss=f"nobody{index}")
        unsigned = assemble({"alg": "none", "kid": "x"}, claims, lambda message: b"")
        with pytest.raises(NotProven, match="no signed JWT"):
            verification.platform_token(unsigned)
    assert not server.visits
    assert verification.platform_token(TTD.sign(platform_claims())).issuer == "ttd"
