"""A client of the API with its tokens."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.http import HttpResponse
from django.test import Client

from orders import creators
from tests.contracts import tokens
from tests.contracts.tokens import Signer, bearer_claims, platform_claims

BASE = "/notifications/api/v1"


@dataclass(frozen=True, slots=True)
class Cast:
    """Who signs tokens: Altinn, with two keys, and the application owner ttd."""

    altinn: Signer
    altinn_elliptic: Signer
    ttd: Signer
    folder: Path

    def bearer(self, **changes: Any) -> str:
        return self.altinn.sign(bearer_claims(**changes))

    def platform(self, **changes: Any) -> str:
        return self.ttd.sign(platform_claims(**changes))


@pytest.fixture(scope="session")
def published_cast(tmp_path_factory: pytest.TempPathFactory) -> Cast:
    folder = tmp_path_factory.mktemp("keys")
    altinn, elliptic = Signer("altinn-1"), Signer("altinn-2", elliptic=True)
    ttd = Signer("ttd-1")
    tokens.publish(folder / "altinn.json", altinn, elliptic)
    tokens.publish(folder / "ttd.json", ttd)
    return Cast(altinn, elliptic, ttd, folder)


@pytest.fixture
def cast(published_cast: Cast, settings: LazySettings) -> Cast:
    """Settings that trust the cast, and nobody else."""
    settings.ALTINN_WELL_KNOWN = ""
    settings.ALTINN_JWKS = str(published_cast.folder / "altinn.json")
    settings.ALTINN_ISSUERS = [tokens.ISSUER]
    settings.PLATFORM_TOKEN_JWKS = str(published_cast.folder / "{issuer}.json")
    settings.PUBLIC_BASE_URL = "https://notifications.example"
    return published_cast


@pytest.fixture(autouse=True)
def _creators_of_this_test() -> Iterator[None]:
    creators.forget_all()
    yield
    creators.forget_all()


class Api:
    """Speaks for ttd unless told otherwise; paths are below the API's base."""

    def __init__(self, token: str) -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {token}"}

    def post(
        self,
        path: str,
        body: Any,
        *,
        content_type: str = "application/json",
        headers: dict[str, str] | None = None,
    ) -> Any:
        """`body` as JSON, unless it is bytes."""
        return self.client.generic(
            "POST",
            BASE + path,
            body if isinstance(body, bytes) else json.dumps(body),
            content_type=content_type,
            headers=self.headers if headers is None else headers,
            # The client would leave it out where there is no body.
            CONTENT_TYPE=content_type,
        )

    def get(self, path: str, *, headers: dict[str, str] | None = None) -> Any:
        return self.client.get(BASE + path, headers=self.headers if headers is None else headers)

    def errors(self, path: str, body: Any) -> dict[str, list[str]]:
        """The errors of a refused request, whose answer has the contract's shape."""
        response = self.post(path, body)
        assert response.status_code == 400, response.content
        problem = response.json()
        assert list(problem) == ["type", "title", "status", "errors", "traceId"]
        errors: dict[str, list[str]] = problem["errors"]
        return errors


@pytest.fixture
def api(cast: Cast) -> Api:
    return Api(cast.bearer())


def is_empty(response: HttpResponse) -> bool:
    """Whether an answer has no body, and says so."""
    return (
        response.content == b""
        and "Content-Type" not in response
        and response["Content-Length"] == "0"
    )
