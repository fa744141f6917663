"""Issuers change their keys while the service runs."""

import time

from tests.config.key_server import KeyServer
from tests.contracts.service import Service
from tests.contracts.tokens import Signer, bearer_claims

TIMEOUT = 90.0
"""Keys are read again half a minute after the last time, at the earliest."""


def test_a_token_signed_with_a_new_key_is_accepted_without_a_restart(
    service: Service, published_keys: KeyServer
) -> None:
    new = Signer("altinn-new")
    headers = {"Authorization": f"Bearer {new.sign(bearer_claims())}"}
    assert service.get("/orders/x").status == 400

    published = published_keys.documents["/jwks"]["keys"]
    published_keys.documents["/jwks"] = {"keys": [new.jwk, *published]}

    deadline = time.monotonic() + TIMEOUT
    while service.get("/orders/x", headers=headers).status == 401:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert service.get("/orders/x", headers=headers).status == 400
    assert service.get("/orders/x").status == 400
