"""Issuers of tokens, good and bad, with their published keys."""

import base64
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

ISSUER = "https://tokens.example/"
CREATE_SCOPE = "altinn:serviceowner/notifications.create"
COMPOSE_SCOPE = "altinn:serviceowner/notifications.composedemail.create"
EVENTS_SCOPE = "altinn:serviceowner/notifications.events"
END_USER_SCOPE = "altinn:portal/enduser"
SUPPORT_SCOPE = "altinn:notifications.support.admin"


class Signer:
    """A key pair. `kid` is what its tokens claim to be signed with."""

    def __init__(self, kid: str, *, elliptic: bool = False) -> None:
        self.kid = kid
        self.algorithm: Any
        if elliptic:
            self.algorithm = ECAlgorithm(ECAlgorithm.SHA256)
            self._key: Any = ec.generate_private_key(ec.SECP256R1())
        else:
            self.algorithm = RSAAlgorithm(RSAAlgorithm.SHA256)
            self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @property
    def public_key(self) -> Any:
        return self._key.public_key()

    @property
    def jwk(self) -> dict[str, Any]:
        entry = self.algorithm.to_jwk(self.public_key, as_dict=True)
        return {name: value for name, value in entry.items() if name != "key_ops"} | {
            "kid": self.kid,
            "use": "sig",
        }

    def sign(self, claims: dict[str, Any], **header: Any) -> str:
        name = "ES256" if isinstance(self.algorithm, ECAlgorithm) else "RS256"
        header = {"alg": name, "typ": "JWT", "kid": self.kid} | header
        return assemble(header, claims, lambda message: self.algorithm.sign(message, self._key))


def assemble(header: dict[str, Any], claims: dict[str, Any], sign: Callable[[bytes], bytes]) -> str:
    """A token without any of the checks that libraries make: issuers err, attackers want to."""
    message = b".".join(_encoded(json.dumps(part).encode()) for part in (header, claims))
    return (message + b"." + _encoded(sign(message))).decode()


def _encoded(part: bytes) -> bytes:
    return base64.urlsafe_b64encode(part).rstrip(b"=")


def bearer_claims(**changes: Any) -> dict[str, Any]:
    """Those of an Altinn token of ttd with the scope; a change to None leaves a claim out."""
    claims = {
        "iss": ISSUER,
        "exp": int(time.time()) + 600,
        "jti": secrets.token_hex(8),
        "urn:altinn:org": "ttd",
        "urn:altinn:orgNumber": "405003309",
        "urn:altinn:scope": CREATE_SCOPE,
        "urn:altinn:authenticatemethod": "maskinporten",
        "urn:altinn:authlevel": 3,
    } | {name.replace("__", ":"): value for name, value in changes.items()}
    return {name: value for name, value in claims.items() if value is not None}


def platform_claims(**changes: Any) -> dict[str, Any]:
    """Those of an application of ttd; a change to None leaves a claim out."""
    claims = {
        "iss": "ttd",
        "exp": int(time.time()) + 600,
        "jti": secrets.token_hex(8),
        "urn:altinn:app": "apps-test",
    } | changes
    return {name: value for name, value in claims.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Cast:
    """Who signs tokens: Altinn, with two keys, and the application owner ttd."""

    altinn: Signer
    altinn_elliptic: Signer
    ttd: Signer

    @classmethod
    def with_new_keys(cls) -> "Cast":
        return cls(Signer("altinn-1"), Signer("altinn-2", elliptic=True), Signer("ttd-1"))

    def bearer(self, **changes: Any) -> str:
        return self.altinn.sign(bearer_claims(**changes))

    def platform(self, **changes: Any) -> str:
        return self.ttd.sign(platform_claims(**changes))


def publish(path: Path, *signers: Signer) -> None:
    path.write_text(json.dumps({"keys": [signer.jwk for signer in signers]}))
