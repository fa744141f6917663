"""The tokens we show to condition endpoints and to Register."""

import asyncio
import datetime
from pathlib import Path
from typing import Any

import jwt
import pytest
import time_machine
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pytest_django import Settings

from recipients.registers.tokens import (
    MAX_ANSWER_BYTES,
    TokenUnavailable,
    condition_check_token,
    key_id,
    platform_token,
)
from runtime.web import outgoing
from tests.recipients.conftest import TOKEN
from tests.recipients.local_server import LocalServer

NOON = datetime.datetime(2026, 3, 2, 12, tzinfo=datetime.UTC)


@pytest.fixture
def maskinporten(registers: LocalServer) -> LocalServer:
    """Gives out token-1, token-2 and so on, each for 599 seconds."""
    registers.answer(
        TOKEN,
        lambda call: {
            "access_token": f"token-{len(registers.calls)}",
            "token_type": "Bearer",
            "expires_in": 599,
        },
    )
    return registers


def token(*, renew: bool = False) -> str:
    return outgoing.run(condition_check_token(renew=renew), timeout=20)


def test_the_grant_is_what_maskinporten_asks_for(
    maskinporten: LocalServer, private_key: rsa.RSAPrivateKey
) -> None:
    token()
    (form,) = maskinporten.bodies(TOKEN)
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    audience = f"{maskinporten.url}/maskinporten/"
    claims = jwt.decode(
        form["assertion"],
        private_key.public_key(),
        algorithms=["RS256"],
        audience=audience,
        options={"require": ["aud", "iss", "iat", "exp", "jti"]},
    )
    assert claims["iss"] == "client-id"
    assert claims["scope"] == "altinn:system/notifications.condition.check"
    assert 0 < claims["exp"] - claims["iat"] <= 120
    assert jwt.get_unverified_header(form["assertion"])["kid"] == key_id(private_key)


def test_a_token_is_kept(maskinporten: LocalServer) -> None:
    assert [token(), token(), token()] == ["token-1"] * 3


def test_a_token_is_renewed_on_demand_with_a_new_grant(maskinporten: LocalServer) -> None:
    assert [token(), token(renew=True), token()] == ["token-1", "token-2", "token-2"]
    grants = {form["assertion"] for form in maskinporten.bodies(TOKEN)}
    assert len(grants) == 2


@pytest.mark.parametrize("renew", [False, True])
def test_many_who_need_a_token_wait_for_the_same_one(
    maskinporten: LocalServer, renew: bool
) -> None:
    if renew:
        token()
    before = len(maskinporten.calls)

    async def many() -> list[str]:
        return await asyncio.gather(*(condition_check_token(renew=renew) for _ in range(50)))

    assert len(set(outgoing.run(many(), timeout=20))) == 1
    assert len(maskinporten.calls) == before + 1


def test_a_token_about_to_expire_is_not_used(registers: LocalServer) -> None:
    registers.answer(
        TOKEN, lambda call: {"access_token": f"t{len(registers.calls)}", "expires_in": 1}
    )

    async def twice() -> tuple[str, str]:
        first = await condition_check_token()
        await asyncio.sleep(0.6)  # more than half its life
        return first, await condition_check_token()

    assert outgoing.run(twice(), timeout=20) == ("t1", "t2")


def test_a_failure_is_not_kept(registers: LocalServer) -> None:
    registers.answer(TOKEN, lambda call: web.json_response({"error": "invalid_grant"}, status=400))
    with pytest.raises(TokenUnavailable, match="400"):
        token()
    registers.answer(TOKEN, {"access_token": "good", "expires_in": 599})
    assert token() == "good"


def test_a_token_that_lasts_for_ever_is_kept_for_a_day(registers: LocalServer) -> None:
    registers.answer(TOKEN, b'{"access_token": "t", "expires_in": 1' + b"0" * 400 + b"}")
    assert token() == "t"
    assert token() == "t"
    assert len(registers.calls) == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"garbage",
        b"",
        None,
        [],
        {},
        {"access_token": "secret"},
        {"access_token": "", "expires_in": 599},
        {"access_token": 1, "expires_in": 599},
        {"access_token": "secret", "expires_in": "599"},
        {"access_token": "secret", "expires_in": 0},
        {"access_token": "secret\r\nX-Other: 1", "expires_in": 599},
        {"access_token": "secr\u00e9t", "expires_in": 599},
        b" " * (MAX_ANSWER_BYTES + 1),
    ],
)
def test_an_answer_without_a_token_is_a_failure(registers: LocalServer, answer: Any) -> None:
    registers.answer(TOKEN, answer)
    with pytest.raises(TokenUnavailable) as raised:
        token()
    assert "secret" not in str(raised.value)


def test_maskinporten_that_is_not_there_is_a_failure(
    registers: LocalServer, settings: Settings
) -> None:
    settings.MASKINPORTEN_URL = ""
    with pytest.raises(TokenUnavailable):
        token()


def test_a_token_serves_the_client_it_was_given_to(
    maskinporten: LocalServer, settings: Settings
) -> None:
    first = token()
    settings.MASKINPORTEN_CLIENT_ID = "another"
    assert token() != first


def test_a_platform_token_names_us(registers: LocalServer, private_key: rsa.RSAPrivateKey) -> None:
    claims = jwt.decode(
        platform_token(),
        private_key.public_key(),
        algorithms=["RS256"],
        options={"require": ["iss", "iat", "exp"]},
    )
    assert claims["iss"] == "platform"
    assert claims["urn:altinn:app"] == "notifications"
    assert claims["exp"] - claims["iat"] == 300
    assert jwt.get_unverified_header(platform_token())["kid"] == key_id(private_key)


def test_a_platform_token_is_kept_until_shortly_before_it_expires(
    settings: Settings, key_file: Path, tmp_path: Path
) -> None:
    own_copy = tmp_path / "key.pem"
    own_copy.write_bytes(key_file.read_bytes())
    settings.PLATFORM_TOKEN_KEY = str(own_copy)
    with time_machine.travel(NOON, tick=False) as clock:
        first = platform_token()
        clock.shift(269)
        assert platform_token() == first
        clock.shift(1)
        assert platform_token() != first


@pytest.mark.parametrize("content", [b"", b"no key", None])
def test_an_unreadable_key_is_a_failure(
    settings: Settings, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "key.pem"
    if content is not None:
        path.write_bytes(content)
    settings.PLATFORM_TOKEN_KEY = str(path)
    with pytest.raises(TokenUnavailable, match="cannot be read"):
        platform_token()


def test_a_key_of_another_kind_is_a_failure(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(
        ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    settings.PLATFORM_TOKEN_KEY = str(path)
    with pytest.raises(TokenUnavailable, match="no RSA key"):
        platform_token()
