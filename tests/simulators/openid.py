"""The OpenID provider: its metadata, and the public keys that tokens are verified with."""

import base64
import hashlib
import json
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm

from tests.simulators.answering import trouble_of
from tests.simulators.world import WORLD

METADATA_PATH = "/authentication/.well-known/openid-configuration"


def key_id(key: RSAPublicKey) -> str:
    """The key's thumbprint, by RFC 7638."""
    members = {name: RSAAlgorithm.to_jwk(key, as_dict=True)[name] for name in ("e", "kty", "n")}
    digest = hashlib.sha256(json.dumps(members, separators=(",", ":")).encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def jwks(key: RSAPublicKey) -> dict[str, list[dict[str, Any]]]:
    entry = RSAAlgorithm.to_jwk(key, as_dict=True)
    entry.pop("key_ops", None)
    return {"keys": [entry | {"use": "sig", "alg": "RS256", "kid": key_id(key)}]}


async def _metadata(request: web.Request) -> web.Response:
    base = request.app[WORLD].settings.url + "/authentication/"
    document = {
        "issuer": base,
        "jwks_uri": base + "jwks",
        "authorization_endpoint": base + "authorize",
        "token_endpoint": base + "token",
        "response_types_supported": ["code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }
    return await trouble_of(request.app[WORLD], "openid") or web.json_response(document)


async def _keys(request: web.Request) -> web.Response:
    """The same key for bearer tokens and for the platform tokens of any issuer."""
    world = request.app[WORLD]
    trouble = await trouble_of(world, "openid")
    response = trouble or web.json_response(jwks(world.settings.development_key.public_key()))
    world.calls.record("openid", request.path, size=1, status=response.status)
    return response


ROUTES = (
    web.get(METADATA_PATH, _metadata),
    web.get("/authentication/jwks", _keys),
    web.get("/platform-keys/{issuer}", _keys),
)
