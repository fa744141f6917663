"""The API without a server: for tests that look behind what it answers."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.http import HttpResponse
from django.test import Client

from tests.contracts.tokens import ISSUER, Cast, publish

BASE = "/notifications/api/v1"


@pytest.fixture(scope="session")
def published_cast() -> Cast:
    return Cast.with_new_keys()


@pytest.fixture(scope="session")
def key_folder(published_cast: Cast, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The public keys of the cast, as files."""
    folder = tmp_path_factory.mktemp("keys")
    publish(folder / "altinn.json", published_cast.altinn, published_cast.altinn_elliptic)
    publish(folder / "ttd.json", published_cast.ttd)
    return folder


@pytest.fixture
def cast(published_cast: Cast, key_folder: Path, settings: LazySettings) -> Cast:
    """Settings that trust the cast, and nobody else."""
    settings.ALTINN_WELL_KNOWN = ""
    settings.ALTINN_JWKS = str(key_folder / "altinn.json")
    settings.ALTINN_ISSUERS = [ISSUER]
    settings.PLATFORM_TOKEN_JWKS = str(key_folder / "{issuer}.json")
    settings.PUBLIC_BASE_URL = "https://notifications.example"
    return published_cast


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
